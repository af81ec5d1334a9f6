// Package statementtest makes keys, statements and test vectors that are the same on every run.
package statementtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"io"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

// At is when the statements of this package say that they were made.
var At = time.Date(2026, time.January, 31, 12, 0, 0, 0, time.UTC)

// Signer returns the Ed25519 key of that name.
func Signer(name string) statement.Signer {
	return mustSigner(ed25519.NewKeyFromSeed(seed(name)))
}

// P256Signer returns the P-256 key of that name. Its signatures are those of RFC 6979, always the same for the same
// message.
func P256Signer(name string) statement.Signer {
	return mustSigner(repeatable{p256Key(name)})
}

// Content returns the envelope in which signer says that text is a text.
func Content(signer statement.Signer, text string) []byte {
	return Sign(&statement.Content{
		Issuer: signer.Issuer(), IssuedAt: At, MediaType: "text/plain", Size: int64(len(text)),
	}, signer, Subject(text, ""))
}

// Subject returns the subject whose bytes are text.
func Subject(text, name string) statement.Subject {
	return statement.NewSubject(statement.Sum([]byte(text)), name)
}

// Sign returns the envelope in which signer says p about the subjects. It panics if there can be no such envelope.
func Sign(p statement.Predicate, signer statement.Signer, subjects ...statement.Subject) []byte {
	st, err := statement.New(p, subjects...)
	if err != nil {
		panic(err)
	}
	raw, err := statement.Sign(st, signer)
	if err != nil {
		panic(err)
	}
	return raw
}

func seed(name string) []byte {
	s := sha256.Sum256([]byte("wherefrom test key " + name))
	return s[:]
}

func p256Key(name string) *ecdsa.PrivateKey {
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed(name))
	if err != nil {
		panic(err)
	}
	return k
}

func mustSigner(s crypto.Signer) statement.Signer {
	signer, err := statement.NewSigner(s)
	if err != nil {
		panic(err)
	}
	return signer
}

// repeatable signs without randomness.
type repeatable struct{ *ecdsa.PrivateKey }

func (r repeatable) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return r.PrivateKey.Sign(nil, digest, opts)
}
