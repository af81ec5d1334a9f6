package server

import (
	"container/list"
	"sync"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

// quotas keep one busy issuer from crowding out the others: a token bucket for each, in a table that forgets whoever
// was not seen the longest. They are no defence against someone who makes a new key for each statement; that is what
// the limit on everything together is for.
//
// A quota is charged only after the signature was checked, or strangers could use up somebody else's.
type quotas struct {
	rate  float64 // tokens a second
	burst float64
	most  int
	now   func() time.Time

	mu     sync.Mutex
	issuer map[statement.Issuer]*list.Element // guarded by mu
	recent *list.List                         // of *bucket, the last seen first; guarded by mu
}

type bucket struct {
	issuer statement.Issuer
	tokens float64
	at     time.Time // when tokens was right
}

func newQuotas(l Limits, now func() time.Time) *quotas {
	return &quotas{
		rate: l.IssuerRate, burst: float64(l.IssuerBurst), most: l.Issuers, now: now,
		issuer: make(map[statement.Issuer]*list.Element), recent: list.New(),
	}
}

// take charges one statement to each issuer. If any has none left, nobody is charged, and wait says when to come back.
func (q *quotas) take(issuers []statement.Issuer) (wait time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	for _, i := range issuers {
		if b := q.bucket(i, now); b.tokens < 1 {
			wait = max(wait, time.Duration((1-b.tokens)/q.rate*float64(time.Second)))
		}
	}
	if wait > 0 {
		return wait, false
	}
	for _, i := range issuers {
		q.bucket(i, now).tokens--
	}
	return 0, true
}

// bucket returns an issuer's bucket, filled up to now. q.mu is held.
func (q *quotas) bucket(i statement.Issuer, now time.Time) *bucket {
	if e := q.issuer[i]; e != nil {
		q.recent.MoveToFront(e)
		b := e.Value.(*bucket)
		b.tokens = min(q.burst, b.tokens+q.rate*now.Sub(b.at).Seconds())
		b.at = now
		return b
	}
	if q.recent.Len() >= q.most {
		oldest := q.recent.Back()
		delete(q.issuer, q.recent.Remove(oldest).(*bucket).issuer)
	}
	b := &bucket{issuer: i, tokens: q.burst, at: now}
	q.issuer[i] = q.recent.PushFront(b)
	return b
}

// size returns how many issuers are remembered.
func (q *quotas) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.recent.Len()
}
