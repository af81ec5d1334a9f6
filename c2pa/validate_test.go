package c2pa_test

import (
	"bytes"
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

// trusting returns a policy that relies on an authority's root for signers.
func trusting(t testing.TB, a *c2patest.Authority) *c2pa.Policy {
	t.Helper()
	list, err := c2pa.NewTrustList("test", c2pa.ClaimSigning, a.PEM())
	if err != nil {
		t.Fatal(err)
	}
	return &c2pa.Policy{Lists: []*c2pa.TrustList{list}}
}

func validate(t testing.TB, file []byte, p *c2pa.Policy, at time.Time) *c2pa.Report {
	t.Helper()
	r, err := c2pa.Validate(c2pa.Input{Asset: bytes.NewReader(file), Size: int64(len(file))}, p, at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryCarrierIsTrustedByItsAuthority(t *testing.T) {
	a := c2patest.NewAuthority()
	for format, carry := range c2patest.Carriers {
		t.Run(format, func(t *testing.T) {
			file := a.Embed(carry, c2patest.Manifest{})
			r := validate(t, file, trusting(t, a), c2patest.Now)
			if r.State != c2pa.StateTrusted || r.Format != format {
				t.Errorf("%s as %s: %v %s", r.State, r.Format, failures(r), r.Reason)
			}
			if s := r.Signer(c2patest.Label); s == nil || s.List != "test" || s.Name != "Test Signer" {
				t.Errorf("signer %+v", s)
			}
			if r := validate(t, file, nil, c2patest.Now); r.State != c2pa.StateValid {
				t.Errorf("without a list: %s %v", r.State, failures(r))
			}
		})
	}
}

func TestFilesWithoutCredentialsAreNotJudged(t *testing.T) {
	for format, carry := range c2patest.Carriers {
		file, _, _ := carry(nil)
		if format == "image/svg+xml" || format == "audio/mpeg" || format == "image/tiff" {
			continue // these carriers always write a store's place
		}
		if r := validate(t, file, nil, c2patest.Now); r.State != c2pa.StateNone {
			t.Errorf("%s: %s %s", format, r.State, r.Reason)
		}
	}
	if r := validate(t, []byte("plain words"), nil, c2patest.Now); r.State != c2pa.StateUnknown {
		t.Errorf("an unknown kind of file: %s", r.State)
	}
}

// story is one way to make or judge a signed PNG, and what has to be said of it.
type story struct {
	name     string
	profile  c2patest.Profile
	manifest c2patest.Manifest
	change   func(file []byte) []byte
	at       time.Time
	state    c2pa.State
	failures []string
}

func assertions(more ...c2patest.Assertion) c2patest.Manifest {
	return c2patest.Manifest{Assertions: append([]c2patest.Assertion{c2patest.Created}, more...)}
}

func actions(list ...any) c2patest.Manifest {
	return c2patest.Manifest{Assertions: []c2patest.Assertion{{Label: "c2pa.actions.v2", Data: c2patest.M{"actions": list}}}}
}

func claim(change func(c2patest.M)) c2patest.Manifest { return c2patest.Manifest{Claim: change} }

var created = c2patest.M{"action": "c2pa.created", "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"}

var signatureStories = []story{
	{name: "a picture byte changed", change: flipLast, failures: []string{"assertion.dataHash.mismatch"}},
	{name: "bytes added at the end", change: func(b []byte) []byte { return append(b, 1) }, failures: []string{"assertion.dataHash.mismatch"}},
	{
		name: "judged before the certificate began", at: c2patest.NotBefore.Add(-time.Hour),
		failures: []string{"claimSignature.outsideValidity", "signingCredential.expired", "signingCredential.untrusted"},
	},
	{
		name: "judged after the certificate ended", at: c2patest.NotAfter.Add(time.Hour),
		failures: []string{"claimSignature.outsideValidity", "signingCredential.expired", "signingCredential.untrusted"},
	},
	{
		name: "certificate of an authority", profile: func(c *x509.Certificate) {
			c.IsCA, c.KeyUsage = true, x509.KeyUsageDigitalSignature|x509.KeyUsageCertSign
		},
		failures: []string{"signingCredential.invalid"},
	},
	{
		name: "certificate for time stamps", profile: func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping} },
		failures: []string{"signingCredential.invalid", "signingCredential.untrusted"},
	},
	{name: "certificate for any purpose", profile: func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny, x509.ExtKeyUsageEmailProtection}
	}, failures: []string{"signingCredential.invalid"}},
	{
		name: "certificate without purpose", profile: func(c *x509.Certificate) { c.ExtKeyUsage = nil },
		failures: []string{"signingCredential.invalid", "signingCredential.untrusted"},
	},
	{name: "key not for signatures", profile: func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, failures: []string{"signingCredential.invalid"}},
	{
		name: "data in the padding of the signature", manifest: c2patest.Manifest{Header: func(h c2patest.M) { h["pad"] = []byte("<script>") }},
		failures: []string{"assertion.dataHash.mismatch"},
	},
	{
		name: "certificates in two places", manifest: c2patest.Manifest{Header: func(h c2patest.M) { h["x5chain"] = []any{[]byte{1}} }},
		failures: []string{"claimSignature.mismatch", "signingCredential.invalid", "signingCredential.untrusted"},
	},
}

var claimStories = []story{
	{name: "no hash algorithm", manifest: claim(func(c c2patest.M) { delete(c, "alg") }), failures: []string{"algorithm.unsupported"}},
	{name: "weak hash algorithm that nothing uses", manifest: claim(func(c c2patest.M) { c["alg"] = "sha1" }), state: c2pa.StateTrusted},
	{name: "no instance", manifest: claim(func(c c2patest.M) { delete(c, "instanceID") }), failures: []string{"claim.malformed"}},
	{name: "generator without a name", manifest: claim(func(c c2patest.M) { c["claim_generator_info"] = c2patest.M{} }), failures: []string{"claim.malformed"}},
	{name: "a field of a version to come", manifest: claim(func(c c2patest.M) { c["specVersion"] = "9" }), state: c2pa.StateTrusted},
	{
		name: "signature elsewhere", manifest: claim(func(c c2patest.M) { c["signature"] = "self#jumbf=/c2pa/urn:c2pa:x/c2pa.signature" }),
		failures: []string{"claimSignature.missing"},
	},
	{name: "redacts its own assertion", manifest: claim(func(c c2patest.M) {
		c["redacted_assertions"] = []any{"self#jumbf=/c2pa/" + c2patest.Label + "/c2pa.assertions/c2pa.actions.v2"}
	}), failures: []string{"assertion.action.malformed", "assertion.action.redacted", "assertion.selfRedacted", "assertion.notRedacted"}},
	{name: "assertion of another manifest", manifest: claim(func(c c2patest.M) {
		refs := c["created_assertions"].([]any)
		c["created_assertions"] = append(refs, c2patest.M{"url": "self#jumbf=/c2pa/urn:c2pa:x/c2pa.assertions/a", "hash": make([]byte, 32)})
	}), failures: []string{"assertion.missing", "assertion.outsideManifest"}},
	{name: "assertion that is not there", manifest: claim(func(c c2patest.M) {
		refs := c["created_assertions"].([]any)
		c["created_assertions"] = append(refs, c2patest.M{"url": "self#jumbf=c2pa.assertions/a", "hash": make([]byte, 32)})
	}), failures: []string{"assertion.missing"}},
	{name: "assertion nobody listed", manifest: claim(func(c c2patest.M) {
		refs := c["created_assertions"].([]any)
		c["created_assertions"] = refs[1:]
	}), failures: []string{"assertion.action.malformed", "assertion.undeclared"}},
	{name: "binding gathered, not created", manifest: claim(func(c c2patest.M) {
		refs := c["created_assertions"].([]any)
		c["created_assertions"], c["gathered_assertions"] = refs[:1], refs[1:]
	}), failures: []string{"claim.hardBindings.missing"}},
	{
		name: "two bindings", manifest: assertions(c2patest.Assertion{Label: "c2pa.hash.boxes", Data: c2patest.M{"boxes": []any{}}}),
		failures: []string{"assertion.boxesHash.malformed", "assertion.multipleHardBindings"},
	},
}

var actionStories = []story{
	{name: "no actions", manifest: c2patest.Manifest{Assertions: []c2patest.Assertion{{Label: "org.other", Data: 1}}}, failures: []string{"assertion.action.malformed"}},
	{name: "an empty list of actions", manifest: actions(), failures: []string{"assertion.action.malformed"}},
	{name: "created is not first", manifest: actions(c2patest.M{"action": "c2pa.edited"}, created), failures: []string{"assertion.action.malformed"}},
	{name: "created twice", manifest: actions(created, created), failures: []string{"assertion.action.malformed"}},
	{name: "created by nothing", manifest: actions(c2patest.M{"action": "c2pa.created"}), failures: []string{"assertion.action.malformed"}},
	{name: "opened without a parent", manifest: actions(c2patest.M{"action": "c2pa.opened"}), failures: []string{"assertion.action.ingredientMismatch"}},
	{
		name: "placed nothing", manifest: actions(created, c2patest.M{"action": "c2pa.placed", "parameters": c2patest.M{"ingredients": []any{}}}),
		failures: []string{"assertion.action.ingredientMismatch"},
	},
	{name: "redacted nothing", manifest: actions(created, c2patest.M{"action": "c2pa.redacted"}), failures: []string{"assertion.action.redactionMismatch"}},
	{name: "translated to nowhere", manifest: actions(created, c2patest.M{"action": "c2pa.translated"}), failures: []string{"assertion.action.malformed"}},
	{name: "watermark without a word on it", manifest: actions(created, c2patest.M{"action": "c2pa.watermarked.bound"}), failures: []string{"assertion.action.softBindingMissing"}},
	{name: "edited", manifest: actions(created, c2patest.M{"action": "c2pa.edited"}), state: c2pa.StateTrusted},
}

var assertionStories = []story{
	{name: "ingredient of unknown origin", manifest: assertions(c2patest.Assertion{Label: "c2pa.ingredient.v3", Data: c2patest.M{"relationship": "componentOf"}}), state: c2pa.StateTrusted},
	{name: "ingredient without relationship", manifest: assertions(c2patest.Assertion{Label: "c2pa.ingredient.v3", Data: c2patest.M{}}), failures: []string{"assertion.ingredient.malformed"}},
	{name: "ingredient that is its own ingredient", manifest: assertions(ingredient(c2patest.Label, []byte("12345678"))), failures: []string{"assertion.ingredient.malformed"}},
	{name: "ingredient with results that are none", manifest: assertions(c2patest.Assertion{Label: "c2pa.ingredient.v3", Data: c2patest.M{
		"relationship": "componentOf", "validationResults": c2patest.M{"activeManifest": c2patest.M{}},
		"activeManifest": c2patest.HashedURI("self#jumbf=/c2pa/"+c2patest.Label, []byte("12345678")),
	}}), failures: []string{"assertion.ingredient.malformed"}},
	{name: "ingredient whose manifest is not there", manifest: assertions(ingredient("urn:c2pa:gone", []byte("12345678"))), failures: []string{"ingredient.manifest.missing"}},
	{name: "two parents", manifest: assertions(
		c2patest.Assertion{Label: "c2pa.ingredient.v3", Data: c2patest.M{"relationship": "parentOf"}},
		c2patest.Assertion{Label: "c2pa.ingredient.v3__1", Data: c2patest.M{"relationship": "parentOf"}}), failures: []string{"manifest.multipleParents"}},
	{name: "metadata of a forbidden kind", manifest: assertions(c2patest.Assertion{Label: "c2pa.metadata", Data: c2patest.M{
		"@context": c2patest.M{"dc": "http://purl.org/dc/elements/1.1/"}, "dc:creator": "me",
	}}), failures: []string{"assertion.metadata.disallowed"}},
	{name: "binding kept elsewhere", manifest: assertions(c2patest.Assertion{Label: "c2pa.cloud-data", Data: c2patest.M{
		"label": "c2pa.hash.data", "size": 1, "content_type": "a/b", "location": c2patest.M{"url": "https://example.org", "alg": "sha256", "hash": make([]byte, 32)},
	}}), failures: []string{"assertion.cloud-data.hardBinding"}},
	{name: "time stamps that are none", manifest: assertions(c2patest.Assertion{Label: "c2pa.time-stamp", Data: c2patest.M{}}), failures: []string{"assertion.timestamp.malformed"}},
	{name: "identity without content", manifest: assertions(c2patest.Assertion{Label: "cawg.identity", Data: c2patest.M{}}), failures: []string{"assertion.required.missing"}},
}

func ingredient(label string, manifest []byte) c2patest.Assertion {
	return c2patest.Assertion{Label: "c2pa.ingredient.v3", Data: c2patest.M{
		"relationship": "componentOf", "validationResults": c2patest.M{"activeManifest": codes()},
		"activeManifest": c2patest.HashedURI("self#jumbf=/c2pa/"+label, manifest),
	}}
}

func flipLast(b []byte) []byte {
	out := slices.Clone(b)
	out[len(out)-20] ^= 1
	return out
}

func TestStories(t *testing.T) {
	for _, group := range [][]story{signatureStories, claimStories, actionStories, assertionStories} {
		for _, s := range group {
			t.Run(s.name, s.tell)
		}
	}
}

func (s story) tell(t *testing.T) {
	var profiles []c2patest.Profile
	if s.profile != nil {
		profiles = append(profiles, s.profile)
	}
	a := c2patest.NewAuthority(profiles...)
	file := a.Embed(c2patest.PNG, s.manifest)
	if s.change != nil {
		file = s.change(file)
	}
	if s.at.IsZero() {
		s.at = c2patest.Now
	}
	if s.state == "" {
		s.state = c2pa.StateInvalid
	}
	r := validate(t, file, trusting(t, a), s.at)
	want := slices.Clone(s.failures)
	slices.Sort(want)
	if diff := cmp.Diff(want, failures(r)); diff != "" || r.State != s.state {
		t.Errorf("state %s, want %s; failures (-want +got):\n%s", r.State, s.state, diff)
	}
	for _, st := range r.Statuses {
		if st.Explanation == "" {
			t.Errorf("%s says nothing to a person", st.Code)
		}
	}
}
