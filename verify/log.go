package verify

import (
	"errors"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// seen is what came out about a checkpoint under one policy, or under the receipt's own hint.
type seen struct {
	tlog.Verdict        // its Log is zero unless the log's signature verifies
	list         string // the policy's name; empty under the hint
	policy       *tlog.Policy
	err          error
}

// askLog answers whether an accepted log holds the statement, and who watched that log.
func (c *checker) askLog(k *casefile) {
	k.Log.Index = k.receipt.Proof.Index
	k.seen = c.bestPolicy(k.receipt.Proof.Checkpoint)
	if errors.Is(k.seen.err, tlog.ErrUnknownLog) {
		k.seen = underHint(k.receipt, k.seen.err)
	}
	claim := k.seen.Checkpoint
	if k.seen.Log.IsZero() { // nothing about it is verified
		var err error
		if claim, err = tlog.UnverifiedCheckpoint(k.receipt.Proof.Checkpoint); err != nil {
			k.Log.Part = Part{NotSo, CodeCheckpointSignature, wordsCheckpointFault("", err)}
			return
		}
	}
	k.Log.Origin, k.Log.Size = claim.Origin, claim.Size
	k.Log.Part = c.logPart(k, claim)
	if k.seen.Log.IsZero() {
		return
	}
	k.Log.Key, k.Log.Policy, k.Log.Quorum = k.seen.Log.String(), k.seen.list, k.seen.policy != nil && k.seen.Quorum
	for _, s := range k.seen.Cosigned {
		k.Log.Witnesses = append(k.Log.Witnesses, Witness{Name: s.Witness, Key: s.Key.Name(), Time: s.Time})
	}
	if hint := k.receipt.Log; k.seen.policy != nil && !hint.IsZero() && hint != k.seen.Log {
		k.Notes = append(k.Notes, Note{CodeHintDiffers, wordsHintDiffers})
	}
}

// bestPolicy asks each policy of the reader, and returns the most favourable word; but if a key
// that any of them knows made a signature that does not verify, the checkpoint was altered.
func (c *checker) bestPolicy(raw []byte) seen {
	best := seen{err: tlog.ErrUnknownLog}
	for i := range c.Trust.Policies {
		p := &c.Trust.Policies[i]
		if c.Require.Policy != "" && p.Name != c.Require.Policy || p.Policy == nil {
			continue
		}
		v, err := p.Policy.Check(raw)
		this := seen{Verdict: v, list: p.Name, policy: p.Policy, err: err}
		if altered(err) {
			return this
		}
		if weight(this) > weight(best) {
			best = this
		}
	}
	return best
}

// altered reports whether an error of [tlog.Policy.Check] cannot come from honest bytes.
func altered(err error) bool {
	return err != nil && !errors.Is(err, tlog.ErrUnknownLog) && !errors.Is(err, tlog.ErrLogUnsigned) && !errors.Is(err, tlog.ErrQuorum)
}

// weight orders what policies say of a checkpoint from least to most favourable.
func weight(s seen) int {
	switch {
	case s.err == nil:
		return 3 + len(s.Cosigned)
	case errors.Is(s.err, tlog.ErrQuorum):
		return 2
	case errors.Is(s.err, tlog.ErrUnknownLog):
		return 0
	}
	return 1
}

// underHint checks a checkpoint of a log that the reader does not know with the key that the
// receipt itself gives. It shows whether the receipt is consistent, and nothing more; if the
// checkpoint bears no signature by that key, not even that.
func underHint(r *receipt.Receipt, unknown error) seen {
	if r.Log.IsZero() {
		return seen{err: unknown}
	}
	checkpoint, _, err := tlog.OpenCheckpoint(r.Proof.Checkpoint, r.Log)
	switch {
	case errors.Is(err, tlog.ErrOrigin), errors.Is(err, tlog.ErrLogUnsigned):
		return seen{err: unknown}
	case err != nil:
		return seen{err: err}
	}
	return seen{Verdict: tlog.Verdict{Checkpoint: checkpoint, Log: r.Log}}
}

// logPart judges the signatures first, then the proof, then whether the reader accepts the log.
func (c *checker) logPart(k *casefile, claim tlog.Checkpoint) Part {
	s, unknown := k.seen, errors.Is(k.seen.err, tlog.ErrUnknownLog)
	if s.err != nil && !unknown && !errors.Is(s.err, tlog.ErrQuorum) {
		return Part{NotSo, CodeCheckpointSignature, wordsCheckpointFault(claim.Origin, s.err)}
	}
	proof := &k.receipt.Proof
	if err := tlog.VerifyInclusion(k.receipt.Leaf(), proof.Index, claim.Size, proof.Hashes, claim.Root); err != nil {
		return Part{NotSo, CodeProofMismatch, wordsProofFault(claim, err)}
	}
	switch {
	case s.policy == nil:
		return Part{CannotTell, CodeLogUnknown, wordsLogUnknown(claim.Origin, c.Require.Policy, !unknown)}
	case !s.Quorum:
		return Part{CannotTell, CodeQuorumNotMet, wordsHeld(k) + wordsQuorumNotMet(s)}
	case len(s.Cosigned) == 0:
		return Part{Shown, CodeUnwatched, wordsHeld(k) + wordsUnwatched}
	}
	return Part{Shown, CodeOK, wordsHeld(k) + wordsWatched(s)}
}
