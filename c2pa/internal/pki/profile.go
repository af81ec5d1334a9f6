package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
)

var (
	oidAKI        = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidEKU        = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidKeyUsage   = asn1.ObjectIdentifier{2, 5, 29, 15}
	errNotForLeaf = errors.New("certificate is a certification authority's, not a signer's")
)

func (c *Certificate) has(oid asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oid) })
}

// CheckLeaf applies the certificate profile of C2PA 14.5.1 to an end-entity certificate whose purpose must be one of
// allowed. It looks at the certificate alone: neither at its validity period nor at who issued it.
func (c *Certificate) CheckLeaf(allowed []string) error {
	switch {
	case c.Version != 3:
		return fmt.Errorf("certificate has version %d, not 3", c.Version)
	case c.AlgErr != nil:
		return c.AlgErr
	case c.KeyErr != nil:
		return c.KeyErr
	case c.hasUIDs:
		return errors.New("certificate has unique identifiers")
	case c.IsCA:
		return errNotForLeaf
	case !c.has(oidAKI):
		return errors.New("certificate does not name its issuer's key")
	case !c.has(oidKeyUsage):
		return errors.New("certificate has no key usage")
	case c.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return errors.New("certificate's key is not for digital signatures")
	case c.KeyUsage&x509.KeyUsageCertSign != 0:
		return errors.New("certificate may sign certificates though it is no authority's")
	case len(c.UnhandledCriticalExtensions) > 0:
		return fmt.Errorf("certificate has the critical extension %v, which is unknown here", c.UnhandledCriticalExtensions[0])
	}
	return c.checkPurpose(allowed)
}

// checkPurpose applies the extended key usage rules of C2PA 14.5.1: present, not any, time stamping and OCSP signing
// alone, and at least one purpose that the reader accepts for this use.
func (c *Certificate) checkPurpose(allowed []string) error {
	ekus := c.EKUs()
	if !c.has(oidEKU) || len(ekus) == 0 {
		return errors.New("certificate has no extended key usage")
	}
	for _, e := range ekus {
		if e == EKUAny {
			return errors.New("certificate is for any purpose")
		}
		if (e == EKUTimeStamping || e == EKUOCSPSigning) && len(ekus) > 1 {
			return errors.New("certificate mixes time stamping or OCSP signing with other purposes")
		}
	}
	if !c.For(allowed) {
		return errors.New("certificate is not for this purpose")
	}
	return nil
}

// For reports whether one of the certificate's purposes is in allowed.
func (c *Certificate) For(allowed []string) bool {
	return slices.ContainsFunc(c.EKUs(), func(e string) bool { return slices.Contains(allowed, e) })
}
