package c2pa_test

import (
	"crypto/ed25519"
	"slices"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

func TestAPersonNamedByCertificate(t *testing.T) {
	a, person := c2patest.NewAuthority(), c2patest.NewAuthority()
	list, err := c2pa.NewTrustList("people", c2pa.Identity, person.PEM())
	if err != nil {
		t.Fatal(err)
	}
	signers := trusting(t, a)
	known := &c2pa.Policy{Lists: append(slices.Clone(signers.Lists), list)}
	for _, c := range []struct {
		name   string
		about  func(c2patest.Assertion) c2patest.Assertion
		policy *c2pa.Policy
		state  c2pa.State
		code   string
	}{
		{"known", person.Identity, known, c2pa.StateTrusted, "cawg.x509.credential.trusted"},
		{"unknown", person.Identity, signers, c2pa.StateValid, "cawg.x509.credential.untrusted"},
		{"of another picture", func(c2patest.Assertion) c2patest.Assertion {
			return person.Identity(c2patest.DataHash([]byte("another"), 0, 0))
		}, known, c2pa.StateValid, "cawg.identity.assertion.mismatch"},
		{"not bound to content", func(c2patest.Assertion) c2patest.Assertion { return person.Identity(c2patest.Created) }, known, c2pa.StateValid, "cawg.identity.hard_binding_missing"},
		{"with data in the padding", func(b c2patest.Assertion) c2patest.Assertion {
			as := person.Identity(b)
			as.Data.(c2patest.M)["pad1"] = []byte("data")
			return as
		}, known, c2pa.StateValid, "cawg.identity.pad.invalid"},
		{"signed by nobody", func(b c2patest.Assertion) c2patest.Assertion {
			as := person.Identity(b)
			as.Data.(c2patest.M)["signature"] = []byte("none")
			return as
		}, known, c2pa.StateValid, "cawg.x509.signature.mismatch"},
		{"with another's signature", func(b c2patest.Assertion) c2patest.Assertion {
			as := person.Identity(b)
			as.Data.(c2patest.M)["signature"] = person.Identity(c2patest.Created).Data.(c2patest.M)["signature"]
			return as
		}, known, c2pa.StateValid, "cawg.x509.signature.mismatch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := a.Embed(c2patest.PNG, c2patest.Manifest{About: c.about})
			expect(t, validate(t, file, c.policy, c2patest.Now), c.state, c.code)
		})
	}
}

// expect fails unless a report has a state and a status.
func expect(t testing.TB, r *c2pa.Report, state c2pa.State, code string) {
	t.Helper()
	if r.State != state || !slices.ContainsFunc(r.Statuses, func(s c2pa.Status) bool { return s.Code == code }) {
		t.Errorf("%s %v, want %s and %s among %+v", r.State, failures(r), state, code, r.Statuses)
	}
}

func TestAPersonNamedByCredential(t *testing.T) {
	a := c2patest.NewAuthority()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	with := func(field string, value any) *c2patest.Issuer {
		return &c2patest.Issuer{Key: key, Change: func(m map[string]any) { m[field] = value }}
	}
	plain := &c2patest.Issuer{Key: key}
	accepted := trusting(t, a)
	accepted.IdentityIssuers = []string{plain.DID()}
	for _, c := range []struct {
		name   string
		issuer *c2patest.Issuer
		policy *c2pa.Policy
		state  c2pa.State
		code   string
	}{
		{"accepted", plain, accepted, c2pa.StateTrusted, "cawg.ica.credential_valid"},
		{"by an issuer nobody accepts", plain, trusting(t, a), c2pa.StateTrusted, "cawg.ica.untrusted_issuer"},
		{"not valid yet", with("validFrom", c2patest.Now.Add(time.Hour)), accepted, c2pa.StateInvalid, "cawg.ica.valid_from.invalid"},
		{"expired", with("validUntil", c2patest.Now.Add(-time.Hour)), accepted, c2pa.StateInvalid, "cawg.ica.valid_until.invalid"},
		{"without a beginning", with("validFrom", nil), accepted, c2pa.StateInvalid, "cawg.ica.valid_from.missing"},
		{"by an issuer on the network", with("issuer", "did:web:example.org"), accepted, c2pa.StateInvalid, "cawg.ica.did_unavailable"},
		{"by an issuer of another kind", with("issuer", "did:key:z6"), accepted, c2pa.StateInvalid, "cawg.ica.invalid_issuer"},
		{"by an issuer without a key", with("issuer", "did:jwk:e30"), accepted, c2pa.StateInvalid, "cawg.ica.invalid_did_document"},
		{"by another key", with("issuer", (&c2patest.Issuer{Key: ed25519.NewKeyFromSeed(make([]byte, 32))}).DID()), accepted, c2pa.StateInvalid, "cawg.ica.signature_mismatch"},
		{"about nobody", with("credentialSubject", map[string]any{}), accepted, c2pa.StateInvalid, "cawg.ica.invalid_verifiable_credential"},
		{"about another asset", with("credentialSubject", map[string]any{"verifiedIdentities": []any{1}}), accepted, c2pa.StateInvalid, "cawg.ica.signer_payload.mismatch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := a.Embed(c2patest.PNG, c2patest.Manifest{About: c.issuer.Identity})
			expect(t, validate(t, file, c.policy, c2patest.Now), c.state, c.code)
		})
	}
}
