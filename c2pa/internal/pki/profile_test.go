package pki_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

// TestOnlySignersCertificatesFitTheProfile departs from a proper signer's certificate in one way each.
func TestOnlySignersCertificatesFitTheProfile(t *testing.T) {
	usage := func(u ...x509.ExtKeyUsage) c2patest.Profile {
		return func(c *x509.Certificate) { c.ExtKeyUsage = u }
	}
	extension := func(critical bool) c2patest.Profile {
		return func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: critical, Value: []byte{5, 0}}}
		}
	}
	signing := x509.KeyUsageDigitalSignature
	for name, c := range map[string]struct {
		change c2patest.Profile
		ok     bool
	}{
		"a proper one":                 {func(*x509.Certificate) {}, true},
		"two proper purposes":          {usage(x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageCodeSigning), true},
		"an unknown extension":         {extension(false), true},
		"a critical unknown extension": {extension(true), false},
		"another purpose":              {usage(x509.ExtKeyUsageServerAuth), false},
		"no purpose":                   {usage(), false},
		"any purpose beside":           {usage(x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageAny), false},
		"time stamps beside":           {usage(x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageTimeStamping), false},
		"revocation answers beside":    {usage(x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageOCSPSigning), false},
		"time stamps alone":            {usage(x509.ExtKeyUsageTimeStamping), false},
		"an authority":                 {func(c *x509.Certificate) { c.IsCA = true }, false},
		"no key usage":                 {func(c *x509.Certificate) { c.KeyUsage = 0 }, false},
		"a key for encryption":         {func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, false},
		"a key for commitments":        {func(c *x509.Certificate) { c.KeyUsage = signing | x509.KeyUsageContentCommitment }, true},
	} {
		leaf := certificate(t, c2patest.NewAuthority(c.change).Leaf.Raw)
		if err := leaf.CheckLeaf([]string{pki.EKUEmailProtection}); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAPurposeCountsOnlyIfTheReaderAcceptsIt(t *testing.T) {
	clock := certificate(t, c2patest.NewAuthority(c2patest.ForTimeStamps).Leaf.Raw)
	if err := clock.CheckLeaf([]string{pki.EKUTimeStamping}); err != nil {
		t.Errorf("a clock as a clock: %v", err)
	}
	if clock.CheckLeaf([]string{pki.EKUEmailProtection}) == nil || clock.CheckLeaf(nil) == nil {
		t.Error("a clock as a signer")
	}
}

func TestDamagedCertificatesAreRefused(t *testing.T) {
	der := c2patest.NewAuthority().Leaf.Raw
	for n := range len(der) {
		if _, err := pki.ParseCertificate(der[:n]); err == nil {
			t.Fatalf("cut to %d of %d bytes", n, len(der))
		}
	}
	if _, err := pki.ParseCertificate(append(der[:len(der):len(der)], 0)); err == nil {
		t.Error("a byte after the certificate")
	}
	if _, err := pki.ParsePEM([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")); err == nil {
		t.Error("PEM of no certificate")
	}
}
