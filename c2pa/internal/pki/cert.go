package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxCertificate bounds one certificate in bytes.
const maxCertificate = 64 << 10

// Certificate is a parsed certificate with its key and the algorithm that signed it.
type Certificate struct {
	*x509.Certificate
	Key     *Key  // nil if KeyErr is set
	KeyErr  error // why the key cannot be used
	SigAlg  SigAlg
	AlgErr  error // why the algorithm that signed the certificate is not accepted
	hasUIDs bool
}

// ParseCertificate reads one DER certificate. A key or algorithm that is not allowed is no error yet; see KeyErr and AlgErr.
func ParseCertificate(der []byte) (*Certificate, error) {
	if len(der) > maxCertificate {
		return nil, fmt.Errorf("certificate of %d bytes", len(der))
	}
	x, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	c := &Certificate{Certificate: x}
	c.Key, c.KeyErr = ParseKey(x.RawSubjectPublicKeyInfo)
	outer := cryptobyte.String(der)
	var tbs, alg cryptobyte.String
	if !outer.ReadASN1(&outer, cbasn1.SEQUENCE) || !outer.ReadASN1(&tbs, cbasn1.SEQUENCE) || !outer.ReadASN1(&alg, cbasn1.SEQUENCE) {
		return nil, errors.New("read certificate: malformed")
	}
	c.SigAlg, c.AlgErr = ParseSigAlg(alg)
	c.hasUIDs = hasUniqueIDs(tbs)
	return c, nil
}

// hasUniqueIDs looks for issuerUniqueID [1] and subjectUniqueID [2], which the C2PA profile forbids.
func hasUniqueIDs(tbs cryptobyte.String) bool {
	for !tbs.Empty() {
		var el cryptobyte.String
		var t cbasn1.Tag
		if !tbs.ReadAnyASN1(&el, &t) {
			return true
		}
		if t == cbasn1.Tag(1).ContextSpecific() || t == cbasn1.Tag(2).ContextSpecific() {
			return true
		}
	}
	return false
}

// ParsePEM reads every certificate in PEM text and ignores what stands between the blocks.
func ParsePEM(text []byte) ([]*Certificate, error) {
	var out []*Certificate
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return out, nil
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
}

// ValidAt reports whether t lies in the certificate's validity period.
func (c *Certificate) ValidAt(t time.Time) bool {
	return !t.Before(c.NotBefore) && !t.After(c.NotAfter)
}

// SelfIssued reports whether subject and issuer are the same name.
func (c *Certificate) SelfIssued() bool { return bytes.Equal(c.RawSubject, c.RawIssuer) }

// SignedBy checks that issuer's name and key made c. It does not look at validity or at what issuer may do.
func (c *Certificate) SignedBy(issuer *Certificate) error {
	if !bytes.Equal(c.RawIssuer, issuer.RawSubject) {
		return errors.New("issuer has another name")
	}
	if c.AlgErr != nil {
		return c.AlgErr
	}
	if issuer.KeyErr != nil {
		return issuer.KeyErr
	}
	return issuer.Key.Verify(c.SigAlg, c.RawTBSCertificate, c.Signature)
}

// EKUs returns the extended key usages as dotted numbers, in order.
func (c *Certificate) EKUs() []string {
	var out []string
	for _, e := range c.ExtKeyUsage {
		if oid, ok := x509EKUs[e]; ok {
			out = append(out, oid)
		} else {
			out = append(out, "other")
		}
	}
	for _, oid := range c.UnknownExtKeyUsage {
		out = append(out, oid.String())
	}
	return out
}

// Extended key usages by number.
const (
	EKUAny             = "2.5.29.37.0"
	EKUEmailProtection = "1.3.6.1.5.5.7.3.4"
	EKUDocumentSigning = "1.3.6.1.5.5.7.3.36"
	EKUTimeStamping    = "1.3.6.1.5.5.7.3.8"
	EKUOCSPSigning     = "1.3.6.1.5.5.7.3.9"
	EKUClaimSigning    = "1.3.6.1.4.1.62558.2.1"
	EKUMicrosoftC2PA   = "1.3.6.1.4.1.311.76.59.1.9"
)

var x509EKUs = map[x509.ExtKeyUsage]string{
	x509.ExtKeyUsageAny:             EKUAny,
	x509.ExtKeyUsageServerAuth:      "1.3.6.1.5.5.7.3.1",
	x509.ExtKeyUsageClientAuth:      "1.3.6.1.5.5.7.3.2",
	x509.ExtKeyUsageCodeSigning:     "1.3.6.1.5.5.7.3.3",
	x509.ExtKeyUsageEmailProtection: EKUEmailProtection,
	x509.ExtKeyUsageTimeStamping:    EKUTimeStamping,
	x509.ExtKeyUsageOCSPSigning:     EKUOCSPSigning,
}
