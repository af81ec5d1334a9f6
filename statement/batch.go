package statement

import "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

// batchSize is how many Ed25519 signatures are checked with one equation.
const batchSize = 64

// OpenBatch opens many envelopes at once, for less work than as many calls of [Open] and with the same result for
// each: envelopes[i] is nil exactly if errs[i] is not. It stays on the caller's goroutine; who has more cores to
// spend splits the batch.
func OpenBatch(raws [][]byte) (envelopes []*Envelope, errs []error) {
	envelopes, errs = make([]*Envelope, len(raws)), make([]error, len(raws))
	b := batch{verifier: ed25519.NewBatchVerifierWithCapacity(min(batchSize, len(raws)))}
	for i, raw := range raws {
		if envelopes[i], errs[i] = Parse(raw); errs[i] == nil {
			b.add(envelopes[i], &errs[i])
		}
	}
	b.flush()
	for i, e := range envelopes {
		if errs[i] != nil {
			envelopes[i] = nil
		} else {
			e.verified = true
		}
	}
	return envelopes, errs
}

// batch collects signatures until there are enough to check them together.
type batch struct {
	verifier *ed25519.BatchVerifier
	pending  []pendingSignature // in the order in which verifier has them
}

// pendingSignature is a signature in a batch, and where its envelope's error goes.
type pendingSignature struct {
	envelope *Envelope
	index    int
	err      *error
}

// add checks an envelope's signatures, Ed25519 ones some time until the next flush. It stops at the first that is bad
// beyond doubt, since that is the one that Open reports, unless one before it turns out bad in the flush.
func (b *batch) add(e *Envelope, err *error) {
	if len(b.pending)+len(e.signatures) > batchSize {
		b.flush()
	}
	for i := range e.signatures {
		s := &e.signatures[i]
		k, keyErr := s.key.resolve()
		switch {
		case keyErr != nil:
			*err = e.signatureError(i, keyErr)
			return
		case k.ed != nil:
			b.verifier.AddExpandedWithOptions(k.ed, e.signed, s.Bytes, ed25519Options)
			b.pending = append(b.pending, pendingSignature{e, i, err})
		case !k.verify(e.signed, s.Bytes):
			*err = e.signatureError(i, ErrSignature)
			return
		}
	}
}

// flush checks what is pending. If the equation of the batch does not hold, the verifier checks one signature after
// the other.
func (b *batch) flush() {
	if len(b.pending) == 0 {
		return
	}
	ok, good := b.verifier.Verify(nil)
	for i := len(b.pending) - 1; !ok && i >= 0; i-- { // backwards: the first bad signature of an envelope has the last word
		if p := b.pending[i]; !good[i] {
			*p.err = p.envelope.signatureError(p.index, ErrSignature)
		}
	}
	b.verifier.Reset()
	b.pending = b.pending[:0]
}
