package statement

import (
	"crypto"
	"crypto/rand" //determinism:ok only signing needs it, and no consensus signs
	"crypto/sha256"
	"fmt"
)

// Signer holds a private key, or reaches one that is held elsewhere.
type Signer interface {
	// Issuer names the key that signs.
	Issuer() Issuer
	// Sign signs msg: 64 bytes for Ed25519, an ASN.1 DER signature of msg's SHA-256 for P-256.
	Sign(msg []byte) ([]byte, error)
}

type signer struct {
	public PublicKey
	crypto.Signer
}

// NewSigner takes any crypto.Signer of an Ed25519 or P-256 key, such as an ed25519.PrivateKey, an
// *ecdsa.PrivateKey or a hardware token's.
func NewSigner(s crypto.Signer) (Signer, error) {
	public, err := NewPublicKey(s.Public())
	if err != nil {
		return nil, err
	}
	return &signer{public, s}, nil
}

func (s *signer) Issuer() Issuer { return s.public.Issuer() }

func (s *signer) Sign(msg []byte) ([]byte, error) {
	opts := crypto.Hash(0)
	if s.public.Algorithm() == ECDSAP256 {
		digest := sha256.Sum256(msg)
		msg, opts = digest[:], crypto.SHA256
	}
	sig, err := s.Signer.Sign(rand.Reader, msg, opts)
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", s.Issuer(), err)
	}
	return sig, nil
}
