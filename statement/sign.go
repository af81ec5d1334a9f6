package statement

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The members of what [Sign] writes, in their order.
type (
	signedEnvelope struct {
		Payload     []byte             `json:"payload"`
		PayloadType string             `json:"payloadType"`
		Signatures  []signedBySomebody `json:"signatures"`
	}
	signedBySomebody struct {
		KeyID Issuer `json:"keyid"`
		Sig   []byte `json:"sig"`
	}
	signedStatement struct {
		Type          string         `json:"_type"`
		Subjects      []Subject      `json:"subject"`
		PredicateType string         `json:"predicateType"`
		Predicate     jsontext.Value `json:"predicate,omitempty"`
	}
)

// Sign returns the envelope of st with a signature of each signer: one line, its members always in the same order.
// What it returns always opens. A statement that breaks a rule is refused before anything is signed.
func Sign(st *Statement, signers ...Signer) ([]byte, error) {
	payload, err := encodeStatement(st)
	if err != nil {
		return nil, err
	}
	if err := checkSigners(st, signers); err != nil {
		return nil, err
	}
	env := signedEnvelope{Payload: payload, PayloadType: PayloadType}
	msg := pae(PayloadType, payload)
	for _, s := range signers {
		sig, err := s.Sign(msg)
		if err != nil {
			return nil, err
		}
		env.Signatures = append(env.Signatures, signedBySomebody{s.Issuer(), sig})
	}
	raw, err := json.Marshal(env)
	if err != nil {
		return nil, fmt.Errorf("write envelope: %w", err)
	}
	if _, err := Open(raw); err != nil { // a signer may be a faulty device
		return nil, err
	}
	return raw, nil
}

// encodeStatement writes the payload and checks every rule by reading it back.
func encodeStatement(st *Statement) ([]byte, error) {
	if st.Predicate != nil {
		if err := walk(st.Predicate, (*walker).skip); err != nil {
			return nil, fmt.Errorf("predicate: %w", err)
		}
	}
	out := signedStatement{st.Type, st.Subjects, st.PredicateType, st.Predicate}
	if out.Type == "" {
		out.Type = Type
	}
	payload, err := json.Marshal(out, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	var again Statement
	if err := readStatement(payload, &again); err != nil {
		return nil, err
	}
	_, err = again.Decode()
	return payload, err
}

// checkSigners finds before anything is signed what [Open] would find afterwards.
func checkSigners(st *Statement, signers []Signer) error {
	p, err := st.Decode()
	if err != nil {
		return err
	}
	e := Envelope{predicate: p}
	for _, s := range signers {
		if slices.Contains(e.issuers, s.Issuer()) {
			return fmt.Errorf("%w: %s", ErrRepeatedSignature, s.Issuer())
		}
		e.issuers = append(e.issuers, s.Issuer())
	}
	switch n := len(signers); {
	case n == 0:
		return ErrNoSignature
	case n > MaxSignatures:
		return fmt.Errorf("%w: %d signatures, more than %d", ErrTooMany, n, MaxSignatures)
	}
	return e.checkIssuer()
}

// AddKeyID returns a copy of an envelope in which the signature that key has made names it. It is for envelopes of
// other makers whose keyid only they understand. Nothing but that keyid changes, and a keyid is a hint that nobody
// signs; the copy has an [Envelope.ID] of its own. A keyid that is a did:key already is left alone.
func AddKeyID(raw []byte, key PublicKey) ([]byte, error) {
	if len(raw) > MaxEnvelope {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrTooLarge, len(raw), MaxEnvelope)
	}
	w, err := readWire(raw)
	if err != nil {
		return nil, err
	}
	msg, _, err := w.decodePayload()
	if err != nil {
		return nil, err
	}
	for _, s := range w.list {
		sig, err := decodeBase64(s.sig)
		if err == nil && !isDIDKey(s.keyID) && key.Verify(msg, sig) == nil {
			return s.withKeyID(raw, key.Issuer())
		}
	}
	return nil, fmt.Errorf("%w: %s has made none of the signatures that lack a did:key", ErrSignature, key.Issuer())
}

// withKeyID returns a copy of the document with the signature's keyid written anew.
func (s *dsseSignature) withKeyID(raw []byte, name Issuer) ([]byte, error) {
	value := `"` + string(name) + `"`
	start, end := s.keyEnd-len(s.keyText), s.keyEnd
	if s.keyText == nil {
		value = `"keyid":` + value + `,` // sig follows
		start, end = s.body, s.body
	}
	out := slices.Concat(raw[:start], []byte(value), raw[end:])
	if len(out) > MaxEnvelope {
		return nil, fmt.Errorf("%w: %d bytes with the keyid, at most %d are allowed", ErrTooLarge, len(out), MaxEnvelope)
	}
	return out, nil
}
