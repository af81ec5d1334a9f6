package verify

import (
	"slices"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

// askTime answers when, by whose clock. Only clocks that can be named are reported: the signer's,
// and those of the witnesses of the reader's own policy.
func (c *checker) askTime(k *casefile) {
	if k.signed {
		if claimed, ok := statement.Issued(k.env); ok {
			k.Time.Claimed = inRange(claimed)
		}
	}
	for i, w := range k.Log.Witnesses {
		k.Log.Witnesses[i].Time = inRange(w.Time)
	}
	if k.Log.State == Shown {
		k.Time.NotAfter = k.notAfter()
	}
	k.Time.Part = timePart(k)
	c.compareClocks(k)
	if c.tooEarly(k) {
		k.Time.Part = Part{CannotTell, CodeNotYetRecorded, wordsNotYetRecorded(k, c.AsOf)}
	}
}

// tooEarly reports whether a time is asked about at which nothing shows that the statement was
// recorded: one before the witnesses saw it or, if none did, before now, when its receipt is here.
// It is not asked of revocations, which take effect for all times.
func (c *checker) tooEarly(k *casefile) bool {
	if c.AsOf.IsZero() || k.Log.State != Shown || k.takesBack() {
		return false
	}
	since := k.Time.NotAfter
	if since.IsZero() {
		since = c.At
	}
	return since.IsZero() || c.AsOf.Before(since)
}

// notAfter returns the earliest time at which enough witnesses for the policy had seen the
// statement in the log. Where the policy asks for none, it is the last of their times: that holds
// if any one of them was honest.
func (k *casefile) notAfter() time.Time {
	witnesses := slices.Clone(k.Log.Witnesses)
	slices.SortFunc(witnesses, func(a, b Witness) int { return a.Time.Compare(b.Time) })
	var names []string
	var last time.Time
	for _, w := range witnesses {
		names, last = append(names, w.Name), w.Time
		if k.seen.policy.Met(names...) && !k.seen.policy.Met() {
			break
		}
	}
	return last
}

func timePart(k *casefile) Part {
	switch claimed, bound := k.Time.Claimed, k.Time.NotAfter; {
	case !bound.IsZero():
		return Part{Shown, CodeOK, wordsNotAfter(claimed, bound)}
	case !claimed.IsZero():
		return Part{CannotTell, CodeSignerClockOnly, wordsSignerClockOnly(claimed)}
	}
	return Part{CannotTell, CodeNoTime, wordsNoTime}
}

// compareClocks remarks on times that cannot all be right.
func (c *checker) compareClocks(k *casefile) {
	remark := func(state Verdict, code Code, words string) {
		k.Time.State, k.Time.Code = state, code
		k.Notes = append(k.Notes, Note{code, words})
	}
	claimed, bound := k.Time.Claimed, k.Time.NotAfter
	if !bound.IsZero() && claimed.After(bound.Add(Tolerance)) {
		remark(Shown, CodeIssuedAfterLogged, wordsIssuedAfterLogged(claimed, bound))
	}
	if c.At.IsZero() {
		return
	}
	limit := c.At.Add(Tolerance)
	if claimed.After(limit) {
		remark(k.Time.State, CodeFromTheFuture, wordsSignerAhead(claimed, c.At))
	}
	for _, w := range k.Log.Witnesses {
		if w.Time.After(limit) {
			remark(CannotTell, CodeFromTheFuture, wordsWitnessAhead(w, c.At))
		}
	}
}

// inRange keeps a time that strangers wrote within the years that JSON can say.
func inRange(t time.Time) time.Time {
	t = t.UTC()
	switch {
	case t.Year() > 9999:
		return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	case t.Year() < 1:
		return time.Time{}
	}
	return t
}
