package statement

import (
	"fmt"
	"strings"

	"github.com/mr-tron/base58"
)

// Issuer names who signs: a did:key, which is the public key itself in text form ("did:key:z…"). It says nothing
// about who holds the key.
type Issuer string

const didKeyPrefix = "did:key:z"

// The multicodec prefixes of the two kinds of key (unsigned varints of 0xed and 0x1200).
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
	if k := keys.get(i); k != nil {
		return PublicKey{k}, nil
	}
	codec, raw, err := decodeDIDKey(string(i))
	if err != nil {
		return PublicKey{}, err
	}
	k, err := newKey(i, codec, raw)
	if err != nil {
		return PublicKey{}, err
	}
	keys.put(k)
	return PublicKey{k}, nil
}

// decodeDIDKey checks everything about a did:key but whether the point is on the curve.
func decodeDIDKey(s string) (codec, raw string, err error) {
	text, ok := strings.CutPrefix(s, didKeyPrefix)
	if !ok || len(text) > 64 {
		return "", "", fmt.Errorf("%w: %.80q does not look like did:key:z6Mk… or did:key:zDn…", ErrKey, s)
	}
	b, err := base58.Decode(text)
	if err != nil || base58.Encode(b) != text {
		return "", "", fmt.Errorf("%w: %.80q is not canonical base58", ErrKey, s)
	}
	switch {
	case len(b) == 2+32 && string(b[:2]) == codecEd25519, len(b) == 2+33 && string(b[:2]) == codecP256:
		return string(b[:2]), string(b[2:]), nil
	case len(b) > 2 && (string(b[:2]) == codecEd25519 || string(b[:2]) == codecP256):
		return "", "", fmt.Errorf("%w: %.80q has the wrong length", ErrKey, s)
	default:
		return "", "", fmt.Errorf("%w: %.80q is neither an Ed25519 nor a P-256 key", ErrAlgorithm, s)
	}
}

func encodeDIDKey(codec string, raw []byte) Issuer {
	return Issuer(didKeyPrefix + base58.Encode(append([]byte(codec), raw...)))
}
