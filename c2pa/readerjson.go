package c2pa

import (
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// Schema names the form of [Report.JSON].
const Schema = "wherefrom.network/c2pa/v1"

// JSON prints the report in the shape that users of c2patool know: active_manifest, manifests, validation_state and
// validation_results. The same report always gives the same bytes.
func (r *Report) JSON() ([]byte, error) {
	doc := object{"schema": Schema, "validation_state": r.State}
	if r.Reason != "" {
		doc["reason"] = r.Reason
	}
	if r.Remote != "" {
		doc["remote_manifest_url"] = r.Remote
	}
	if r.Partial {
		doc["partial"] = true
	}
	if r.Active != "" {
		doc["active_manifest"] = r.Active
	}
	manifests := object{}
	for _, m := range r.manifests {
		if m.claim != nil {
			manifests[m.label] = r.readerManifest(m)
		}
	}
	doc["manifests"] = manifests
	if len(r.all) > 0 {
		results := object{"activeManifest": statusCodes(r.Statuses), "specVersion": specVersion, "validationTime": r.At.UTC().Format(time.RFC3339)}
		if len(r.Deltas) > 0 {
			results["ingredientDeltas"] = deltas(r.Deltas)
		}
		doc["validation_results"] = results
	}
	return encode(doc)
}

func (r *Report) readerManifest(m *manifest) object {
	out := object{"label": m.label, "claim_version": m.claim.version, "assertions": []object{}, "ingredients": []object{}}
	for field, name := range map[string]string{"claim_generator": "claim_generator", "dc:title": "title", "dc:format": "format", "instanceID": "instance_id"} {
		if s := m.claim.text(field); s != "" {
			out[name] = s
		}
	}
	out["claim_generator_info"] = generatorInfo(m.claim)
	if len(m.claim.redacted) > 0 {
		out["redactions"] = m.claim.redacted
	}
	assertions, ingredients := []object{}, []object{}
	for _, ref := range m.claim.refs {
		a := m.referred(ref.hashedURI)
		switch {
		case a == nil || isBinding(a.name):
		case strings.HasPrefix(a.label, "c2pa.thumbnail.claim"):
			out["thumbnail"] = object{"format": a.media, "identifier": assertionURI(m.label, a.label)}
		case a.name == "c2pa.ingredient":
			ingredients = append(ingredients, readerIngredient(a))
		case a.media == "":
			assertions = append(assertions, readerAssertion(m, a, ref.created))
		}
	}
	out["assertions"], out["ingredients"] = assertions, ingredients
	if s := r.signers[m.label]; s != nil {
		out["signature_info"] = s.print()
	}
	return out
}

func generatorInfo(c *claim) any {
	if c.version > 1 {
		return []any{printable(c.fields["claim_generator_info"], "", "")}
	}
	if list, ok := cbor.List(c.fields, "claim_generator_info"); ok {
		return printable(list, "", "")
	}
	return []any{}
}

func readerAssertion(m *manifest, a *assertion, created bool) object {
	base, instance := splitLabel(a.label)
	out := object{"label": base, "data": printable(a.data, "", "")}
	if instance > 0 {
		out["instance"] = instance + 1
	}
	if _, ok := a.data.(map[string]any); ok {
		out["kind"] = "Json"
	}
	if m.claim.version > 1 {
		out["created"] = created
	}
	return out
}

func readerIngredient(a *assertion) object {
	f := a.fields()
	out := object{"label": a.label}
	for field, name := range map[string]string{
		"dc:title": "title", "dc:format": "format", "instanceID": "instance_id", "documentID": "document_id",
		"relationship": "relationship", "description": "description", "validationResults": "validation_results", "validationStatus": "validation_status",
	} {
		if v, ok := f[field]; ok {
			out[name] = printable(v, "", "")
		}
	}
	for _, field := range []string{"activeManifest", "c2pa_manifest"} {
		if h, ok := readHashedURI(f[field]); ok {
			if addr, ok := parseAddress(h.url); ok {
				out["active_manifest"] = addr.manifest
			}
		}
	}
	return out
}

// print shows a signer as c2patool does, and which list vouches for it.
func (s *Signer) print() object {
	out := object{"issuer": s.Organization, "common_name": s.Name, "cert_serial_number": s.Serial}
	if s.Algorithm != "" {
		name := algorithmName(s.Algorithm)
		out["alg"] = strings.ToUpper(name[:1]) + name[1:]
	}
	if !s.Stamped.IsZero() {
		out["time"] = s.Stamped.UTC().Format(time.RFC3339)
		out["time_stamp_list"] = s.StampList
	}
	if s.List != "" {
		out["trust_list"] = s.List
	}
	return out
}
