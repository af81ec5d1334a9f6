package statement

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

type jsonEnvelope struct {
	Payload     []byte          `json:"payload"`
	PayloadType string          `json:"payloadType"`
	Signatures  []jsonSignature `json:"signatures"`
}

type jsonSignature struct {
	KeyID Issuer `json:"keyid"`
	Sig   []byte `json:"sig"`
}

type jsonStatement struct {
	Type          string         `json:"_type"`
	Subjects      []Subject      `json:"subject"`
	PredicateType string         `json:"predicateType"`
	Predicate     jsontext.Value `json:"predicate,omitempty"`
}

// Sign returns the envelope of st with a signature of each signer, on one line, with its members in a fixed order.
// What it returns always opens: a statement that breaks a rule is refused before it is signed.
func Sign(st *Statement, signers ...Signer) ([]byte, error) {
	if err := st.check(); err != nil {
		return nil, err
	}
	typ := st.Type
	if typ == "" {
		typ = Type
	}
	payload, err := json.Marshal(jsonStatement{typ, st.Subjects, st.PredicateType, st.Predicate}, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	msg := pae(nil, PayloadType, payload)
	env := jsonEnvelope{Payload: payload, PayloadType: PayloadType}
	for _, s := range signers {
		sig, err := s.Sign(msg)
		if err != nil {
			return nil, err
		}
		env.Signatures = append(env.Signatures, jsonSignature{s.Issuer(), sig})
	}
	raw, err := json.Marshal(env)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if _, err := Open(raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// AddKeyID returns a copy of a DSSE envelope whose keyid hints name the key, for envelopes of other makers that
// name their keys in ways of their own. Only hints that are not a did:key are replaced, where the key's signature is.
// The hint is not signed: payload and signatures stay as they were, and all other bytes do too.
func AddKeyID(raw []byte, key PublicKey) ([]byte, error) {
	w, err := readWire(raw)
	if err != nil {
		return nil, err
	}
	payload, err := decodeBase64(w.payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	msg := pae(nil, PayloadType, payload)
	for _, s := range w.signatures {
		if bytes.HasPrefix(s.keyID, []byte("did:key:")) {
			continue
		}
		sig, err := decodeBase64(s.sig)
		if err != nil || key.Verify(msg, sig) != nil {
			continue
		}
		return rewriteKeyID(raw, w, s, key.Issuer())
	}
	return nil, fmt.Errorf("%w: no signature without a did:key is by %s", ErrSignature, key.Issuer())
}

func rewriteKeyID(raw []byte, w *wire, of wireSignature, name Issuer) ([]byte, error) {
	env := jsonEnvelope{PayloadType: PayloadType}
	env.Payload, _ = decodeBase64(w.payload)
	for _, s := range w.signatures {
		sig, err := decodeBase64(s.sig)
		if err != nil {
			return nil, err
		}
		id := Issuer(s.keyID)
		if bytes.Equal(s.sig, of.sig) {
			id = name
		}
		env.Signatures = append(env.Signatures, jsonSignature{id, sig})
	}
	_ = base64.StdEncoding
	return json.Marshal(env)
}
