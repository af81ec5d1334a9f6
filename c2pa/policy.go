package c2pa

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

// Purpose is what a trust list vouches for.
type Purpose string

// Purposes of trust lists. A list serves exactly one: an authority for time is no authority for content (C2PA 14.4).
const (
	ClaimSigning Purpose = "claim signing"
	TimeStamping Purpose = "time stamping"
	Identity     Purpose = "identity" // CAWG identity assertions
)

// TrustList is a named list of anchors that the reader relies on for one purpose.
type TrustList struct {
	Name    string
	Purpose Purpose
	// EKUs are the extended key usages that a signer under this list may have; empty means the reader's general ones.
	EKUs []string
	// Issued and NextUpdate are when the list was published and when it says that the next one will be; zero if it does not say.
	Issued, NextUpdate time.Time
	anchors            []*pki.Certificate
}

// NewTrustList reads a list from PEM text; anything between the certificates is ignored.
func NewTrustList(name string, purpose Purpose, pem []byte, ekus ...string) (*TrustList, error) {
	anchors, err := pki.ParsePEM(pem)
	if err != nil {
		return nil, fmt.Errorf("read trust list %q: %w", name, err)
	}
	return &TrustList{Name: name, Purpose: purpose, EKUs: ekus, anchors: anchors}, nil
}

// Len returns the number of anchors.
func (l *TrustList) Len() int { return len(l.anchors) }

// Policy is everything a reader decides: whom to trust, for what, and what to accept. The zero value trusts nobody.
type Policy struct {
	Lists []*TrustList
	// AddressBook holds SHA-256 sums of signers' certificates that the reader accepts as they are (C2PA 14.4.3). It never
	// applies to time stamps.
	AddressBook [][sha256.Size]byte
	// EKUs are the extended key usages a signer may have when no list that vouches for it says otherwise.
	// Empty means e-mail protection alone, the one usage that the reference accepts without being told.
	EKUs []string
	// IdentityIssuers are the DIDs of services whose credentials about people are accepted (CAWG claims aggregation).
	IdentityIssuers []string
}

var defaultEKUs = []string{pki.EKUEmailProtection}

func (p *Policy) ekus() []string {
	if len(p.EKUs) > 0 {
		return p.EKUs
	}
	return defaultEKUs
}

// lists returns the lists for a purpose, in the reader's order.
func (p *Policy) lists(purpose Purpose) []*TrustList {
	var out []*TrustList
	for _, l := range p.Lists {
		if l.Purpose == purpose {
			out = append(out, l)
		}
	}
	return out
}

// vouch looks for the first list of that purpose which leads to the signer of chain. allowed are the usages that count
// where a list names none.
func (p *Policy) vouch(purpose Purpose, chain []*pki.Certificate, allowed []string) (*TrustList, *pki.Path) {
	for _, l := range p.lists(purpose) {
		ekus := l.EKUs
		if len(ekus) == 0 {
			ekus = allowed
		}
		if !chain[0].For(signingOnly(purpose, ekus)) {
			continue
		}
		if path, err := pki.FindPath(chain, l.anchors); err == nil {
			return l, path
		}
	}
	return nil, nil
}

// signingOnly takes the usages that are for other things out of a list for claims: C2PA 14.5.1.2 keeps time stamping and
// OCSP signing apart, although settings in the wild list them all together.
func signingOnly(purpose Purpose, ekus []string) []string {
	if purpose == TimeStamping {
		return []string{pki.EKUTimeStamping}
	}
	return slices.DeleteFunc(slices.Clone(ekus), func(e string) bool {
		return e == pki.EKUTimeStamping || e == pki.EKUOCSPSigning || e == pki.EKUAny
	})
}

// known reports whether the address book holds the certificate.
func (p *Policy) known(c *pki.Certificate) bool {
	sum := sha256.Sum256(c.Raw)
	return slices.Contains(p.AddressBook, sum)
}

// parseEKUs reads a list of dotted numbers, one a line; lines that are none are comments.
func parseEKUs(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && strings.Trim(line, "0123456789.") == "" {
			out = append(out, line)
		}
	}
	return out
}

// addressBook reads certificates in PEM and lines of base64 SHA-256 sums, as c2pa settings have them in allowed_list.
func addressBook(text string) ([][sha256.Size]byte, error) {
	certs, err := pki.ParsePEM([]byte(text))
	if err != nil {
		return nil, err
	}
	var out [][sha256.Size]byte
	for _, c := range certs {
		out = append(out, sha256.Sum256(c.Raw))
	}
	inside := false
	for line := range bytes.Lines([]byte(text)) {
		s := string(bytes.TrimSpace(line))
		switch {
		case strings.HasPrefix(s, "-----BEGIN"):
			inside = true
		case strings.HasPrefix(s, "-----END"):
			inside = false
		case !inside:
			if sum, ok := base64Sum(s); ok {
				out = append(out, sum)
			}
		}
	}
	return out, nil
}
