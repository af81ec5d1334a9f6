package pki

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// maxChain bounds how many certificates a signature may carry.
const maxChain = 16

// Errors of path building.
var (
	ErrNoPath  = errors.New("no path leads to an anchor")
	ErrOutside = errors.New("a certificate was not valid at that time")
)

// Path leads from a signer to an anchor.
type Path struct {
	Certs  []*Certificate // signer first; the anchor is not among them
	Anchor *Certificate
}

// ParseChain reads the certificates of an x5chain: signer first, each followed by its issuer.
func ParseChain(ders [][]byte) ([]*Certificate, error) {
	if len(ders) == 0 || len(ders) > maxChain {
		return nil, fmt.Errorf("chain of %d certificates", len(ders))
	}
	out := make([]*Certificate, len(ders))
	for i, der := range ders {
		c, err := ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}

// FindPath looks for a path from chain[0] to one of anchors, RFC 5280, section 6. The chain must be in order as RFC
// 9360 asks; the path is valid by names, signatures and constraints, whatever the time. Use [Path.At] for the time.
func FindPath(chain, anchors []*Certificate) (*Path, error) {
	for i := 1; i < len(chain); i++ {
		if err := chain[i-1].SignedBy(chain[i]); err != nil {
			return nil, fmt.Errorf("certificate %d of the chain did not issue the one before it: %w", i+1, ErrNoPath)
		}
	}
	for i, c := range chain {
		if i > 0 && !mayIssue(c, chain[:i]) {
			break
		}
		for _, a := range anchors {
			if c.SignedBy(a) == nil && constraintsHold(a, chain[:i+1]) {
				return &Path{Certs: chain[:i+1], Anchor: a}, nil
			}
		}
	}
	return nil, ErrNoPath
}

// At reports [ErrOutside] unless every certificate of the path was valid at t.
func (p *Path) At(t time.Time) error {
	for _, c := range p.Certs {
		if !c.ValidAt(t) {
			return fmt.Errorf("%q: %w", c.Subject.CommonName, ErrOutside)
		}
	}
	return nil
}

// mayIssue applies RFC 5280, 6.1.4 (k) to (o), to a certification authority's certificate above below.
func mayIssue(ca *Certificate, below []*Certificate) bool {
	if ca.Version != 3 || !ca.BasicConstraintsValid || !ca.IsCA || ca.KeyUsage&x509.KeyUsageCertSign == 0 ||
		len(ca.UnhandledCriticalExtensions) > 0 {
		return false
	}
	return constraintsHold(ca, below)
}

// constraintsHold checks the path length and name constraints of an authority; an anchor's count too when it has them.
// Name constraints are not computed: where one could apply to a name below, the path is refused.
func constraintsHold(ca *Certificate, below []*Certificate) bool {
	if ca.BasicConstraintsValid && ca.IsCA && (ca.MaxPathLen > 0 || ca.MaxPathLenZero) {
		intermediates := 0
		for _, c := range below[1:] {
			if !c.SelfIssued() {
				intermediates++
			}
		}
		if intermediates > ca.MaxPathLen {
			return false
		}
	}
	for _, c := range below {
		if clash(ca, c) {
			return false
		}
	}
	return true
}

func clash(ca, c *Certificate) bool {
	constrains := func(a, b int) bool { return a+b > 0 }
	return constrains(len(ca.PermittedDNSDomains), len(ca.ExcludedDNSDomains)) && len(c.DNSNames) > 0 ||
		constrains(len(ca.PermittedEmailAddresses), len(ca.ExcludedEmailAddresses)) && len(c.EmailAddresses) > 0 ||
		constrains(len(ca.PermittedIPRanges), len(ca.ExcludedIPRanges)) && len(c.IPAddresses) > 0 ||
		constrains(len(ca.PermittedURIDomains), len(ca.ExcludedURIDomains)) && len(c.URIs) > 0
}
