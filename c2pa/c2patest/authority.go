// Package c2patest makes signed assets for tests: throw-away certificates that fit C2PA's profile, manifests of any shape,
// and small files to carry them. Nothing here is fit for signing real content.
package c2patest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"time"
)

// Times between which the certificates of an [Authority] are valid, and one between them.
var (
	NotBefore = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	NotAfter  = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	Now       = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
)

// Authority is a root that certified one signer.
type Authority struct {
	Root    *x509.Certificate
	Leaf    *x509.Certificate
	Key     *ecdsa.PrivateKey // the signer's
	rootKey *ecdsa.PrivateKey
}

// Profile lets a test depart from a proper signer's certificate before it is issued.
type Profile func(*x509.Certificate)

// NewAuthority makes a root and a signer.
func NewAuthority(profile ...Profile) *Authority {
	a := &Authority{rootKey: newKey(), Key: newKey()}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Test"}, CommonName: "Test Root"},
		NotBefore: NotBefore.AddDate(-1, 0, 0), NotAfter: NotAfter.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1},
	}
	a.Root = issue(root, root, &a.rootKey.PublicKey, a.rootKey)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{Organization: []string{"Test"}, CommonName: "Test Signer"},
		NotBefore: NotBefore, NotAfter: NotAfter, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, SubjectKeyId: []byte{2}, AuthorityKeyId: []byte{1},
	}
	for _, p := range profile {
		p(leaf)
	}
	a.Leaf = issue(leaf, a.Root, &a.Key.PublicKey, a.rootKey)
	return a
}

func newKey() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

func issue(template, parent *x509.Certificate, pub crypto.PublicKey, key *ecdsa.PrivateKey) *x509.Certificate {
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, parent, pub, key))))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// PEM returns the root, as a trust list has it.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root.Raw})
}

// sign makes an ES256 signature as COSE has it: r and s side by side.
func (a *Authority) sign(data []byte) []byte {
	sum := sha256.Sum256(data)
	der := must(ecdsa.SignASN1(rand.Reader, a.Key, sum[:]))
	var rs struct{ R, S *big.Int }
	must(asn1.Unmarshal(der, &rs))
	out := make([]byte, 64)
	rs.R.FillBytes(out[:32])
	rs.S.FillBytes(out[32:])
	return out
}
