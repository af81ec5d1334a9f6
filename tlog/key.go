package tlog

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Alg is the signature type byte of a key (signed-note, "Signature types").
type Alg byte

// The signature types that we make and check.
const (
	AlgEd25519     Alg = 0x01 // a log's Ed25519 signature of the checkpoint's text
	AlgCosignature Alg = 0x04 // a witness's timestamped Ed25519 cosignature/v1
	AlgCOSERoot    Alg = 0xff // our own: a log's COSE signature of the root, see [NewCOSERootSigner]
)

// COSERootID follows the type byte 0xff in the key of a COSE root signature, as signed-note
// recommends for types without a number of their own.
const COSERootID = "wherefrom.network/cose-root"

// Errors of [ParseKey].
var (
	ErrKeySyntax      = errors.New("not a verifier key")
	ErrKeyName        = errors.New("key name is empty or has a space, a plus or a control character")
	ErrKeyID          = errors.New("key id does not match the key")
	ErrKeyUnsupported = errors.New("signature type is not supported")
)

// Key is a verifier key (vkey): a name and a public key for one signature type. Keys compare with
// ==. The zero Key is no key and verifies nothing.
type Key struct {
	name string
	id   uint32
	alg  Alg
	pub  [ed25519.PublicKeySize]byte
}

// ParseKey reads a vkey: NAME+ID+BASE64 (signed-note, "Verifier keys").
func ParseKey(vkey string) (Key, error) {
	fail := func(err error) (Key, error) { return Key{}, fmt.Errorf("key %.80q: %w", vkey, err) }
	name, rest, ok1 := strings.Cut(vkey, "+")
	id, b64, ok2 := strings.Cut(rest, "+")
	material, err := base64.StdEncoding.Strict().DecodeString(b64)
	if !ok1 || !ok2 || err != nil || len(material) == 0 || len(b64) != base64.StdEncoding.EncodedLen(len(material)) {
		return fail(ErrKeySyntax)
	}
	alg, pub := Alg(material[0]), material[1:]
	supported := alg == AlgEd25519 || alg == AlgCosignature
	if alg == AlgCOSERoot {
		pub, supported = bytes.CutPrefix(pub, []byte(COSERootID))
	}
	if !supported {
		return fail(fmt.Errorf("type 0x%02x: %w", byte(alg), ErrKeyUnsupported))
	}
	k, err := newKey(name, alg, pub)
	if err != nil {
		return fail(err)
	}
	if fmt.Sprintf("%08x", k.id) != id {
		return fail(ErrKeyID)
	}
	return k, nil
}

// newKey makes a key of the type alg from a name and an Ed25519 public key.
func newKey(name string, alg Alg, pub ed25519.PublicKey) (Key, error) {
	if !validName(name) {
		return Key{}, ErrKeyName
	}
	if len(pub) != ed25519.PublicKeySize {
		return Key{}, fmt.Errorf("public key of %d bytes: %w", len(pub), ErrKeySyntax)
	}
	k := Key{name: name, alg: alg, pub: [ed25519.PublicKeySize]byte(pub)}
	k.id = keyID(name, k.material())
	return k, nil
}

// keyID is the key ID that signed-note recommends: SHA-256(name || "\n" || type || key)[:4].
func keyID(name string, material []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write(material)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// validName reports whether a key may bear this name (signed-note, "Format").
func validName(name string) bool {
	bad := func(r rune) bool { return r < 0x20 || r == '+' || unicode.IsSpace(r) }
	return name != "" && utf8.ValidString(name) && strings.IndexFunc(name, bad) < 0
}

// material is what a vkey carries: signature type, for 0xff the identifier, public key.
func (k Key) material() []byte {
	m := []byte{byte(k.alg)}
	if k.alg == AlgCOSERoot {
		m = append(m, COSERootID...)
	}
	return append(m, k.pub[:]...)
}

// Name returns the key's name; for a log it is the origin.
func (k Key) Name() string { return k.name }

// Origin returns the key's name as the origin of the log whose key it is.
func (k Key) Origin() Origin { return Origin(k.name) }

// KeyHash returns the key ID: the first four bytes of each of its signature lines.
func (k Key) KeyHash() uint32 { return k.id }

// Alg returns the signature type.
func (k Key) Alg() Alg { return k.alg }

// Public returns the bare public key.
func (k Key) Public() ed25519.PublicKey { return ed25519.PublicKey(k.pub[:]) }

// IsZero reports whether k is the zero Key.
func (k Key) IsZero() bool { return k == Key{} }

// String returns the vkey; [ParseKey] reads it back.
func (k Key) String() string {
	if k.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s+%08x+%s", k.name, k.id, base64.StdEncoding.EncodeToString(k.material()))
}

// Verify reports whether sig, without the key ID in front, is this key's signature of the
// checkpoint text msg. It makes Key a [golang.org/x/mod/sumdb/note.Verifier].
func (k Key) Verify(msg, sig []byte) bool {
	switch k.alg {
	case AlgEd25519:
		return verifyEd25519(k.pub[:], msg, sig)
	case AlgCosignature:
		return verifyCosignature(k.pub[:], msg, sig)
	case AlgCOSERoot:
		return verifyCOSERoot(k.pub[:], msg, sig)
	}
	return false
}

// COSERoot returns the key under which the same log signs its roots for COSE receipts: same name,
// same public key, type 0xff.
func (k Key) COSERoot() Key {
	if k.IsZero() {
		return Key{}
	}
	k.alg = AlgCOSERoot
	k.id = keyID(k.name, k.material())
	return k
}
