package statement

import (
	"bytes"
	"fmt"
	"slices"
)

// Envelope is a statement with its signatures, exactly as it was received. Nothing that its methods return may be
// changed.
type Envelope struct {
	raw        []byte
	id         Digest
	payload    []byte
	signed     []byte // what the signatures cover
	statement  Statement
	predicate  Predicate // nil if its type is unknown here
	signatures []Signature
	issuers    []Issuer
	verified   bool
}

// Signature is one signature of an envelope.
type Signature struct {
	// Issuer is the key that the envelope says made the signature.
	Issuer Issuer
	// Bytes is the signature itself.
	Bytes []byte
	// Certificate is set if the key came in a certificate, as in a Sigstore bundle.
	Certificate *Certificate

	key keyRef
}

// Parse reads an envelope and checks its structure and limits, but NO signature: what it returns is only what
// somebody claims. Use it for envelopes that were checked before they were stored, and [Open] for all others.
//
// The envelope refers to raw, which must not be changed afterwards.
func Parse(raw []byte) (*Envelope, error) {
	if len(raw) > MaxEnvelope {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrTooLarge, len(raw), MaxEnvelope)
	}
	w, err := readWire(raw)
	if err != nil {
		return nil, err
	}
	e := &Envelope{raw: raw, id: Sum(raw)}
	if err := e.readSignatures(w); err != nil {
		return nil, err
	}
	if e.signed, e.payload, err = w.decodePayload(); err != nil {
		return nil, err
	}
	if err := readStatement(e.payload, &e.statement); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if e.predicate, err = e.statement.Decode(); err != nil {
		return nil, err
	}
	if err := e.checkIssuer(); err != nil {
		return nil, err
	}
	return e, nil
}

// Open reads an envelope and checks every signature in it. It does not judge whether a signer is trusted: that is
// the work of verify, and needs the reader's own trust lists.
//
// Open returns an error wrapping [ErrSignature] if the payload was changed after signing. The envelope refers to
// raw, which must not be changed afterwards.
func Open(raw []byte) (*Envelope, error) {
	e, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	if err := e.Verify(); err != nil {
		return nil, err
	}
	return e, nil
}

// Verify checks every signature of an envelope that came from [Parse].
func (e *Envelope) Verify() error {
	for i := range e.signatures {
		s := &e.signatures[i]
		k, err := s.key.resolve()
		if err == nil && !k.verify(e.signed, s.Bytes) {
			err = ErrSignature
		}
		if err != nil {
			return e.signatureError(i, err)
		}
	}
	e.verified = true
	return nil
}

// signatureError says which signature err is about.
func (e *Envelope) signatureError(i int, err error) error {
	return fmt.Errorf("signature %d of %d, by %s: %w", i+1, len(e.signatures), e.signatures[i].Issuer, err)
}

// readSignatures decodes the signatures and finds the key of each.
func (e *Envelope) readSignatures(w *wire) error {
	e.signatures = make([]Signature, 0, len(w.list))
	e.issuers = make([]Issuer, 0, len(w.list))
	for i, ds := range w.list {
		s, err := w.signature(ds)
		if err == nil && slices.Contains(e.issuers, s.Issuer) {
			err = fmt.Errorf("%w: %s", ErrRepeatedSignature, s.Issuer)
		}
		if err != nil {
			return fmt.Errorf("signature %d of %d: %w", i+1, len(w.list), err)
		}
		e.signatures = append(e.signatures, s)
		e.issuers = append(e.issuers, s.Issuer)
	}
	return nil
}

// signature decodes one signature and finds its key: in the bundle's certificate, in the bundle's hint, or in the
// signature's keyid.
func (w *wire) signature(ds dsseSignature) (s Signature, err error) {
	if s.Bytes, err = decodeBase64(ds.sig); err != nil {
		return s, fmt.Errorf("sig: %w", err)
	}
	named, hinted := isDIDKey(ds.keyID), isDIDKey(w.hint)
	switch {
	case w.leaf != nil:
		s.Certificate, s.key, err = parseCertificate(w.leaf)
	case hinted:
		s.key, err = refer(w.hint)
	case named:
		s.key, err = refer(ds.keyID)
	default:
		err = fmt.Errorf("%w: its key is called %.80q, which is not a did:key; who knows the key can write its did:key there",
			ErrUnknownKey, slices.Concat(ds.keyID, w.hint))
	}
	if err == nil && named && Issuer(ds.keyID) != s.key.issuer {
		err = fmt.Errorf("%w: its keyid names another key than its verification material", ErrBundle)
	}
	s.Issuer = s.key.issuer
	return s, err
}

func isDIDKey(name []byte) bool { return bytes.HasPrefix(name, []byte(didKeyPrefix)) }

// checkIssuer makes sure that nobody speaks in another's name: the issuer named in a predicate of ours must be one of
// the signers.
func (e *Envelope) checkIssuer() error {
	if e.predicate == nil {
		return nil
	}
	if issuer, _ := e.predicate.by(); !slices.Contains(e.issuers, issuer) {
		return fmt.Errorf("%w: the predicate says %.80q", ErrIssuer, string(issuer))
	}
	return nil
}

// Raw returns the envelope's bytes as received: what a log records.
func (e *Envelope) Raw() []byte { return e.raw }

// ID returns the SHA-256 of the envelope's bytes as received: the statement's name in logs and registries.
func (e *Envelope) ID() Digest { return e.id }

// Payload returns the signed JSON text.
func (e *Envelope) Payload() []byte { return e.payload }

// PayloadDigest returns the SHA-256 of the signed JSON text. Anybody can put the same signed text into another
// envelope, with another [Envelope.ID]. The payload's digest stays, so revocations hold on to it.
func (e *Envelope) PayloadDigest() Digest { return Sum(e.payload) }

// Statement returns what was said.
func (e *Envelope) Statement() *Statement { return &e.statement }

// Predicate returns the decoded predicate, or nil if its type is not one of this package's.
func (e *Envelope) Predicate() Predicate { return e.predicate }

// Signatures returns the signatures in the order in which the envelope has them.
func (e *Envelope) Signatures() []Signature { return e.signatures }

// Issuers returns the keys that signed, each once, in the order of the signatures. Until the envelope is
// [Envelope.Verified] they are only claims.
func (e *Envelope) Issuers() []Issuer { return e.issuers }

// Verified reports whether every signature was checked and is good.
func (e *Envelope) Verified() bool { return e.verified }
