package statementtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/url"
	"time"
)

// Certificate returns a certificate in the shape of those of Sigstore's Fulcio, for the public key and an e-mail
// address, a web address and an OpenID Connect issuer at example.org. Its issuer is an Ed25519 key of this package, so
// that it is the same every time.
func Certificate(pub crypto.PublicKey) []byte {
	authority, err := asn1.MarshalWithParams("https://login.example.org", "utf8")
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber:   big.NewInt(1),
		NotBefore:      At,
		NotAfter:       At.Add(10 * time.Minute),
		EmailAddresses: []string{"alice@example.org"},
		URIs:           []*url.URL{{Scheme: "https", Host: "example.org", Path: "/alice"}},
		KeyUsage:       x509.KeyUsageDigitalSignature,
		ExtKeyUsage:    []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		ExtraExtensions: []pkix.Extension{
			{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 1}, Value: []byte("https://old.example.org")},
			{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 8}, Value: authority},
		},
	}
	parent := &x509.Certificate{Subject: pkix.Name{CommonName: "Wherefrom test authority"}, SubjectKeyId: []byte{1}}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, ed25519.NewKeyFromSeed(seed("authority")))
	if err != nil {
		panic(err)
	}
	return der
}

// P256Key returns the public key of the P256Signer of that name.
func P256Key(name string) *ecdsa.PublicKey { return &p256Key(name).PublicKey }

// Ed25519Key returns the public key of the Signer of that name.
func Ed25519Key(name string) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(seed(name)).Public().(ed25519.PublicKey)
}

// p384Key returns a public key of a kind that is not accepted.
func p384Key(name string) *ecdsa.PublicKey {
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), append(make([]byte, 16), seed(name)...))
	if err != nil {
		panic(err)
	}
	return &k.PublicKey
}
