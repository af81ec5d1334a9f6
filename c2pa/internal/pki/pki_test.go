package pki_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

func certificate(t testing.TB, der []byte) *pki.Certificate {
	t.Helper()
	c, err := pki.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pssKey wraps an RSA key as one of type id-RSASSA-PSS without parameters.
func pssKey(t testing.TB, pub *rsa.PublicKey) []byte {
	t.Helper()
	key := x509.MarshalPKCS1PublicKey(pub)
	der, err := asn1.Marshal(struct {
		Alg struct{ OID asn1.ObjectIdentifier }
		Key asn1.BitString
	}{struct{ OID asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}}, asn1.BitString{Bytes: key, BitLength: len(key) * 8}})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestKeysOfTypePSSVerifyPSSOnly(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	k, err := pki.ParseKey(pssKey(t, &key.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("data"))
	pss, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Verify(pki.SigAlg{Scheme: pki.PSS, Hash: crypto.SHA256, Salt: 32}, []byte("data"), pss); err != nil {
		t.Error(err)
	}
	if err := k.Verify(pki.SigAlg{Scheme: pki.PSS, Hash: crypto.SHA256, Salt: 20}, []byte("data"), pss); !errors.Is(err, pki.ErrSignature) {
		t.Errorf("another salt: %v", err)
	}
	old, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Verify(pki.SigAlg{Scheme: pki.PKCS1v15, Hash: crypto.SHA256}, []byte("data"), old); !errors.Is(err, pki.ErrUnsupported) {
		t.Errorf("the older scheme: %v", err)
	}
}

func TestShortKeysAreRefused(t *testing.T) {
	short := &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 2046, 1), E: 65537}
	if _, err := pki.ParseKey(pssKey(t, short)); !errors.Is(err, pki.ErrUnsupported) {
		t.Errorf("2047 bits: %v", err)
	}
}

func TestPathsNeedAnAuthorityAndATime(t *testing.T) {
	a, other := c2patest.NewAuthority(), c2patest.NewAuthority()
	leaf, root := certificate(t, a.Leaf.Raw), certificate(t, a.Root.Raw)
	path, err := pki.FindPath([]*pki.Certificate{leaf}, []*pki.Certificate{certificate(t, other.Root.Raw), root})
	if err != nil {
		t.Fatal(err)
	}
	if path.Anchor != root || path.At(c2patest.Now) != nil {
		t.Errorf("anchor %v, now %v", path.Anchor.Subject, path.At(c2patest.Now))
	}
	if err := path.At(c2patest.NotAfter.Add(time.Second)); !errors.Is(err, pki.ErrOutside) {
		t.Errorf("afterwards: %v", err)
	}
	for name, c := range map[string][2][]*pki.Certificate{
		"no anchors":                    {{leaf}, nil},
		"an anchor of the same name":    {{leaf}, {certificate(t, other.Root.Raw)}},
		"a chain out of order":          {{leaf, certificate(t, other.Root.Raw)}, {root}},
		"the signer as its own anchor":  {{leaf}, {leaf}},
		"a signer where a root belongs": {{root, leaf}, {leaf}},
	} {
		if _, err := pki.FindPath(c[0], c[1]); !errors.Is(err, pki.ErrNoPath) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseCertificate(f *testing.F) {
	a := c2patest.NewAuthority()
	f.Add(a.Leaf.Raw)
	f.Add(a.Root.Raw)
	root := certificate(f, a.Root.Raw)
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := pki.ParseCertificate(der)
		if err != nil {
			return
		}
		c.CheckLeaf([]string{pki.EKUEmailProtection})
		pki.FindPath([]*pki.Certificate{c, c}, []*pki.Certificate{root})
	})
}

func FuzzParseKey(f *testing.F) {
	a := c2patest.NewAuthority()
	f.Add(a.Leaf.RawSubjectPublicKeyInfo)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pssKey(f, &key.PublicKey))
	f.Fuzz(func(t *testing.T, der []byte) {
		k, err := pki.ParseKey(der)
		if err == nil && k.Public == nil {
			t.Error("a key without a key")
		}
	})
}
