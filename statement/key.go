package statement

import (
	"crypto"
	"crypto/ecdsa"
	stded25519 "crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// Algorithm names a signature algorithm as it is shown to people.
type Algorithm string

// The two algorithms a statement may be signed with.
const (
	Ed25519   Algorithm = "Ed25519"
	ECDSAP256 Algorithm = "ECDSA P-256 with SHA-256"
)

// PublicKey checks signatures. The zero value refuses everything.
type PublicKey struct{ k *key }

// key is a decoded public key; exactly one of ed and ec is set. It is never changed once made.
type key struct {
	issuer Issuer
	ed     *ed25519.ExpandedPublicKey
	ec     *ecdsa.PublicKey
}

// ed25519Options is RFC 8032, 5.1.7 with the cofactored equation, which is the only one that can be checked in
// batches without the two ever disagreeing. Encodings of A, R and S must be canonical, and A must not be of small
// order: such a key verifies signatures that nobody made.
var ed25519Options = &ed25519.Options{Verify: &ed25519.VerifyOptions{AllowSmallOrderR: true}}

// NewPublicKey takes an [crypto/ed25519.PublicKey] or a P-256 [*crypto/ecdsa.PublicKey].
func NewPublicKey(pub crypto.PublicKey) (PublicKey, error) {
	switch pub := pub.(type) {
	case stded25519.PublicKey:
		if len(pub) != stded25519.PublicKeySize {
			return PublicKey{}, fmt.Errorf("%w: an Ed25519 key has 32 bytes, not %d", ErrKey, len(pub))
		}
		return encodeDIDKey(codecEd25519, pub).PublicKey()
	case *ecdsa.PublicKey:
		if pub.Curve != elliptic.P256() {
			return PublicKey{}, fmt.Errorf("%w: ECDSA over %s", ErrAlgorithm, pub.Params().Name)
		}
		point, err := pub.Bytes()
		if err != nil {
			return PublicKey{}, fmt.Errorf("%w: %w", ErrKey, err)
		}
		compressed := append([]byte{2 + point[64]&1}, point[1:33]...)
		return encodeDIDKey(codecP256, compressed).PublicKey()
	default:
		return PublicKey{}, fmt.Errorf("%w: %T", ErrAlgorithm, pub)
	}
}

func newKey(issuer Issuer, codec, raw string) (*key, error) {
	if codec == codecP256 {
		x, y := elliptic.UnmarshalCompressed(elliptic.P256(), []byte(raw))
		if x == nil {
			return nil, fmt.Errorf("%w: %s is not a point of P-256", ErrKey, issuer)
		}
		return &key{issuer: issuer, ec: &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y}}, nil
	}
	ed, err := ed25519.NewExpandedPublicKey([]byte(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: %s is not a point of Ed25519", ErrKey, issuer)
	}
	return &key{issuer: issuer, ed: ed}, nil
}

// Issuer returns the key's name.
func (p PublicKey) Issuer() Issuer {
	if p.k == nil {
		return ""
	}
	return p.k.issuer
}

// Algorithm returns the key's signature algorithm.
func (p PublicKey) Algorithm() Algorithm {
	if p.k != nil && p.k.ec != nil {
		return ECDSAP256
	}
	return Ed25519
}

// Verify returns an error wrapping [ErrSignature] unless sig is the key's signature of msg.
func (p PublicKey) Verify(msg, sig []byte) error {
	if p.k == nil || !p.k.verify(msg, sig) {
		return ErrSignature
	}
	return nil
}

func (k *key) verify(msg, sig []byte) bool {
	if k.ec != nil {
		digest := sha256.Sum256(msg)
		return ecdsa.VerifyASN1(k.ec, digest[:], sig)
	}
	return ed25519.VerifyExpandedWithOptions(k.ed, msg, sig, ed25519Options)
}
