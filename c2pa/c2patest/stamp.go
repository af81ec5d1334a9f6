package c2patest

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha1" // what responders identify certificates by; nothing is secured by it
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// ForTimeStamps is the profile of a time-stamping authority's certificate.
func ForTimeStamps(c *x509.Certificate) {
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
	c.Subject.CommonName = "Test Clock"
}

// ForRevocation is the profile of a responder's certificate.
func ForRevocation(c *x509.Certificate) {
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	c.SerialNumber = big.NewInt(3)
	c.Subject.CommonName = "Test Responder"
}

var (
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA1          = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidECDSASHA256   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidOCSPBasic     = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
)

type builder = cryptobyte.Builder

// seq, set and the like write nested DER.
func seq(b *builder, parts ...func(*builder)) { nest(b, cbasn1.SEQUENCE, parts) }
func set(b *builder, parts ...func(*builder)) { nest(b, cbasn1.SET, parts) }
func tagged(b *builder, n uint8, parts ...func(*builder)) {
	nest(b, cbasn1.Tag(n).ContextSpecific().Constructed(), parts)
}

func nest(b *builder, t cbasn1.Tag, parts []func(*builder)) {
	b.AddASN1(t, func(b *builder) {
		for _, p := range parts {
			p(b)
		}
	})
}

func oid(o asn1.ObjectIdentifier) func(*builder) {
	return func(b *builder) { b.AddASN1ObjectIdentifier(o) }
}
func octets(v []byte) func(*builder) { return func(b *builder) { b.AddASN1OctetString(v) } }
func raw(v []byte) func(*builder)    { return func(b *builder) { b.AddBytes(v) } }
func number(n int64) func(*builder)  { return func(b *builder) { b.AddASN1Int64(n) } }
func algorithm(o asn1.ObjectIdentifier) func(*builder) {
	return func(b *builder) { seq(b, oid(o)) }
}

func when(t time.Time) func(*builder) { return func(b *builder) { b.AddASN1GeneralizedTime(t.UTC()) } }

func der(f func(*builder)) []byte {
	var b builder
	f(&b)
	return b.BytesOrPanic()
}

func (a *Authority) signDER(data []byte) []byte {
	sum := sha256.Sum256(data)
	return must(ecdsa.SignASN1(rand.Reader, a.Key, sum[:]))
}

// Stamp makes an RFC 3161 token over data, by an authority made with [ForTimeStamps].
func (a *Authority) Stamp(at time.Time, data []byte) []byte {
	imprint := sha256.Sum256(data)
	info := der(func(b *builder) {
		seq(b, number(1), oid(asn1.ObjectIdentifier{1, 2, 3}), func(b *builder) {
			seq(b, algorithm(oidSHA256), octets(imprint[:]))
		}, number(7), when(at))
	})
	digest := sha256.Sum256(info)
	attrs := der(func(b *builder) {
		seq(b, oid(oidContentType), func(b *builder) { set(b, oid(oidTSTInfo)) })
		seq(b, oid(oidMessageDigest), func(b *builder) { set(b, octets(digest[:])) })
	})
	sig := a.signDER(der(func(b *builder) { set(b, raw(attrs)) }))
	signer := func(b *builder) {
		seq(b, number(1), func(b *builder) {
			seq(b, raw(a.Leaf.RawIssuer), func(b *builder) { b.AddASN1BigInt(a.Leaf.SerialNumber) })
		},
			algorithm(oidSHA256), func(b *builder) { tagged(b, 0, raw(attrs)) }, algorithm(oidECDSASHA256), octets(sig))
	}
	return der(func(b *builder) {
		seq(b, oid(oidSignedData), func(b *builder) {
			tagged(b, 0, func(b *builder) {
				seq(b, number(3), func(b *builder) { set(b, algorithm(oidSHA256)) },
					func(b *builder) { seq(b, oid(oidTSTInfo), func(b *builder) { tagged(b, 0, octets(info)) }) },
					func(b *builder) { tagged(b, 0, raw(a.Leaf.Raw)) },
					func(b *builder) { set(b, signer) })
			})
		})
	})
}

// StampResponse wraps a token as a time-stamping server answers it.
func StampResponse(token []byte) []byte {
	return der(func(b *builder) { seq(b, func(b *builder) { seq(b, number(0)) }, raw(token)) })
}

// Revocation is what a responder says of a certificate.
type Revocation struct {
	Produced  time.Time
	Next      time.Time // zero to leave it out
	RevokedAt time.Time // zero if the certificate is good
	Removed   bool      // revoked for the reason removeFromCRL
}

// Answer makes an OCSP response about cert, which issuer certified, signed by this authority's leaf.
func (a *Authority) Answer(cert, issuer *x509.Certificate, r Revocation) []byte {
	name := sha1.Sum(issuer.RawSubject)
	key := sha1.Sum(publicBits(issuer))
	single := func(b *builder) {
		seq(b, func(b *builder) {
			seq(b, algorithm(oidSHA1), octets(name[:]), octets(key[:]), func(b *builder) { b.AddASN1BigInt(cert.SerialNumber) })
		}, r.status, when(r.Produced), func(b *builder) {
			if !r.Next.IsZero() {
				tagged(b, 0, when(r.Next))
			}
		})
	}
	data := der(func(b *builder) {
		seq(b, func(b *builder) { tagged(b, 1, raw(a.Leaf.RawSubject)) }, when(r.Produced), func(b *builder) { seq(b, single) })
	})
	basic := der(func(b *builder) {
		seq(b, raw(data), algorithm(oidECDSASHA256), func(b *builder) { b.AddASN1BitString(a.signDER(data)) },
			func(b *builder) { tagged(b, 0, func(b *builder) { seq(b, raw(a.Leaf.Raw)) }) })
	})
	return der(func(b *builder) {
		seq(b, func(b *builder) { b.AddASN1Enum(0) }, func(b *builder) {
			tagged(b, 0, func(b *builder) { seq(b, oid(oidOCSPBasic), octets(basic)) })
		})
	})
}

func (r Revocation) status(b *builder) {
	if r.RevokedAt.IsZero() {
		b.AddASN1(cbasn1.Tag(0).ContextSpecific(), func(*builder) {})
		return
	}
	tagged(b, 1, when(r.RevokedAt), func(b *builder) {
		if r.Removed {
			tagged(b, 0, func(b *builder) { b.AddASN1Enum(8) })
		}
	})
}

func publicBits(c *x509.Certificate) []byte {
	in := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	var bits asn1.BitString
	if !in.ReadASN1(&in, cbasn1.SEQUENCE) || !in.SkipASN1(cbasn1.SEQUENCE) || !in.ReadASN1BitString(&bits) {
		panic("malformed key")
	}
	return bits.RightAlign()
}

// Responder makes a delegated responder under the same root.
func (a *Authority) Responder() *Authority {
	r := &Authority{Root: a.Root, rootKey: a.rootKey, Key: newKey()}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: a.Leaf.Subject, NotBefore: NotBefore, NotAfter: NotAfter, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, SubjectKeyId: []byte{3}, AuthorityKeyId: []byte{1},
	}
	ForRevocation(leaf)
	r.Leaf = issue(leaf, a.Root, &r.Key.PublicKey, a.rootKey)
	return r
}
