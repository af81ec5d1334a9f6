package c2pa

import (
	"slices"
	"strings"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// checkOthers applies the rules that single kinds of assertion have, C2PA 15.10.3.2.
func (v *validator) checkOthers(m *manifest) {
	for _, ref := range m.claim.refs {
		a := m.referred(ref.hashedURI)
		if a == nil || a.zeroed() || v.isRedacted(m, a.label) {
			continue
		}
		uri := assertionURI(m.label, a.label)
		switch {
		case a.name == "c2pa.cloud-data":
			v.checkCloudData(m, a, uri)
		case a.name == "c2pa.soft-binding":
			v.checkSoftBinding(m, a, uri)
		case a.name == "c2pa.time-stamp":
			v.checkStampAssertion(a, uri)
		case a.name == "cawg.identity":
			v.unsupported("CAWG identity assertions are not validated yet")
		case m.claim.version > 1 && isMetadata(a.name):
			v.checkMetadata(a, uri)
		}
	}
}

// unsupported records that something stands in the manifest which cannot be judged yet: the answer is then that we
// cannot tell, whatever else was found good.
func (v *validator) unsupported(what string) {
	if !slices.Contains(v.r.unsupported, what) {
		v.r.unsupported = append(v.r.unsupported, what)
	}
}

// checkCloudData applies C2PA 15.10.3.2.1. The data itself is elsewhere and is not fetched.
func (v *validator) checkCloudData(m *manifest, a *assertion, uri string) {
	f := a.fields()
	label, ok1 := cbor.Text(f, "label")
	_, ok2 := cbor.Text(f, "content_type")
	size, ok3 := cbor.Int(f["size"])
	location, ok4 := cbor.Get[cbor.Map](f, "location")
	url, ok5 := cbor.Text(location, "url")
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || size < 1 || label == "" || url == "" {
		v.fail(codeCloudMalformed, uri, "")
		return
	}
	name, _ := splitVersion(label)
	if isBinding(name) {
		v.fail(codeCloudBinding, uri, "")
	}
	if m.update && name == "c2pa.actions" {
		v.fail(codeCloudActions, uri, "")
	}
}

// checkSoftBinding accepts only algorithms the reader knows, as the reference does.
func (v *validator) checkSoftBinding(m *manifest, a *assertion, uri string) {
	alg, ok := cbor.Text(a.fields(), "alg")
	if !ok {
		alg = m.claim.text("alg_soft")
	}
	switch {
	case a.fields() == nil || alg == "":
		v.fail(codeClaimMalformed, uri, "the soft binding names no algorithm")
	case !slices.Contains(v.policy.SoftBindings, alg):
		v.fail(codeAlgUnsupported, uri, "the soft binding "+alg)
	}
}

// checkStampAssertion applies C2PA 15.10.3.2.4.
func (v *validator) checkStampAssertion(a *assertion, uri string) {
	f := a.fields()
	if len(f) == 0 {
		v.fail(codeStampAssertion, uri, "")
		return
	}
	for k, token := range f { // order does not matter: any bad entry gives the same one finding
		_, ok1 := k.(string)
		_, ok2 := token.([]byte)
		if !ok1 || !ok2 {
			v.fail(codeStampAssertion, uri, "")
			return
		}
	}
}

// gather collects, before anything is judged, the time stamps and revocation answers that manifests carry for each other.
func (v *validator) gather() {
	for _, m := range v.order {
		for _, a := range m.kind("c2pa.time-stamp") {
			for k, token := range a.fields() { // filed by manifest, so order does not matter
				label, ok1 := k.(string)
				der, ok2 := token.([]byte)
				if ok1 && ok2 {
					v.stamps[label] = append(v.stamps[label], der)
				}
			}
		}
		for _, a := range m.kind("c2pa.certificate-status") {
			list, _ := cbor.List(a.fields(), "ocspVals")
			for _, e := range list {
				if der, ok := e.([]byte); ok {
					v.ocsp = append(v.ocsp, der)
				}
			}
		}
	}
}

func isMetadata(name string) bool {
	return strings.HasSuffix(name, ".metadata") && name != "c2pa.assertion.metadata"
}

// checkMetadata applies C2PA 15.10.3.2.3 as far as it is built: the metadata is a JSON-LD object with a context, and
// every prefix it uses is declared there.
func (v *validator) checkMetadata(a *assertion, uri string) {
	object, ok := a.data.(map[string]any)
	context, hasContext := object["@context"].(map[string]any)
	if !ok || !hasContext || len(context) == 0 {
		v.fail(codeMetadataDisallowed, uri, "no context")
		return
	}
	var bad []string
	for key := range object {
		prefix, _, found := strings.Cut(key, ":")
		if _, declared := context[prefix]; found && !declared {
			bad = append(bad, key)
		}
		if a.name == "c2pa.metadata" && !strings.HasPrefix(key, "@") {
			bad = append(bad, v.metadataField(key, prefix, context)...)
		}
	}
	slices.Sort(bad)
	if len(bad) > 0 {
		v.fail(codeMetadataDisallowed, uri, strings.Join(slices.Compact(bad), ", "))
	}
}

func (v *validator) metadataField(key, prefix string, context map[string]any) []string {
	v.unsupported("the list of fields that c2pa.metadata may have is not built yet")
	return nil
}
