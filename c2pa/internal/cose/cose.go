// Package cose reads the COSE_Sign1 signatures of C2PA claims and CAWG identities (RFC 9052, C2PA 13.2) and gives the
// bytes that were signed and time-stamped. It judges neither certificates nor time.
package cose

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"

	fx "github.com/fxamacker/cbor/v2"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

// Errors of a signature structure.
var (
	ErrMalformed   = errors.New("malformed COSE_Sign1")
	ErrUnsupported = pki.ErrUnsupported
	ErrNoChain     = errors.New("signature carries no certificates")
	ErrTwoChains   = errors.New("signature carries certificates in two places")
)

const (
	tagSign1    = 18
	labelAlg    = 1
	labelCrit   = 2
	labelChain  = 33
	nameChain   = "x5chain"
	maxCOSESize = 4 << 20
)

// Stamp says how a time stamp is bound to the signature.
type Stamp int

// The two forms of C2PA 10.3.2.5.
const (
	StampNone Stamp = iota
	StampV1         // sigTst: over the claim
	StampV2         // sigTst2: over the signature
)

// Sign1 is one parsed signature.
type Sign1 struct {
	Alg       string // ES256 and so on, empty if absent or not allowed
	Signature []byte
	Protected []byte     // the protected header as it was signed
	Payload   []byte     // attached payload, nil if detached
	Headers   cbor.Map   // protected header
	Loose     cbor.Map   // unprotected header
	sigAlg    pki.SigAlg // what Alg means
}

var algorithms = map[int64]struct {
	name string
	alg  pki.SigAlg
}{
	-7:  {"ES256", pki.SigAlg{Scheme: pki.ECDSARaw, Hash: crypto.SHA256}},
	-35: {"ES384", pki.SigAlg{Scheme: pki.ECDSARaw, Hash: crypto.SHA384}},
	-36: {"ES512", pki.SigAlg{Scheme: pki.ECDSARaw, Hash: crypto.SHA512}},
	-37: {"PS256", pki.SigAlg{Scheme: pki.PSS, Hash: crypto.SHA256, Salt: 32}},
	-38: {"PS384", pki.SigAlg{Scheme: pki.PSS, Hash: crypto.SHA384, Salt: 48}},
	-39: {"PS512", pki.SigAlg{Scheme: pki.PSS, Hash: crypto.SHA512, Salt: 64}},
	-8:  {"EdDSA", pki.SigAlg{Scheme: pki.EdDSA}},
}

// sign1 is the array inside the tag; the headers and payload stay raw until they are looked at.
type sign1 struct {
	_         struct{} `cbor:",toarray"`
	Protected []byte
	Loose     fx.RawMessage
	Payload   fx.RawMessage
	Signature []byte
}

// Parse reads a COSE_Sign1_Tagged. An algorithm that is absent or not allowed leaves Alg empty.
func Parse(data []byte) (*Sign1, error) {
	if len(data) > maxCOSESize {
		return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, len(data))
	}
	var tagged fx.RawTag
	if err := fx.Unmarshal(data, &tagged); err != nil || tagged.Number != tagSign1 {
		return nil, fmt.Errorf("%w: it does not begin with its tag", ErrMalformed)
	}
	var raw sign1
	if err := fx.Unmarshal(tagged.Content, &raw); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	s := &Sign1{Signature: raw.Signature, Protected: raw.Protected}
	if err := s.readHeaders(raw.Loose); err != nil {
		return nil, err
	}
	if !bytes.Equal(raw.Payload, []byte{0xf6}) {
		v, err := cbor.Decode(raw.Payload)
		payload, ok := v.([]byte)
		if err != nil || !ok {
			return nil, fmt.Errorf("%w: payload is no byte string", ErrMalformed)
		}
		s.Payload = payload
	}
	return s, nil
}

func (s *Sign1) readHeaders(loose []byte) error {
	var err error
	s.Headers = cbor.Map{}
	if len(s.Protected) > 0 {
		if s.Headers, err = cbor.DecodeMap(s.Protected); err != nil {
			return fmt.Errorf("%w: protected header: %v", ErrMalformed, err)
		}
	}
	if s.Loose, err = cbor.DecodeMap(loose); err != nil {
		return fmt.Errorf("%w: unprotected header: %v", ErrMalformed, err)
	}
	if cbor.Has(s.Headers, uint64(labelCrit)) {
		return fmt.Errorf("%w: it has critical headers, which none of C2PA's are", ErrMalformed)
	}
	if n, ok := cbor.Int(s.Headers[uint64(labelAlg)]); ok {
		s.setAlg(n)
	} else if n, ok := cbor.Int(s.Headers[int64(labelAlg)]); ok {
		s.setAlg(n)
	}
	return nil
}

func (s *Sign1) setAlg(n int64) {
	if a, ok := algorithms[n]; ok {
		s.Alg, s.sigAlg = a.name, a.alg
	}
}

// Chain returns the certificates the signature carries, signer first. They are in the protected header, or, in
// older files, in the unprotected one; both at once is an error (C2PA 14.5).
func (s *Sign1) Chain() ([][]byte, error) {
	inside, err := chainOf(s.Headers)
	if err != nil {
		return nil, err
	}
	outside, err := chainOf(s.Loose)
	if err != nil {
		return nil, err
	}
	switch {
	case inside != nil && outside != nil:
		return nil, ErrTwoChains
	case inside != nil:
		return inside, nil
	case outside != nil:
		return outside, nil
	}
	return nil, ErrNoChain
}

func chainOf(h cbor.Map) ([][]byte, error) {
	v, ok := h[uint64(labelChain)]
	if !ok {
		if v, ok = h[nameChain]; !ok {
			return nil, nil
		}
	} else if cbor.Has(h, nameChain) {
		return nil, ErrTwoChains
	}
	switch v := v.(type) {
	case []byte:
		return [][]byte{v}, nil
	case []any:
		var out [][]byte
		for _, e := range v {
			der, ok := e.([]byte)
			if !ok {
				return nil, fmt.Errorf("%w: a certificate is no byte string", ErrMalformed)
			}
			out = append(out, der)
		}
		if len(out) > 0 {
			return out, nil
		}
	}
	return nil, ErrNoChain
}

// Verify checks the signature over payload with key.
func (s *Sign1) Verify(payload []byte, key *pki.Key) error {
	if s.Alg == "" {
		return ErrUnsupported
	}
	return key.Verify(s.sigAlg, s.structure("Signature1", payload), s.Signature)
}

// Stamped returns the tokens of the signature's own time stamp header and the bytes they must cover.
// The sigTst2 header wins over sigTst.
func (s *Sign1) Stamped(payload []byte) (tokens [][]byte, covered []byte, form Stamp, err error) {
	form, payloadOf := StampV2, func() []byte { return mustEncode(s.Signature) }
	header, ok := s.Loose["sigTst2"]
	if !ok {
		form, payloadOf = StampV1, func() []byte { return payload }
		if header, ok = s.Loose["sigTst"]; !ok {
			return nil, nil, StampNone, nil
		}
	}
	m, _ := header.(cbor.Map)
	list, ok := cbor.List(m, "tstTokens")
	if !ok {
		return nil, nil, form, fmt.Errorf("%w: time stamp header without tokens", ErrMalformed)
	}
	for _, e := range list {
		em, _ := e.(cbor.Map)
		val, ok := cbor.Bytes(em, "val")
		if !ok {
			return nil, nil, form, fmt.Errorf("%w: time stamp token without value", ErrMalformed)
		}
		tokens = append(tokens, val)
	}
	return tokens, s.structure("CounterSignature", payloadOf()), form, nil
}

// Revocation returns the OCSP responses that are stapled to the signature.
func (s *Sign1) Revocation() [][]byte {
	vals, ok := cbor.Get[cbor.Map](s.Loose, "rVals")
	if !ok {
		vals, _ = cbor.Get[cbor.Map](s.Headers, "rVals")
	}
	list, _ := cbor.List(vals, "ocspVals")
	var out [][]byte
	for _, e := range list {
		if der, ok := e.([]byte); ok {
			out = append(out, der)
		}
	}
	return out
}

// PaddingClean reports whether the headers that exist only to fill space hold nothing but zeros.
func (s *Sign1) PaddingClean() bool {
	for _, name := range []string{"pad", "pad2"} {
		v, ok := s.Loose[name]
		if !ok {
			continue
		}
		b, ok := v.([]byte)
		if !ok || len(bytes.Trim(b, "\x00")) > 0 {
			return false
		}
	}
	return true
}

// structure builds Sig_structure, RFC 9052, section 4.4, with empty external data.
func (s *Sign1) structure(context string, payload []byte) []byte {
	return mustEncode([]any{context, s.protectedBytes(), []byte{}, payload})
}

func (s *Sign1) protectedBytes() []byte {
	if s.Protected == nil {
		return []byte{}
	}
	return s.Protected
}

func mustEncode(v any) []byte {
	b, err := cbor.Encode(v)
	if err != nil {
		panic(err) // texts and byte strings always encode
	}
	return b
}
