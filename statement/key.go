package statement

import (
	"crypto"
	"crypto/ecdsa"
	stded25519 "crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/oasisprotocol/curve25519-voi/curve"
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

// key is a public key ready for use; exactly one of ed and ec is set. It is never changed once made.
type key struct {
	issuer Issuer
	ed     *ed25519.ExpandedPublicKey
	ec     *ecdsa.PublicKey
}

// ed25519Options is the check of RFC 8032, section 5.1.7 with the cofactor, the only one that gives the same result
// for one signature and for a batch of them. Encodings of A, R and S must be canonical. A key of small order is
// refused: it accepts signatures that nobody made.
var ed25519Options = &ed25519.Options{Verify: &ed25519.VerifyOptions{AllowSmallOrderR: true}}

// NewPublicKey takes an [ed25519.PublicKey] of the standard library or a P-256 [*ecdsa.PublicKey].
//
// [ed25519.PublicKey]: https://pkg.go.dev/crypto/ed25519#PublicKey
func NewPublicKey(pub crypto.PublicKey) (PublicKey, error) {
	switch pub := pub.(type) {
	case stded25519.PublicKey:
		return encodeDIDKey(codecEd25519, pub).PublicKey()
	case *ecdsa.PublicKey:
		if pub.Curve != elliptic.P256() {
			return PublicKey{}, fmt.Errorf("%w: ECDSA over %s", ErrAlgorithm, pub.Params().Name)
		}
		point, err := pub.Bytes()
		if err != nil {
			return PublicKey{}, fmt.Errorf("%w: %w", ErrKey, err)
		}
		compressed := append([]byte{2 + point[64]&1}, point[1:33]...) // SEC 1, section 2.3.3
		return encodeDIDKey(codecP256, compressed).PublicKey()
	case *rsa.PublicKey:
		return PublicKey{}, fmt.Errorf("%w: RSA", ErrAlgorithm)
	default:
		return PublicKey{}, fmt.Errorf("%w: %T", ErrAlgorithm, pub)
	}
}

// newKey decodes a key that [refer] has found.
func newKey(issuer Issuer, codec string, point []byte) (*key, error) {
	k := &key{issuer: issuer}
	var err error
	if codec == codecP256 {
		k.ec, err = decodeP256(point)
	} else {
		k.ed, err = decodeEd25519(point)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return k, nil
}

// decodeP256 decodes a compressed point (SEC 1, section 2.3.4).
func decodeP256(point []byte) (*ecdsa.PublicKey, error) {
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), point)
	if x == nil {
		return nil, errors.New("it is not a point of P-256")
	}
	uncompressed := make([]byte, 65)
	uncompressed[0] = 4
	x.FillBytes(uncompressed[1:33])
	y.FillBytes(uncompressed[33:])
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), uncompressed)
}

// smallOrder holds the eight points whose multiples never leave them.
var smallOrder = func() map[curve.CompressedEdwardsY]bool {
	points := make(map[curve.CompressedEdwardsY]bool)
	for _, p := range curve.EIGHT_TORSION {
		var text curve.CompressedEdwardsY
		points[*text.SetEdwardsPoint(p)] = true
	}
	return points
}()

func decodeEd25519(point []byte) (*ed25519.ExpandedPublicKey, error) {
	text, err := curve.NewCompressedEdwardsYFromBytes(point)
	switch {
	case err != nil:
		return nil, err
	case !text.IsCanonicalVartime():
		return nil, errors.New("it is not the canonical encoding of its point")
	case smallOrder[*text]:
		return nil, errors.New("it is one of the points of small order, which accept signatures that nobody made")
	}
	ed, err := ed25519.NewExpandedPublicKey(point)
	if err != nil {
		return nil, errors.New("it is not a point of Ed25519")
	}
	return ed, nil
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
	switch {
	case p.k == nil:
		return ""
	case p.k.ec != nil:
		return ECDSAP256
	default:
		return Ed25519
	}
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
