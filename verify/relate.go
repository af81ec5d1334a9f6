package verify

import (
	"slices"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// findForks looks for two receipts that one log cannot honestly have given: under one key two
// roots of one size, or two entries at one index. Such a log is believed in nothing.
func (c *checker) findForks() {
	for j, b := range c.cases {
		for i, a := range c.cases[:j] {
			if contradict(a, b) && !c.forked(a.seen.Log) {
				c.forks = append(c.forks, newFork(a, b, i, j))
			}
		}
	}
	for _, k := range c.cases {
		for _, f := range c.forks {
			if k.Log.Key == f.Key {
				k.Log.Part = Part{NotSo, CodeLogForked, f.Words}
			}
		}
	}
}

// forked reports whether there is evidence against the log with this key. One piece is enough.
func (c *checker) forked(log tlog.Key) bool {
	return slices.ContainsFunc(c.forks, func(f Fork) bool { return f.Key == log.String() })
}

func contradict(a, b *casefile) bool {
	if a.seen.Log.IsZero() || a.seen.Log != b.seen.Log {
		return false
	}
	p, q := a.seen.Checkpoint, b.seen.Checkpoint
	if p.Size == q.Size {
		return p.Root != q.Root
	}
	return a.Log.Index == b.Log.Index && a.ID != b.ID && a.included() && b.included()
}

// included reports whether the receipt's proof leads to its checkpoint, which is verified.
func (k *casefile) included() bool {
	return !k.seen.Log.IsZero() && k.Log.Code != CodeProofMismatch && k.Log.Code != CodeCheckpointSignature
}

func newFork(a, b *casefile, i, j int) Fork {
	return Fork{
		Origin: a.seen.Log.Origin(), Key: a.seen.Log.String(), Words: wordsForked(a, b), Receipts: [2]int{i, j},
		Checkpoints: [2]string{string(a.receipt.Proof.Checkpoint), string(b.receipt.Proof.Checkpoint)},
	}
}

// findRevocations applies the revocations among the receipts to the others, and says of every
// statement as of when nothing revokes it.
func (c *checker) findRevocations() {
	var known Revoked
	for _, k := range c.cases {
		if k.Log.State == Shown && k.Time.NotAfter.After(known.KnownAt) {
			known.KnownAt = k.Time.NotAfter
		}
	}
	for _, k := range c.cases {
		k.Revoked = known
		k.Revoked.Part = Part{NoneKnown, CodeNoneAtHand, wordsNoRevocation(len(c.cases), known.KnownAt)}
		if c.Unheard && !k.takesBack() {
			k.Revoked.Part = Part{CannotTell, CodeUnheard, wordsUnheard(known.KnownAt)}
		}
		if !k.signed {
			continue
		}
		for _, r := range c.cases {
			if r.signed && r.env.Revokes(k.env) {
				k.revokedBy(r)
			}
		}
	}
}

// takesBack reports whether the statement is a revocation. Nothing takes back a revocation, and it
// takes effect for all times.
func (k *casefile) takesBack() bool {
	if k.env == nil {
		return false
	}
	_, ok := k.env.Predicate().(*statement.Revoke)
	return ok
}

// revokedBy notes that r takes k back. A revocation that an accepted log holds settles it; any
// other one that the issuer signed leaves it open.
func (k *casefile) revokedBy(r *casefile) {
	named := r.names(k.ID)
	if r.Role == AboutOther || r.Role == Revocation && named { // the statement itself goes before another envelope of it
		r.Role = Revocation
		r.Match = Match{Part: Part{Shown, CodeOK, wordsRevokes(k.ID, named)}}
	}
	if k.Revoked.Code == CodeRevoked {
		return
	}
	revoke, ok := r.env.Predicate().(*statement.Revoke)
	if !ok {
		return
	}
	k.Revoked.By, k.Revoked.Reason, k.Revoked.Claimed = r.ID, string(revoke.Reason), inRange(revoke.IssuedAt)
	k.Revoked.Part = Part{CannotTell, CodeRevocationUnclear, wordsRevocationUnclear(revoke)}
	if r.Log.State == Shown {
		k.Revoked.Part = Part{NotSo, CodeRevoked, wordsRevoked(revoke, r.Time.NotAfter)}
	}
	if !named {
		k.Revoked.Words += wordsOtherEnvelope
	}
}

// names reports whether one of the statement's subjects has the digest. What a revocation takes back
// is a signed text, and it need not name the envelope at hand that the text is in.
func (k *casefile) names(id statement.Digest) bool {
	return slices.ContainsFunc(k.env.Statement().Subjects, func(s statement.Subject) bool {
		digest, ok := s.SHA256()
		return ok && digest == id
	})
}
