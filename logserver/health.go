package logserver

import (
	"sort"
	"sync"
	"time"
)

// Health is how a log is at one moment, for /healthz and `wherefrom doctor`.
type Health struct {
	// Stopped is why the log accepts nothing any more; nil if it does. It is a [*Fault].
	Stopped error
	// Troubles are things that are wrong now and may pass, such as a full disk.
	Troubles []Trouble
	Size     uint64    // entries under the fast checkpoint
	Final    uint64    // entries under the final checkpoint
	Signed   time.Time // when the fast checkpoint was signed
	InFlight int       // statements on their way
}

// Trouble is something that is wrong now and may pass.
type Trouble struct {
	What string
	Err  error
}

// The troubles there are. While one of the first four lasts, nothing new can be recorded.
const (
	storing    = "store entries" // until an entry is stored again
	signing    = "sign checkpoint"
	indexing   = "index"
	reindexing = "index after a write error"
	finalizing = "final checkpoint"
	scrubbing  = "scrub"
)

// Accepts reports whether statements can be recorded: the log has not stopped, and nothing keeps
// it from storing, signing and finding them.
func (h Health) Accepts() bool {
	if h.Stopped != nil {
		return false
	}
	for _, t := range h.Troubles {
		switch t.What {
		case storing, signing, indexing, reindexing:
			return false
		}
	}
	return true
}

// OK reports whether there is nothing to say.
func (h Health) OK() bool { return h.Stopped == nil && len(h.Troubles) == 0 }

// Health returns how the log is.
func (l *Log) Health() Health {
	h := Health{Stopped: l.Err(), Troubles: l.health.troubles(), Signed: l.health.lastSigned()}
	if t, _ := l.fast.read(); t != nil {
		h.Size = t.Size
	}
	if t, _ := l.final.read(); t != nil {
		h.Final = t.Size
	}
	h.InFlight, _ = l.budget.load()
	return h
}

// health collects what is wrong at the moment.
type health struct {
	mu     sync.Mutex
	now    map[string]error // guarded by mu
	signed time.Time        // guarded by mu
}

// set says how something is; nil ends a trouble.
func (h *health) set(what string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		delete(h.now, what)
		return
	}
	if h.now == nil {
		h.now = map[string]error{}
	}
	h.now[what] = err
}

func (h *health) signedAt(t time.Time) {
	h.mu.Lock()
	h.signed = t
	h.mu.Unlock()
}

func (h *health) lastSigned() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.signed
}

func (h *health) troubles() []Trouble {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []Trouble
	for what, err := range h.now {
		list = append(list, Trouble{what, err})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].What < list[j].What })
	return list
}
