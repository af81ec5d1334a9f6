package c2pa

import (
	"fmt"
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
		case a.name == "c2pa.time-stamp":
			v.checkStampAssertion(a, uri)
		case a.name == "cawg.identity":
			v.checkIdentity(m, a, uri)
		case m.claim.version > 1 && a.name == "c2pa.metadata":
			v.checkMetadata(a, uri)
		}
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
	ok5 = ok5 && cbor.Has(location, "hash") && cbor.Has(location, "alg")
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

// checkMetadata applies C2PA 15.10.3.2.3: the metadata is a JSON-LD object with a context that declares every prefix it
// uses, and it has only the schemas and fields of appendix B. Metadata under other labels may hold anything.
func (v *validator) checkMetadata(a *assertion, uri string) {
	object := textKeys(a.data)
	context := textKeys(object["@context"])
	if len(context) == 0 {
		v.fail(codeMetadataDisallowed, uri, "no context")
		return
	}
	var bad []string
	for prefix, ns := range context {
		if metadataSchemas[prefix] != nil && !slices.Contains(metadataSchemas[prefix], fmt.Sprint(ns)) {
			bad = append(bad, prefix)
		}
	}
	for key := range object {
		prefix, name, found := strings.Cut(key, ":")
		_, declared := context[prefix]
		if found && !declared || key != "@context" && !metadataAllowed(prefix, name) {
			bad = append(bad, key)
		}
	}
	if len(bad) > 0 {
		slices.Sort(bad)
		v.fail(codeMetadataDisallowed, uri, strings.Join(slices.Compact(bad), ", "))
	}
}

// textKeys returns an object of JSON or CBOR whose keys are all text, or nil.
func textKeys(v any) map[string]any {
	switch m := v.(type) {
	case map[string]any:
		return m
	case cbor.Map:
		out := make(map[string]any, len(m))
		for k, e := range m {
			s, ok := k.(string)
			if !ok {
				return nil
			}
			out[s] = e
		}
		return out
	}
	return nil
}
