package logserver

import (
	"fmt"
	"sync"
	"time"

	"github.com/transparency-dev/tessera"

	"github.com/wherefrom-network/wherefrom/statement"
)

// call is one Add: the statements it was given, and those of them that it brings in itself.
type call struct {
	flights []*flight     // one for each statement, in order; may be another call's
	own     []*flight     // those that this call was the first to reserve
	fresh   []*flight     // those of own that were not recorded before
	done    chan struct{} // closed when index and err of all own are set
	slots   *slots
	landing int // how many of fresh the index does not have yet; belongs to the indexer
}

// flight is a statement on its way into the log, from its reservation until the index knows it.
type flight struct {
	id       statement.Digest
	envelope *statement.Envelope
	call     *call // that reserved it

	entry  *tessera.Entry      // set by the caller
	future tessera.IndexFuture // set by the dispatcher, resolved by the collector

	// index and err are set before call.done is closed, and read after it.
	index uint64
	err   error
}

// flights is the set of statements in flight. It is what makes the same statement, added twice at
// the same time, one entry.
type flights struct {
	mu sync.Mutex
	by map[statement.Digest]*flight // guarded by mu
}

func newFlights() flights { return flights{by: map[statement.Digest]*flight{}} }

// reserve fills c.flights: for each statement the flight that is under way, or a new one.
func (f *flights) reserve(c *call, envelopes []*statement.Envelope) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range envelopes {
		id := e.ID()
		fl := f.by[id]
		if fl == nil {
			fl = &flight{id: id, envelope: e, call: c}
			f.by[id] = fl
			c.own = append(c.own, fl)
		}
		c.flights = append(c.flights, fl)
	}
}

// land removes flights. Whoever looks now finds them in the index, or not at all.
func (f *flights) land(done ...*flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fl := range done {
		if f.by[fl.id] == fl {
			delete(f.by, fl.id)
		}
	}
}

// budget bounds what is in flight, so that a log that cannot keep up says so instead of growing.
type budget struct {
	maxEntries int
	maxBytes   int64

	mu      sync.Mutex
	entries int           // guarded by mu
	bytes   int64         // guarded by mu
	waiting int           // guarded by mu; entries whose callers wait for the final checkpoint
	empty   chan struct{} // guarded by mu; closed when entries becomes 0, if somebody wants to know
}

// slots is a call's part of the budget. It is given back when both the caller and the index have
// let go of it.
type slots struct {
	budget  *budget
	entries int
	bytes   int64
	holders int // guarded by budget.mu
}

// take asks for room for a call's statements.
func (b *budget) take(envelopes []*statement.Envelope, wait Wait) (*slots, error) {
	s := &slots{budget: b, entries: len(envelopes), holders: 1}
	for _, e := range envelopes {
		s.bytes += int64(len(e.Raw()))
	}
	if s.entries > b.maxEntries || s.bytes > b.maxBytes {
		return nil, fmt.Errorf("%w: %d statements of %d bytes, at most %d of %d bytes",
			ErrBatchTooLarge, s.entries, s.bytes, b.maxEntries, b.maxBytes)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.entries+s.entries > b.maxEntries || b.bytes+s.bytes > b.maxBytes:
		return nil, &BusyError{Reason: fmt.Sprintf("%d statements are in flight", b.entries), RetryAfter: busyRetry}
	case wait == Final && b.waiting+s.entries > b.maxEntries:
		return nil, &BusyError{Reason: fmt.Sprintf("%d statements wait for the witnesses", b.waiting), RetryAfter: finalRetry}
	}
	b.entries += s.entries
	b.bytes += s.bytes
	if wait == Final {
		b.waiting += s.entries
	}
	return s, nil
}

// How long a caller is told to wait before it tries again.
const (
	busyRetry  = 250 * time.Millisecond
	finalRetry = 2 * time.Second
)

// hold adds a holder.
func (s *slots) hold() {
	s.budget.mu.Lock()
	s.holders++
	s.budget.mu.Unlock()
}

// drop ends one holder's interest; the last one's gives the room back.
func (s *slots) drop() {
	b := s.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.holders--; s.holders > 0 {
		return
	}
	b.entries -= s.entries
	b.bytes -= s.bytes
	if b.entries == 0 && b.empty != nil {
		close(b.empty)
		b.empty = nil
	}
}

// doneWaiting ends a wait for the final checkpoint.
func (s *slots) doneWaiting() {
	s.budget.mu.Lock()
	s.budget.waiting -= s.entries
	s.budget.mu.Unlock()
}

// drained returns a channel that is closed when nothing is in flight.
func (b *budget) drained() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.entries == 0 {
		empty := make(chan struct{})
		close(empty)
		return empty
	}
	if b.empty == nil {
		b.empty = make(chan struct{})
	}
	return b.empty
}

// load returns how many entries and bytes are in flight.
func (b *budget) load() (entries int, bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.entries, b.bytes
}
