package verify

import (
	"errors"
	"slices"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
)

// conclude gives a finding its verdict: the first outcome that any of its parts has.
func (k *casefile) conclude(c *checker) {
	k.Verdict, k.Code = CannotTell, CodeStatementUnread // unless an outcome below applies
	for _, o := range outcomes {
		if slices.Contains([]Code{k.Match.Code, k.Signer.Code, k.Log.Code, k.Time.Code, k.Revoked.Code}, o.code) {
			if o.code != CodeOK || k.holds() {
				k.Verdict, k.Code = o.verdict, o.code
				break
			}
		}
	}
	k.Words = wordsFinding(k, c.Name)
}

// holds is the whole condition for Shown.
func (k *casefile) holds() bool {
	return k.signed && k.Match.State == Shown && k.Log.State == Shown && k.Revoked.State == NoneKnown
}

// answer weighs the findings against each other.
func (c *checker) answer() Answer {
	a := Answer{
		Schema: Schema, File: File{Name: c.Name, Digest: c.Digest, Size: c.Size}, At: inRange(c.At), AsOf: inRange(c.AsOf), Unheard: c.Unheard,
		Statements: make([]Finding, 0, len(c.cases)), Forks: c.forks,
	}
	for _, k := range c.cases {
		a.Statements = append(a.Statements, k.Finding)
	}
	if k := c.decisive(); k != nil {
		a.Verdict, a.Code, a.Summary = k.Verdict, k.Code, k.Words
		a.Next = wordsNext(k.Code, c.Name)
		if k.Code == CodeOK && k.Signer.Code == CodeSignerUnknown {
			a.Next = wordsNextUnknown
		}
		if c.Unreadable != nil {
			a.Notes = append(a.Notes, Note{unreadableCode(c.Unreadable), wordsUnreadable(c.Name, c.Unreadable)})
		}
		return a
	}
	a.Verdict, a.Code, a.Summary = CannotTell, CodeNoRecord, wordsNoRecord(c.Name, len(c.cases))
	if c.Unreadable != nil {
		a.Code, a.Summary = unreadableCode(c.Unreadable), wordsUnreadable(c.Name, c.Unreadable)
	}
	a.Next = wordsNext(a.Code, c.Name)
	return a
}

// decisive returns the case that the whole answer rests on: a broken one before all, then one
// about the file that is shown or almost, then whatever else is known about the file, then about others.
// It is nil if no receipt says anything about any file.
func (c *checker) decisive() *casefile {
	var best *casefile
	for _, k := range c.cases {
		if k.aboutStatement() && outcomes[rank(k.Code)].weight != breaking {
			continue
		}
		if best == nil || importance(k) > importance(best) {
			best = k
		}
	}
	return best
}

// aboutStatement reports whether the receipt is about another statement, and so says nothing of a file.
func (k *casefile) aboutStatement() bool {
	return k.Role == Revocation || k.Role == AboutOther && k.env.Statement().PredicateType == statement.RevokeType
}

// importance is larger for a case that should decide.
func importance(k *casefile) int {
	r := rank(k.Code)
	n := len(outcomes) - r
	switch {
	case outcomes[r].weight == breaking:
		return 5000 + n
	case k.Role == AboutFile && k.Verdict == Shown:
		return 4000 + len(k.Log.Witnesses)
	case k.Role == AboutFile && outcomes[r].weight == almost:
		return 3000 + n
	case k.Role == AboutFile:
		return 2000 + n
	}
	return 1000 + n
}

func unreadableCode(err error) Code {
	if errors.Is(err, receipt.ErrVersion) {
		return CodeReceiptVersion
	}
	return CodeReceiptDamaged
}
