package c2pa

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

// Names that stand in every printed report.
const (
	generatorName    = "wherefrom"
	generatorVersion = "0.1.0"
	specVersion      = "2.2.0"
)

// CrJSON prints the report as Content Credential JSON (crJSON), the form the C2PA conformance programme asks for. The
// same report always gives the same bytes.
func (r *Report) CrJSON() ([]byte, error) {
	manifests := []object{}
	for _, m := range r.inOrder() {
		if m.claim != nil {
			manifests = append(manifests, r.crManifest(m))
		}
	}
	doc := object{
		"@context":      object{"@vocab": "https://c2pa.org/crjson", "extras": "https://c2pa.org/crjson/extras"},
		"manifests":     manifests,
		"jsonGenerator": object{"name": generatorName, "version": generatorVersion},
		"extras:state":  r.State,
	}
	if r.Reason != "" {
		doc["extras:reason"] = r.Reason
	}
	for key, is := range map[string]func(*manifest) bool{
		"extras:updateManifests":     func(m *manifest) bool { return m.update },
		"extras:compressedManifests": func(m *manifest) bool { return m.compressed },
	} {
		if list := r.labels(is); len(list) > 0 {
			doc[key] = list
		}
	}
	if len(manifests) == 0 && len(r.all) > 0 {
		doc["extras:validationResults"] = statusCodes(r.all)
	}
	return encode(doc)
}

// inOrder returns the manifests with the active one, which is the last of the store, first.
func (r *Report) inOrder() []*manifest {
	out := slices.Clone(r.manifests)
	slices.Reverse(out)
	return out
}

// labels returns the labels of the manifests of one kind.
func (r *Report) labels(is func(*manifest) bool) []string {
	var out []string
	for _, m := range r.inOrder() {
		if is(m) {
			out = append(out, m.label)
		}
	}
	return out
}

func (r *Report) crManifest(m *manifest) object {
	assertions := object{}
	for _, a := range m.assertions {
		assertions[a.label] = a.crValue(assertionURI(m.label, a.label))
	}
	out := object{
		"label":             m.label,
		"assertions":        assertions,
		"signature":         r.crSignature(m.label),
		"validationResults": r.crResults(m),
	}
	claim := printable(m.claim.fields, "b64'", "'").(object)
	if m.claim.version > 1 {
		out["claim.v2"] = claim
	} else {
		if list, _ := claim["claim_generator_info"].([]any); len(list) == 0 {
			claim["claim_generator_info"] = []object{{"name": m.claim.text("claim_generator")}}
		}
		out["claim"] = claim
	}
	if m.label == r.Active && len(r.Deltas) > 0 {
		out["ingredientDeltas"] = deltas(r.Deltas)
	}
	return out
}

// crValue prints an assertion. Of an embedded file only its type and hash are shown.
func (a *assertion) crValue(uri string) any {
	if a.media == "" {
		return printable(a.data, "b64'", "'")
	}
	return object{
		"format": a.media, "identifier": uri,
		"hash": "b64'" + base64.StdEncoding.EncodeToString(sum(sha256Alg, a.box.Data)) + "'",
	}
}

func (r *Report) crSignature(label string) object {
	out := object{"algorithm": "unknown", "certificateInfo": object{"serialNumber": "", "issuer": object{}, "subject": object{}, "validity": object{}}}
	s := r.signers[label]
	if s == nil {
		return out
	}
	out["certificateInfo"] = certificateInfo(s.cert)
	if s.Algorithm != "" {
		out["algorithm"] = algorithmName(s.Algorithm)
	}
	if s.stampCert != nil {
		out["timeStampInfo"] = object{"timestamp": s.Stamped.UTC().Format(time.RFC3339), "certificateInfo": certificateInfo(s.stampCert)}
	}
	return out
}

func algorithmName(alg string) string {
	if alg == "EdDSA" {
		return "ed25519"
	}
	return strings.ToLower(alg)
}

func certificateInfo(c *pki.Certificate) object {
	return object{
		"serialNumber": fmt.Sprintf("%x", c.SerialNumber),
		"issuer":       distinguished(c.Issuer),
		"subject":      distinguished(c.Subject),
		"validity":     object{"notBefore": c.NotBefore.UTC().Format(time.RFC3339), "notAfter": c.NotAfter.UTC().Format(time.RFC3339)},
	}
}

// crResults gathers what was found about one manifest, wherever it was found.
func (r *Report) crResults(m *manifest) object {
	var about []Status
	for _, s := range r.all {
		addr, ok := parseAddress(s.URL)
		inside := ok && addr.manifest == m.label
		if inside || m.label == r.Active && s.ingredient == "" {
			about = append(about, s)
		}
	}
	out := statusCodes(about)
	out["specVersion"] = specVersion
	out["validationTime"] = r.At.UTC().Format(time.RFC3339)
	return out
}
