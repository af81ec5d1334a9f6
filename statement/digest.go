package statement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Digest is a SHA-256 digest. It prints as "sha256:" and 64 lower-case hex digits.
type Digest [sha256.Size]byte

const digestPrefix = "sha256:"

// Sum returns the digest of b.
func Sum(b []byte) Digest { return sha256.Sum256(b) }

// ParseDigest reads "sha256:<64 lower-case hex digits>", or the bare digits.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	digits := strings.TrimPrefix(s, digestPrefix)
	if !isHexDigest(digits) {
		return d, fmt.Errorf("%w: %.80q", ErrDigest, s)
	}
	_, _ = hex.Decode(d[:], []byte(digits)) // cannot fail: the digits were checked
	return d, nil
}

func isHexDigest(s string) bool {
	if len(s) != 2*sha256.Size {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Hex returns the 64 digits without the prefix, as in-toto digest sets write them.
func (d Digest) Hex() string { return hex.EncodeToString(d[:]) }

// String returns "sha256:" and the digits.
func (d Digest) String() string { return digestPrefix + d.Hex() }

// IsZero reports whether d was never set.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText returns the same text as String.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [ParseDigest] reads.
func (d *Digest) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDigest(string(text))
	return err
}
