package c2pa

import (
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/ocsp"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

// revocation looks at what is kept in the store about the withdrawal of the signer's certificate: answers stapled to the
// signature and those that later manifests added, C2PA 15.9.1. No network is ever used. An answer may lower trust and never raises it.
// stamped is the time of a trusted time stamp, zero if there is none.
func (v *validator) revocation(s *signed, path *pki.Path, stamped time.Time) (revoked bool) {
	issuer := issuerOf(s.chain, path)
	responses := append(s.Revocation(), v.ocsp...)
	for _, der := range responses {
		if issuer == nil {
			break
		}
		switch v.answer(der, s.chain[0], issuer, stamped) {
		case ocsp.Good:
			v.pass(codeNotRevoked, s.uri)
			return false
		case ocsp.Revoked:
			v.fail(codeRevoked, s.uri, "")
			return true
		}
	}
	v.note(codeOCSPSkipped, s.uri, "")
	return false
}

// issuerOf returns the certificate that issued the signer's: the next one of the chain, or the anchor.
func issuerOf(chain []*pki.Certificate, path *pki.Path) *pki.Certificate {
	switch {
	case len(chain) > 1 && chain[0].SignedBy(chain[1]) == nil:
		return chain[1]
	case path != nil:
		return path.Anchor
	}
	return nil
}

// answer interprets one response; ocsp.Unknown means that it says nothing that counts.
func (v *validator) answer(der []byte, cert, issuer *pki.Certificate, stamped time.Time) ocsp.Status {
	r, err := ocsp.Parse(der)
	if err != nil {
		return ocsp.Unknown
	}
	at := stamped
	if at.IsZero() {
		at = v.at
	}
	answers := r.For(cert, issuer)
	if len(answers) == 0 || r.CheckSigner(issuer, at) != nil {
		return ocsp.Unknown
	}
	result := ocsp.Unknown
	for _, a := range answers {
		switch weigh(a, v.at, stamped) {
		case ocsp.Good:
			return ocsp.Good
		case ocsp.Revoked:
			result = ocsp.Revoked
		}
	}
	return result
}

// weigh applies the times of C2PA 15.9.1 to an answer. Without a trusted time stamp an answer that is good proves
// nothing, but one that says revoked is believed.
func weigh(a ocsp.Answer, now, stamped time.Time) ocsp.Status {
	if now.Before(a.ThisUpdate) {
		return ocsp.Unknown
	}
	revoked := a.Status == ocsp.Revoked && !a.Removed
	if stamped.IsZero() {
		if revoked {
			return ocsp.Revoked
		}
		return ocsp.Unknown
	}
	if revoked && stamped.Before(a.RevokedAt) {
		return ocsp.Unknown
	}
	if stamped.After(a.NextUpdate) {
		if revoked {
			return ocsp.Revoked
		}
		return ocsp.Unknown
	}
	switch {
	case revoked:
		return ocsp.Revoked
	case a.Status == ocsp.Unknown:
		return ocsp.Unknown
	}
	return ocsp.Good
}
