// Package pki holds the X.509 that C2PA asks for: keys of every allowed kind, certificate signatures, the certificate
// profile and certification paths at a given time.
//
// The standard library parses certificates and does all arithmetic, but its chain builder is not used: it cannot use
// keys whose type is id-RSASSA-PSS, which many content signers have, and it knows nothing of C2PA's profile.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha256" // registers SHA-256 for crypto.Hash
	_ "crypto/sha512" // registers SHA-384 and SHA-512 for crypto.Hash
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Errors of signature checks.
var (
	ErrUnsupported = errors.New("algorithm is not on the allowed list")
	ErrSignature   = errors.New("signature does not match")
)

// RSA key sizes accepted, in bits. C2PA 13.2.1 sets the lower bound; the upper one bounds the work of a check.
const (
	minRSABits = 2048
	maxRSABits = 16384
)

var (
	oidPSS     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}
)

// Key is a public key with what its own parameters allow it to be used for.
type Key struct {
	Public  crypto.PublicKey // *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
	PSSOnly bool             // the key type is id-RSASSA-PSS
	pssHash crypto.Hash      // hash the PSS key is bound to, 0 if free
}

// ParseKey reads a SubjectPublicKeyInfo.
func ParseKey(spki []byte) (*Key, error) {
	in := cryptobyte.String(spki)
	var body, alg cryptobyte.String
	var oid asn1.ObjectIdentifier
	var bits asn1.BitString
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() || !body.ReadASN1(&alg, cbasn1.SEQUENCE) ||
		!alg.ReadASN1ObjectIdentifier(&oid) || !body.ReadASN1BitString(&bits) || !body.Empty() {
		return nil, errors.New("malformed public key")
	}
	if oid.Equal(oidPSS) {
		return parsePSSKey(alg, bits.RightAlign())
	}
	pub, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, fmt.Errorf("read public key: %w", err)
	}
	k := &Key{Public: pub}
	return k, k.check()
}

func parsePSSKey(params cryptobyte.String, key []byte) (*Key, error) {
	pub, err := x509.ParsePKCS1PublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("read RSASSA-PSS key: %w", err)
	}
	k := &Key{Public: pub, PSSOnly: true}
	if !params.Empty() {
		a, err := parsePSSParams(params)
		if err != nil {
			return nil, err
		}
		k.pssHash = a.Hash
	}
	return k, k.check()
}

// check applies C2PA 13.2.1 to the key itself: curves and sizes.
func (k *Key) check() error {
	switch pub := k.Public.(type) {
	case *rsa.PublicKey:
		if n := pub.N.BitLen(); n < minRSABits || n > maxRSABits {
			return fmt.Errorf("RSA key of %d bits: %w", n, ErrUnsupported)
		}
	case *ecdsa.PublicKey:
		switch pub.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
		default:
			return fmt.Errorf("elliptic curve: %w", ErrUnsupported)
		}
	case ed25519.PublicKey:
	default:
		return fmt.Errorf("key of type %T: %w", pub, ErrUnsupported)
	}
	return nil
}

// Scheme is a family of signatures.
type Scheme int

// Signature families of C2PA 13.2.1 and 14.5.1.
const (
	PKCS1v15 Scheme = iota + 1
	PSS
	ECDSA    // signature as ASN.1 DER
	ECDSARaw // signature as r and s side by side, as in COSE
	EdDSA
)

// SigAlg is one signature algorithm with its parameters.
type SigAlg struct {
	Scheme Scheme
	Hash   crypto.Hash
	Salt   int // length of the PSS salt in bytes
}

var sigOIDs = []struct {
	oid asn1.ObjectIdentifier
	alg SigAlg
}{
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, SigAlg{Scheme: PKCS1v15, Hash: crypto.SHA256}},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, SigAlg{Scheme: PKCS1v15, Hash: crypto.SHA384}},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, SigAlg{Scheme: PKCS1v15, Hash: crypto.SHA512}},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, SigAlg{Scheme: ECDSA, Hash: crypto.SHA256}},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, SigAlg{Scheme: ECDSA, Hash: crypto.SHA384}},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, SigAlg{Scheme: ECDSA, Hash: crypto.SHA512}},
	{oidEd25519, SigAlg{Scheme: EdDSA}},
}

var hashOIDs = []struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}{
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, crypto.SHA256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
}

// HashByOID returns the hash of that name if C2PA 13.1 allows it.
func HashByOID(oid asn1.ObjectIdentifier) (crypto.Hash, bool) {
	for _, h := range hashOIDs {
		if h.oid.Equal(oid) {
			return h.hash, true
		}
	}
	return 0, false
}

// ParseSigAlg reads the content of an AlgorithmIdentifier that names a signature algorithm.
func ParseSigAlg(alg cryptobyte.String) (SigAlg, error) {
	var oid asn1.ObjectIdentifier
	if !alg.ReadASN1ObjectIdentifier(&oid) {
		return SigAlg{}, errors.New("malformed algorithm identifier")
	}
	if oid.Equal(oidPSS) {
		return parsePSSParams(alg)
	}
	for _, s := range sigOIDs {
		if s.oid.Equal(oid) {
			return s.alg, nil
		}
	}
	return SigAlg{}, fmt.Errorf("signature algorithm %v: %w", oid, ErrUnsupported)
}

// parsePSSParams reads RSASSA-PSS-params (RFC 4055, section 3.1). C2PA 14.5.1 wants them present, with a hash of the
// allowed list, the same for the mask.
func parsePSSParams(in cryptobyte.String) (SigAlg, error) {
	bad := func(why string) (SigAlg, error) {
		return SigAlg{}, fmt.Errorf("RSASSA-PSS parameters %s: %w", why, ErrUnsupported)
	}
	var seq, hashAlg, mgf, mgfHash cryptobyte.String
	var mgfOID asn1.ObjectIdentifier
	var hasHash, hasMGF bool
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return bad("are missing")
	}
	if !seq.ReadOptionalASN1(&hashAlg, &hasHash, tag(0)) || !seq.ReadOptionalASN1(&mgf, &hasMGF, tag(1)) || !hasHash || !hasMGF {
		return bad("name no hash")
	}
	h1, ok1 := readHashAlg(&hashAlg)
	if !mgf.ReadASN1(&mgf, cbasn1.SEQUENCE) || !mgf.ReadASN1ObjectIdentifier(&mgfOID) || !mgfOID.Equal(oidMGF1) {
		return bad("name no mask")
	}
	mgfHash = mgf
	h2, ok2 := readHashAlg(&mgfHash)
	if !ok1 || !ok2 || h1 != h2 {
		return bad("name hashes that are not allowed or not the same")
	}
	salt := 20
	var saltSeq cryptobyte.String
	var hasSalt bool
	if !seq.ReadOptionalASN1(&saltSeq, &hasSalt, tag(2)) || hasSalt && (!saltSeq.ReadASN1Integer(&salt) || salt < 0 || salt > maxRSABits/8) {
		return bad("have a bad salt length")
	}
	return SigAlg{Scheme: PSS, Hash: h1, Salt: salt}, nil
}

func tag(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

func readHashAlg(in *cryptobyte.String) (crypto.Hash, bool) {
	var seq cryptobyte.String
	var oid asn1.ObjectIdentifier
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1ObjectIdentifier(&oid) {
		return 0, false
	}
	return HashByOID(oid)
}

// Verify checks sig over msg. It returns an error wrapping [ErrUnsupported] if the key and the algorithm do not fit
// together and [ErrSignature] if the signature is wrong.
func (k *Key) Verify(alg SigAlg, msg, sig []byte) error {
	switch pub := k.Public.(type) {
	case *rsa.PublicKey:
		return k.verifyRSA(pub, alg, digest(alg.Hash, msg), sig)
	case *ecdsa.PublicKey:
		return verifyECDSA(pub, alg, digest(alg.Hash, msg), sig)
	case ed25519.PublicKey:
		if alg.Scheme != EdDSA {
			return fmt.Errorf("Ed25519 key with another algorithm: %w", ErrUnsupported)
		}
		if !ed25519.Verify(pub, msg, sig) {
			return ErrSignature
		}
		return nil
	}
	return ErrUnsupported
}

func digest(h crypto.Hash, msg []byte) []byte {
	if h == 0 {
		return nil
	}
	w := h.New()
	w.Write(msg)
	return w.Sum(nil)
}

func (k *Key) verifyRSA(pub *rsa.PublicKey, alg SigAlg, sum, sig []byte) error {
	var err error
	switch {
	case alg.Scheme == PKCS1v15 && !k.PSSOnly:
		err = rsa.VerifyPKCS1v15(pub, alg.Hash, sum, sig)
	case alg.Scheme == PSS && (k.pssHash == 0 || k.pssHash == alg.Hash):
		err = rsa.VerifyPSS(pub, alg.Hash, sum, sig, &rsa.PSSOptions{SaltLength: alg.Salt})
	default:
		return fmt.Errorf("RSA key with another algorithm: %w", ErrUnsupported)
	}
	if err != nil {
		return ErrSignature
	}
	return nil
}

func verifyECDSA(pub *ecdsa.PublicKey, alg SigAlg, sum, sig []byte) error {
	switch alg.Scheme {
	case ECDSA:
		if !ecdsa.VerifyASN1(pub, sum, sig) {
			return ErrSignature
		}
		return nil
	case ECDSARaw:
		size := (pub.Curve.Params().BitSize + 7) / 8
		if len(sig) != 2*size {
			return fmt.Errorf("signature of %d bytes: %w", len(sig), ErrSignature)
		}
		r, s := new(big.Int).SetBytes(sig[:size]), new(big.Int).SetBytes(sig[size:])
		if !ecdsa.Verify(pub, sum, r, s) {
			return ErrSignature
		}
		return nil
	}
	return fmt.Errorf("elliptic curve key with another algorithm: %w", ErrUnsupported)
}
