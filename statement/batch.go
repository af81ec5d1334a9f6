package statement

import "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

// batchSize is how many Ed25519 signatures are checked with one equation.
const batchSize = 64

// OpenBatch opens many envelopes at once, at about half the cost of as many calls of [Open], and with the same
// result for each: envelopes[i] is nil exactly if errs[i] is not. It works on the caller's goroutine; callers that
// want more cores split the batch.
func OpenBatch(raws [][]byte) (envelopes []*Envelope, errs []error) {
	envelopes, errs = make([]*Envelope, len(raws)), make([]error, len(raws))
	b := batch{verifier: ed25519.NewBatchVerifierWithCapacity(batchSize), errs: errs}
	for i, raw := range raws {
		e, err := Parse(raw)
		if err != nil {
			errs[i] = err
			continue
		}
		envelopes[i] = e
		b.add(i, e)
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
	errs     []error            // by envelope; the first bad signature of each
}

type pendingSignature struct {
	envelope  *Envelope
	index     int // of the envelope
	signature int // of the signature in the envelope
}

func (b *batch) add(index int, e *Envelope) {
	for i, s := range e.signatures {
		k, err := s.Issuer.PublicKey()
		switch {
		case err != nil:
			b.fail(pendingSignature{e, index, i}, err)
		case k.k.ed == nil:
			if err := k.Verify(e.signed, s.Bytes); err != nil {
				b.fail(pendingSignature{e, index, i}, err)
			}
		default:
			b.verifier.AddExpandedWithOptions(k.k.ed, e.signed, s.Bytes, ed25519Options)
			b.pending = append(b.pending, pendingSignature{e, index, i})
			if len(b.pending) == batchSize {
				b.flush()
			}
		}
	}
}

// flush checks what is pending. If the batch fails, the verifier checks its signatures one by one.
func (b *batch) flush() {
	if len(b.pending) == 0 {
		return
	}
	if ok, good := b.verifier.Verify(nil); !ok {
		for i, p := range b.pending {
			if !good[i] {
				b.fail(p, ErrSignature)
			}
		}
	}
	b.verifier.Reset()
	b.pending = b.pending[:0]
}

// fail keeps the error of the envelope's first bad signature, which is the one that Open reports.
func (b *batch) fail(p pendingSignature, err error) {
	b.errs[p.index] = p.envelope.signatureError(p.signature, err)
}
