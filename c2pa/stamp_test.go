package c2pa_test

import (
	"slices"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

// later is after the signer's certificate has ended.
var later = c2patest.NotAfter.AddDate(0, 6, 0)

// withClock adds a list for a time-stamping authority to a policy.
func withClock(t testing.TB, p *c2pa.Policy, clock *c2patest.Authority, purpose c2pa.Purpose) *c2pa.Policy {
	t.Helper()
	list, err := c2pa.NewTrustList("clocks", purpose, clock.PEM())
	if err != nil {
		t.Fatal(err)
	}
	return &c2pa.Policy{Lists: append(slices.Clone(p.Lists), list)}
}

func TestATrustedTimeStampOutlivesTheSigner(t *testing.T) {
	a, clock := c2patest.NewAuthority(), c2patest.NewAuthority(c2patest.ForTimeStamps)
	stamp := func(at time.Time) func([]byte) []byte {
		return func(covered []byte) []byte { return clock.Stamp(at, covered) }
	}
	for _, c := range []struct {
		name  string
		stamp func([]byte) []byte
		list  c2pa.Purpose
		state c2pa.State
		code  string
	}{
		{"stamped while the certificate was valid", stamp(c2patest.Now), c2pa.TimeStamping, c2pa.StateTrusted, "timeStamp.trusted"},
		{"stamped by a clock nobody vouches for", stamp(c2patest.Now), c2pa.ClaimSigning, c2pa.StateInvalid, "timeStamp.untrusted"},
		{"stamped before the certificate began", stamp(c2patest.NotBefore.Add(-time.Hour)), c2pa.TimeStamping, c2pa.StateInvalid, "timeStamp.outsideValidity"},
		{"stamped something else", func([]byte) []byte { return clock.Stamp(c2patest.Now, []byte("else")) }, c2pa.TimeStamping, c2pa.StateInvalid, "timeStamp.mismatch"},
		{"no stamp at all", func([]byte) []byte { return []byte{0x30, 0} }, c2pa.TimeStamping, c2pa.StateInvalid, "timeStamp.malformed"},
		{"a response where a token should be", func(b []byte) []byte { return c2patest.StampResponse(clock.Stamp(c2patest.Now, b)) }, c2pa.TimeStamping, c2pa.StateInvalid, "timeStamp.malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := a.Embed(c2patest.PNG, c2patest.Manifest{Stamp: c.stamp})
			r := validate(t, file, withClock(t, trusting(t, a), clock, c.list), later)
			if r.State != c.state {
				t.Errorf("%s %v", r.State, failures(r))
			}
			if !slices.ContainsFunc(r.Statuses, func(s c2pa.Status) bool { return s.Code == c.code }) {
				t.Errorf("no %s among %+v", c.code, r.Statuses)
			}
		})
	}
}

func TestAnsweredRevocationLowersTrustAndNeverRaisesIt(t *testing.T) {
	a, clock := c2patest.NewAuthority(), c2patest.NewAuthority(c2patest.ForTimeStamps)
	stamped := c2patest.Now
	good := c2patest.Revocation{Produced: stamped.Add(-time.Hour), Next: stamped.Add(time.Hour)}
	revoked := good
	revoked.RevokedAt = stamped.Add(-2 * time.Hour)
	removed := revoked
	removed.Removed = true
	after := revoked
	after.RevokedAt = stamped.Add(30 * time.Minute)
	stale := c2patest.Revocation{Produced: stamped.AddDate(0, -2, 0), Next: stamped.AddDate(0, -1, 0)}
	for _, c := range []struct {
		name   string
		by     *c2patest.Authority
		answer c2patest.Revocation
		state  c2pa.State
		code   string
	}{
		{"good", a.Responder(), good, c2pa.StateTrusted, "signingCredential.ocsp.notRevoked"},
		{"revoked before it signed", a.Responder(), revoked, c2pa.StateInvalid, "signingCredential.ocsp.revoked"},
		{"revoked and taken back", a.Responder(), removed, c2pa.StateTrusted, "signingCredential.ocsp.notRevoked"},
		{"revoked after it signed", a.Responder(), after, c2pa.StateTrusted, "signingCredential.ocsp.skipped"},
		{"too old to count", a.Responder(), stale, c2pa.StateTrusted, "signingCredential.ocsp.skipped"},
		{"said by somebody who may not", c2patest.NewAuthority(c2patest.ForRevocation), revoked, c2pa.StateTrusted, "signingCredential.ocsp.skipped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			der := c.by.Answer(a.Leaf, a.Root, c.answer)
			file := a.Embed(c2patest.PNG, c2patest.Manifest{
				Stamp:  func(b []byte) []byte { return clock.Stamp(stamped, b) },
				Header: func(h c2patest.M) { h["rVals"] = c2patest.M{"ocspVals": []any{der}} },
			})
			r := validate(t, file, withClock(t, trusting(t, a), clock, c2pa.TimeStamping), c2patest.Now.AddDate(0, 1, 0))
			if r.State != c.state || !slices.ContainsFunc(r.Statuses, func(s c2pa.Status) bool { return s.Code == c.code }) {
				t.Errorf("%s %v, want %s and %s", r.State, failures(r), c.state, c.code)
			}
		})
	}
}
