package statement

import (
	"fmt"
	"strings"

	"github.com/mr-tron/base58"
)

// Issuer names who signs: a did:key, which is the public key itself in text form. An Ed25519 key begins with
// "did:key:z6Mk", a P-256 key with "did:key:zDn". It says nothing about who holds the key.
type Issuer string

const didKeyPrefix = "did:key:"

// maxDIDKey is the length of the longest did:key that is decoded.
const maxDIDKey = 80

// The multicodec prefixes of the two kinds of key: unsigned varints of 0xed and 0x1200.
const (
	codecEd25519 = "\xed\x01"
	codecP256    = "\x80\x24"
)

// ParseIssuer reads a did:key of an Ed25519 or P-256 key. There is exactly one accepted text for each key.
func ParseIssuer(s string) (Issuer, error) {
	if _, err := Issuer(s).PublicKey(); err != nil {
		return "", err
	}
	return Issuer(s), nil
}

// PublicKey returns the key that the issuer's name contains.
func (i Issuer) PublicKey() (PublicKey, error) {
	ref, err := refer([]byte(i))
	if err != nil {
		return PublicKey{}, err
	}
	k, err := ref.resolve()
	if err != nil {
		return PublicKey{}, fmt.Errorf("%s: %w", i, err)
	}
	return PublicKey{k}, nil
}

// keyRef is a key by name, not yet brought into the form that checks signatures, which costs about as much as a
// fifth of a check.
type keyRef struct {
	issuer Issuer
	codec  string // codecEd25519 or codecP256
	point  []byte // the encoded curve point
	key    *key   // set if the key was seen lately
}

// refer reads a did:key, and checks everything about it but whether the point is on its curve.
func refer(did []byte) (keyRef, error) {
	if k := keys.get(did); k != nil {
		return keyRef{issuer: k.issuer, key: k}, nil
	}
	text, ok := strings.CutPrefix(string(did), didKeyPrefix)
	if !ok || len(did) > maxDIDKey || text == "" || text[0] != 'z' {
		return keyRef{}, fmt.Errorf("%w: %.80q does not look like did:key:z6Mk… or did:key:zDn…", ErrKey, did)
	}
	// Base58 has one text for each number, and no accepted prefix begins with a zero byte: what decodes is canonical.
	b, err := base58.Decode(text[1:])
	if err != nil || len(b) < 2 {
		return keyRef{}, fmt.Errorf("%w: %q is not base58", ErrKey, did)
	}
	ref := keyRef{issuer: Issuer(did), codec: string(b[:2]), point: b[2:]}
	switch {
	case ref.codec != codecEd25519 && ref.codec != codecP256:
		return keyRef{}, fmt.Errorf("%w: %q is neither an Ed25519 nor a P-256 key", ErrAlgorithm, did)
	case ref.codec == codecEd25519 && len(ref.point) != 32, ref.codec == codecP256 && len(ref.point) != 33:
		return keyRef{}, fmt.Errorf("%w: %q has the wrong length", ErrKey, did)
	}
	return ref, nil
}

// resolve returns the key in the form that checks signatures.
func (r *keyRef) resolve() (*key, error) {
	if r.key != nil {
		return r.key, nil
	}
	k, err := newKey(r.issuer, r.codec, r.point)
	if err == nil {
		keys.put(k)
	}
	return k, err
}

func encodeDIDKey(codec string, point []byte) Issuer {
	return Issuer(didKeyPrefix + "z" + base58.Encode(append([]byte(codec), point...)))
}
