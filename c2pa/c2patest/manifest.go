package c2patest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"github.com/fxamacker/cbor/v2"
)

// Label is the label of the manifest that [Sign] makes.
const Label = "urn:c2pa:00000000-0000-4000-8000-000000000001:test"

// Assertion is one assertion of a manifest.
type Assertion struct {
	Label string
	Data  any // encoded as CBOR
}

// Manifest says what to sign. The zero value is a proper one: created by a camera.
type Manifest struct {
	Label      string // default Label
	Update     bool
	Assertions []Assertion // instead of the record of how the content was created
	Gathered   []Assertion // assertions the claim lists as gathered
	Before     [][]byte    // manifests that stand before this one in the store
	Claim      func(M)     // changes the claim before it is signed
	Header     func(M)     // changes the unprotected header of the signature
	// Stamp makes a time stamp token over what a sigTst2 header has to cover.
	Stamp func(covered []byte) []byte
	// Binding binds to the file that carries the manifest; default DataHash.
	Binding func(file []byte, start, length int) Assertion
	// About makes one more assertion, which speaks of the binding; its size must not depend on the binding's hash.
	About func(binding Assertion) Assertion
}

// M is a CBOR map.
type M = map[any]any

// Created is the record that a camera took the content.
var Created = Assertion{"c2pa.actions.v2", M{"actions": []any{M{
	"action": "c2pa.created", "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}}}}

// CBOR encodes v deterministically.
func CBOR(v any) []byte { return must(must(cbor.CoreDetEncOptions().EncMode()).Marshal(v)) }

// Box makes a box.
func Box(kind string, content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))
	return append(append(out, kind...), body...)
}

// Superbox makes a JUMBF superbox whose type begins with four characters, or is 16 bytes.
func Superbox(kind, label string, content ...[]byte) []byte {
	uuid := []byte(kind)
	if len(uuid) == 4 {
		uuid = append(uuid, "\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	}
	desc := Box("jumd", uuid, []byte{3}, []byte(label), []byte{0})
	return Box("jumb", append([][]byte{desc}, content...)...)
}

// Store wraps manifests in a manifest store.
func Store(manifests ...[]byte) []byte { return Superbox("c2pa", "c2pa", manifests...) }

// HashedURI refers to a superbox by address.
func HashedURI(url string, superbox []byte) M {
	sum := sha256.Sum256(superbox[8:])
	return M{"url": url, "hash": sum[:], "alg": "sha256"}
}

// Sign makes the bytes of one manifest. Its size does not depend on the values of hashes in it.
func (a *Authority) Sign(m Manifest) []byte {
	if m.Label == "" {
		m.Label = Label
	}
	if m.Assertions == nil {
		m.Assertions = []Assertion{Created}
	}
	var boxes [][]byte
	list := func(in []Assertion) []any {
		refs := []any{}
		for _, as := range in {
			box := Superbox("cbor", as.Label, Box("cbor", CBOR(as.Data)))
			boxes = append(boxes, box)
			refs = append(refs, HashedURI("self#jumbf=c2pa.assertions/"+as.Label, box))
		}
		return refs
	}
	claim := M{
		"instanceID": "xmp:iid:1", "alg": "sha256", "signature": "self#jumbf=/c2pa/" + m.Label + "/c2pa.signature",
		"claim_generator_info": M{"name": "c2patest"}, "created_assertions": list(m.Assertions),
	}
	if m.Gathered != nil {
		claim["gathered_assertions"] = list(m.Gathered)
	}
	if m.Claim != nil {
		m.Claim(claim)
	}
	raw := CBOR(claim)
	kind := "c2ma"
	if m.Update {
		kind = "c2um"
	}
	out := Superbox(kind, m.Label, Superbox("c2as", "c2pa.assertions", boxes...),
		Superbox("c2cl", "c2pa.claim.v2", Box("cbor", raw)), Superbox("c2cs", "c2pa.signature", Box("cbor", a.cose(raw, m))))
	return out
}

// cose makes the COSE_Sign1 over a claim.
func (a *Authority) cose(payload []byte, m Manifest) []byte {
	protected := CBOR(M{1: -7, 33: []any{a.Leaf.Raw}})
	structure := func(context string, payload []byte) []byte { return CBOR([]any{context, protected, []byte{}, payload}) }
	sig := a.sign(structure("Signature1", payload))
	loose := M{"pad": make([]byte, 16)}
	if m.Header != nil {
		m.Header(loose)
	}
	if m.Stamp != nil {
		token := m.Stamp(structure("CounterSignature", CBOR(sig)))
		loose["sigTst2"] = M{"tstTokens": []any{M{"val": token}}}
		loose["pad"] = make([]byte, 1000-len(token)) // tokens differ in length by a few bytes
	}
	return CBOR(cbor.Tag{Number: 18, Content: []any{protected, loose, nil, sig}})
}

// DataHash makes the hard binding of an asset of which one range is left out.
func DataHash(file []byte, start, length int) Assertion {
	h := sha256.New()
	h.Write(file[:start])
	h.Write(file[start+length:])
	return Assertion{"c2pa.hash.data", M{
		"alg": "sha256", "hash": h.Sum(nil), "pad": make([]byte, 8),
		"exclusions": []any{M{"start": fixed(start), "length": fixed(length)}},
	}}
}

// fixed is a number that always takes five bytes in CBOR, so that a store does not grow with what it says.
func fixed(n int) cbor.RawMessage {
	return binary.BigEndian.AppendUint32(cbor.RawMessage{0x1a}, uint32(n))
}
