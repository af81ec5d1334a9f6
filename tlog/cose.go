package tlog

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// ErrNoCOSERoot says that a checkpoint does not carry the log's COSE signature of its root.
var ErrNoCOSERoot = errors.New("checkpoint has no COSE root signature")

// COSEProtected is the protected header of every COSE receipt of ours (RFC 9942, section 4.2.1),
// in CBOR: {1: -8 (EdDSA), 395: 1 (RFC9162_SHA256)}.
const COSEProtected = "\xa2\x01\x27\x19\x01\x8b\x01"

// coseRootPrefix is the CBOR of a Sig_structure (RFC 9052, section 4.4) up to the root:
// ["Signature1", COSEProtected, h”, root].
const coseRootPrefix = "\x84\x6aSignature1\x47" + COSEProtected + "\x40\x58\x20"

// COSERootSigStructure returns the bytes that a log signs for COSE receipts: the Sig_structure of
// a COSE_Sign1 with the fixed protected header [COSEProtected], no external data, and the root as
// its detached payload.
func COSERootSigStructure(root Hash) []byte {
	return append([]byte(coseRootPrefix), root[:]...)
}

// COSERootSignature finds and checks the log's COSE root signature in a signed checkpoint and
// returns the bare 64 bytes, ready for a COSE receipt. Other signatures are not checked.
func COSERootSignature(raw []byte, log Key) ([]byte, error) {
	key := log.COSERoot()
	n, err := openNote(raw, key)
	if _, ok := errors.AsType[*note.InvalidSignatureError](err); ok {
		return nil, fmt.Errorf("COSE root signature of %q: %w", log.name, ErrLogSignature)
	}
	if err != nil {
		return nil, err
	}
	if c, err := ParseCheckpoint(n.Text); err != nil {
		return nil, err
	} else if c.Origin != log.Origin() {
		return nil, fmt.Errorf("checkpoint of %q, not of %q: %w", c.Origin, log.name, ErrOrigin)
	}
	if len(n.Sigs) == 0 {
		return nil, fmt.Errorf("checkpoint of %q: %w", log.name, ErrNoCOSERoot)
	}
	sig, err := base64.StdEncoding.DecodeString(n.Sigs[0].Base64)
	if err != nil {
		return nil, err
	}
	return sig[4:], nil
}

func verifyCOSERoot(pub ed25519.PublicKey, text, sig []byte) bool {
	c, err := ParseCheckpoint(string(text))
	return err == nil && verifyEd25519(pub, COSERootSigStructure(c.Root), sig)
}
