package tlog

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// ErrClock says that a cosigner's clock shows a time that a cosignature cannot carry.
var ErrClock = errors.New("the clock is before 1970")

// ErrPrivateKey says that a private key has the wrong length.
var ErrPrivateKey = errors.New("not an Ed25519 private key")

// Signer signs checkpoints with one key. It is a [golang.org/x/mod/sumdb/note.Signer] and safe for
// concurrent use.
type Signer struct {
	key  Key
	sign func(msg []byte) ([]byte, error)
}

// Key returns the key that verifies this signer's signatures.
func (s *Signer) Key() Key { return s.key }

// Name returns the key's name.
func (s *Signer) Name() string { return s.key.name }

// KeyHash returns the key ID.
func (s *Signer) KeyHash() uint32 { return s.key.id }

// Sign signs a checkpoint's text. The result has no key ID in front.
func (s *Signer) Sign(msg []byte) ([]byte, error) { return s.sign(msg) }

// NewLogSigner returns the signer with which a log signs its checkpoints.
func NewLogSigner(origin Origin, priv ed25519.PrivateKey) (*Signer, error) {
	return newSigner(string(origin), AlgEd25519, priv, func(msg []byte) ([]byte, error) {
		return ed25519.Sign(priv, msg), nil
	})
}

// NewCosigner returns the signer with which a witness cosigns checkpoints (tlog-cosignature,
// cosignature/v1). Each signature carries the time that now gives at that moment. A witness must
// not use the same key under two names: the signed message does not say the name.
func NewCosigner(name string, priv ed25519.PrivateKey, now func() time.Time) (*Signer, error) {
	return newSigner(name, AlgCosignature, priv, func(msg []byte) ([]byte, error) {
		if _, err := ParseCheckpoint(string(msg)); err != nil {
			return nil, fmt.Errorf("cosign: %w", err)
		}
		t := now().Unix()
		if t < 0 {
			return nil, fmt.Errorf("cosign at %d: %w", t, ErrClock)
		}
		sig := binary.BigEndian.AppendUint64(nil, uint64(t))
		return append(sig, ed25519.Sign(priv, cosignedMessage(uint64(t), msg))...), nil
	})
}

// NewCOSERootSigner returns the signer of our own signature line: the log signs the root of each
// checkpoint once more, the way an RFC 9942 receipt needs it, so that anyone can later assemble
// the COSE receipt of any entry without the log's key. See [COSERootSigStructure].
func NewCOSERootSigner(origin Origin, priv ed25519.PrivateKey) (*Signer, error) {
	return newSigner(string(origin), AlgCOSERoot, priv, func(msg []byte) ([]byte, error) {
		c, err := ParseCheckpoint(string(msg))
		if err != nil {
			return nil, fmt.Errorf("sign the root for COSE: %w", err)
		}
		return ed25519.Sign(priv, COSERootSigStructure(c.Root)), nil
	})
}

func newSigner(name string, alg Alg, priv ed25519.PrivateKey, sign func([]byte) ([]byte, error)) (*Signer, error) {
	if len(priv) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("signer %q: %d bytes: %w", name, len(priv), ErrPrivateKey)
	}
	key, err := newKey(name, alg, priv.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, fmt.Errorf("signer %q: %w", name, err)
	}
	return &Signer{key: key, sign: sign}, nil
}

// cosignatureSize is the length of a cosignature/v1: time and Ed25519 signature.
const cosignatureSize = 8 + ed25519.SignatureSize

// cosignedMessage is what a witness signs: two header lines, then the checkpoint's text.
func cosignedMessage(t uint64, text []byte) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", t, text)
}

func verifyCosignature(pub ed25519.PublicKey, text, sig []byte) bool {
	t, ok := cosignatureTime(sig)
	return ok && verifyEd25519(pub, cosignedMessage(t, text), sig[8:])
}

// cosignatureTime reads the time of a cosignature; it must not exceed 2^63-1.
func cosignatureTime(sig []byte) (uint64, bool) {
	if len(sig) != cosignatureSize {
		return 0, false
	}
	t := binary.BigEndian.Uint64(sig)
	return t, t <= 1<<63-1
}
