package c2patest

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"

	"github.com/andybalholm/brotli"
	"github.com/fxamacker/cbor/v2"
)

// payload is the signer_payload of an identity assertion about one other assertion, in the field order of its schema.
type payload struct {
	Refs []ref  `cbor:"referenced_assertions" json:"referenced_assertions"`
	Kind string `cbor:"sig_type" json:"sig_type"`
}

type ref struct {
	URL  string `cbor:"url" json:"url"`
	Alg  string `cbor:"alg" json:"alg"`
	Hash []byte `cbor:"hash" json:"hash"`
}

func about(as Assertion, kind string) payload {
	m := HashedURI("self#jumbf=c2pa.assertions/"+as.Label, Superbox("cbor", as.Label, Box("cbor", CBOR(as.Data))))
	return payload{[]ref{{m["url"].(string), "sha256", m["hash"].([]byte)}}, kind}
}

func identity(p payload, signature []byte) Assertion {
	raw := must(cbor.Marshal(p))
	return Assertion{"cawg.identity", M{"signer_payload": cbor.RawMessage(raw), "signature": signature, "pad1": make([]byte, 4)}}
}

// Identity makes a CAWG identity assertion about an assertion that the authority's signer signs as a person.
func (a *Authority) Identity(as Assertion) Assertion {
	p := about(as, "cawg.x509.cose")
	return identity(p, a.cose(must(cbor.Marshal(p)), Manifest{}))
}

// Issuer vouches for persons with verifiable credentials.
type Issuer struct {
	Key    ed25519.PrivateKey
	Change func(credential map[string]any) // departs from a proper credential before it is signed
}

// DID is the issuer's name, which holds its key.
func (i *Issuer) DID() string {
	x := base64.RawURLEncoding.EncodeToString(i.Key.Public().(ed25519.PublicKey))
	jwk := must(json.Marshal(map[string]string{"kty": "OKP", "crv": "Ed25519", "x": x}))
	return "did:jwk:" + base64.RawURLEncoding.EncodeToString(jwk)
}

// Identity makes a CAWG identity assertion about an assertion in which the issuer vouches for a person.
func (i *Issuer) Identity(as Assertion) Assertion {
	p := about(as, "cawg.identity_claims_aggregation")
	credential := map[string]any{
		"@context": []string{"https://www.w3.org/ns/credentials/v2"}, "type": []string{"VerifiableCredential"},
		"issuer": i.DID(), "validFrom": NotBefore, "validUntil": NotAfter,
		"credentialSubject": map[string]any{"verifiedIdentities": []any{map[string]string{"name": "Somebody"}}, "c2paAsset": p},
	}
	if i.Change != nil {
		i.Change(credential)
	}
	doc := must(json.Marshal(credential))
	protected := CBOR(M{1: -8, 3: "application/vc"})
	sig := ed25519.Sign(i.Key, CBOR([]any{"Signature1", protected, []byte{}, doc}))
	return identity(p, CBOR(cbor.Tag{Number: 18, Content: []any{protected, M{}, doc, sig}}))
}

// Compress makes a compressed manifest of one.
func Compress(label string, manifest []byte) []byte {
	var b bytes.Buffer
	w := brotli.NewWriter(&b)
	must(w.Write(manifest))
	must(0, w.Close())
	return Superbox("c2cm", label, Box("brob", b.Bytes()))
}
