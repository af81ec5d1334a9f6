package c2pa_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

// trustingBoth returns a policy that relies on two authorities for signers.
func trustingBoth(t testing.TB, a, b *c2patest.Authority) *c2pa.Policy {
	t.Helper()
	return &c2pa.Policy{Lists: append(trusting(t, a).Lists, trusting(t, b).Lists...)}
}

func TestALaterManifestMayStampAnEarlierOne(t *testing.T) {
	a, clock := c2patest.NewAuthority(), c2patest.NewAuthority(c2patest.ForTimeStamps)
	lasting := c2patest.NewAuthority(func(c *x509.Certificate) { c.NotAfter = later.AddDate(0, 1, 0) })
	policy := withClock(t, trustingBoth(t, a, lasting), clock, c2pa.TimeStamping)
	whole := parent(a, nil)
	signature := whole[len(whole)-64:]
	for name, c := range map[string]struct {
		stamped any
		state   c2pa.State
	}{
		"not stamped":             {c2patest.M{"urn:c2pa:other": clock.Stamp(c2patest.Now, signature)}, c2pa.StateInvalid},
		"stamped in time":         {c2patest.M{parentLabel: clock.Stamp(c2patest.Now, signature)}, c2pa.StateTrusted},
		"stamped too late":        {c2patest.M{parentLabel: clock.Stamp(later, signature)}, c2pa.StateInvalid},
		"another thing stamped":   {c2patest.M{parentLabel: clock.Stamp(c2patest.Now, signature[1:])}, c2pa.StateInvalid},
		"stamped without a token": {c2patest.M{parentLabel: 1}, c2pa.StateInvalid},
	} {
		m := opened(whole, nil)
		m.Assertions = append(m.Assertions, c2patest.Assertion{Label: "c2pa.time-stamp", Data: c.stamped})
		if r := validate(t, lasting.Embed(c2patest.PNG, m), policy, later); r.State != c.state {
			t.Errorf("%s: %s %v", name, r.State, failures(r))
		}
	}
}

func TestRevocationAnswersMayStandInAnAssertion(t *testing.T) {
	a := c2patest.NewAuthority()
	for state, answer := range map[c2pa.State]c2patest.Revocation{
		c2pa.StateTrusted: {Produced: c2patest.Now.AddDate(0, 0, -1), Next: c2patest.Now.AddDate(0, 0, 1)},
		c2pa.StateInvalid: {Produced: c2patest.Now.AddDate(0, 0, -1), Next: c2patest.Now.AddDate(0, 0, 1), RevokedAt: c2patest.Now.AddDate(0, 0, -2)},
	} {
		der := a.Responder().Answer(a.Leaf, a.Root, answer)
		file := a.Embed(c2patest.PNG, assertions(c2patest.Assertion{Label: "c2pa.certificate-status", Data: c2patest.M{"ocspVals": []any{der}}}))
		if r := validate(t, file, trusting(t, a), c2patest.Now); r.State != state {
			t.Errorf("%s, want %s: %v %+v", r.State, state, failures(r), r.Statuses)
		}
	}
}

func TestCompressedManifestsAreUnpacked(t *testing.T) {
	a := c2patest.NewAuthority()
	whole := parent(a, nil)
	other := a.Sign(c2patest.Manifest{})
	for name, c := range map[string]struct {
		packed []byte
		state  c2pa.State
	}{
		"a manifest":                 {c2patest.Compress(parentLabel, whole), c2pa.StateTrusted},
		"one of another label":       {c2patest.Compress(parentLabel, other), c2pa.StateInvalid},
		"one with bytes behind it":   {c2patest.Compress(parentLabel, append(bytes.Clone(whole), 0)), c2pa.StateInvalid},
		"one compressed twice":       {c2patest.Compress(parentLabel, c2patest.Compress(parentLabel, whole)), c2pa.StateInvalid},
		"nothing":                    {c2patest.Compress(parentLabel, nil), c2pa.StateInvalid},
		"something else":             {c2patest.Superbox("c2cm", parentLabel, c2patest.Box("brob", []byte("not Brotli"))), c2pa.StateInvalid},
		"no compressed box":          {c2patest.Superbox("c2cm", parentLabel, c2patest.Box("free", whole)), c2pa.StateInvalid},
		"two compressed boxes":       {c2patest.Superbox("c2cm", parentLabel, c2patest.Box("brob", nil), c2patest.Box("brob", nil)), c2pa.StateInvalid},
		"a damaged one, signed over": {c2patest.Compress(parentLabel, flipLast(whole)), c2pa.StateInvalid},
	} {
		m := opened(whole, nil)
		m.Before = [][]byte{c.packed}
		if r := validate(t, a.Embed(c2patest.PNG, m), trusting(t, a), c2patest.Now); r.State != c.state {
			t.Errorf("%s: %s %v %s", name, r.State, failures(r), r.Reason)
		}
	}
}

func TestACompressedManifestMayNotUnpackToMoreThanTheLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("compresses 65 MB")
	}
	a := c2patest.NewAuthority()
	bomb := c2patest.Compress(parentLabel, c2patest.Superbox("c2ma", parentLabel, c2patest.Box("free", make([]byte, 65<<20))))
	m := opened(parent(a, nil), nil)
	m.Before = [][]byte{bomb}
	file := a.Embed(c2patest.PNG, m)
	if r := validate(t, file, trusting(t, a), c2patest.Now); r.State != c2pa.StateInvalid {
		t.Errorf("%d bytes that unpack to 65 MB: %s", len(bomb), r.State)
	}
}

// TestPrintedFormsSayWhatTheReportSays looks at what other programs read of the two printed forms.
func TestPrintedFormsSayWhatTheReportSays(t *testing.T) {
	a := c2patest.NewAuthority()
	r := validate(t, a.Embed(c2patest.PNG, opened(parent(a, nil), nil)), trusting(t, a), c2patest.Now)
	var reader struct {
		Active    string `json:"active_manifest"`
		State     string `json:"validation_state"`
		Manifests map[string]struct {
			Label       string            `json:"label"`
			Assertions  []json.RawMessage `json:"assertions"`
			Ingredients []struct {
				Relationship string `json:"relationship"`
				Active       string `json:"active_manifest"`
			} `json:"ingredients"`
			Signature struct {
				Alg  string `json:"alg"`
				Name string `json:"common_name"`
			} `json:"signature_info"`
		} `json:"manifests"`
	}
	parse(t, r.JSON, &reader)
	active := reader.Manifests[c2patest.Label]
	if reader.Active != c2patest.Label || reader.State != "Trusted" || len(reader.Manifests) != 2 || active.Label != c2patest.Label {
		t.Errorf("%+v", reader)
	}
	if diff := cmp.Diff([]string{"Es256", "Test Signer"}, []string{active.Signature.Alg, active.Signature.Name}); diff != "" {
		t.Error(diff)
	}
	if len(active.Ingredients) != 1 || active.Ingredients[0].Relationship != "parentOf" || active.Ingredients[0].Active != parentLabel {
		t.Errorf("ingredients %+v", active.Ingredients)
	}
	var cr struct {
		Context   any `json:"@context"`
		Manifests []struct {
			Label string         `json:"label"`
			Claim map[string]any `json:"claim.v2"`
		} `json:"manifests"`
	}
	parse(t, r.CrJSON, &cr)
	if cr.Context == nil || len(cr.Manifests) != 2 || cr.Manifests[0].Label != c2patest.Label || cr.Manifests[0].Claim["instanceID"] != "xmp:iid:1" {
		t.Errorf("%+v", cr)
	}
}

func parse(t *testing.T, print func() ([]byte, error), v any) {
	t.Helper()
	data, err := print()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}
