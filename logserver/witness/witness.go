// Package witness watches logs: it is a C2SP tlog-witness that cosigns only checkpoints which
// extend what it has cosigned before, and it is the client with which a log asks such witnesses.
//
// A log whose checkpoints are cosigned by witnesses that its readers know cannot show two of them
// two different pasts. That only holds if the witness never forgets, so [Witness] answers a
// request only when its new state lies safely on the disk, and refuses to start over a state that
// is damaged or missing.
//
// The server is [Init], [Open] and [Witness.ServeHTTP]; its directory is described in store.go.
// The client is [NewClient] and [Client.Ask].
package witness

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// Errors of [Init] and [Open].
var (
	// ErrExists says that there is a witness in the directory already.
	ErrExists = errors.New("there is a witness here already")
	// ErrNotAWitness says that there is no witness in the directory.
	ErrNotAWitness = errors.New("no witness here")
	// ErrLocked says that another process serves the directory.
	ErrLocked = errors.New("the witness's directory is in use by another process")
	// ErrKey says that the private key cannot be read or is not the witness's.
	ErrKey = errors.New("not the witness's key")
	// ErrState says that what the witness cosigned before cannot be read any more.
	ErrState = errors.New("the witness's record is damaged or missing")
)

// Options says which witness to open and what it watches.
type Options struct {
	Dir  string             // made by [Init]
	Key  ed25519.PrivateKey // nil for the one in DIR/key
	Logs []tlog.LogEntry    // watched beside those in the file DIR/logs
	Now  func() time.Time   // the clock; nil for [time.Now]
	// Logger is told what an operator should see; nil for nothing.
	Logger *slog.Logger
}

// Witness is an http.Handler that cosigns checkpoints. It is safe for concurrent use.
type Witness struct {
	now     func() time.Time
	priv    ed25519.PrivateKey
	key     tlog.Key
	store   *store
	unlock  func() error
	metrics *metrics
	logger  *slog.Logger
	mux     *http.ServeMux
	trouble atomic.Pointer[error] // why the last cosignature could not be given; nil if it could

	mu     sync.RWMutex
	logs   map[tlog.Origin]*watched // guarded by mu
	hashes map[string]*watched      // guarded by mu; logs by the hash of their origin
}

// watched is one log that the witness watches.
type watched struct {
	keys []tlog.Key // guarded by Witness.mu

	mu     sync.Mutex // held from the check of a request until its answer is decided
	unsure bool       // a write failed, so the disk may be ahead of record; guarded by mu
	// record is what was cosigned last, nil for nothing; it is set with mu held.
	record atomic.Pointer[record]
}

// Open opens the witness in a directory. It checks everything that the witness has cosigned
// before; if something of it is damaged or missing it refuses with an error wrapping [ErrState]
// that says what to do. Close it to release the directory.
func Open(opts Options) (*Witness, error) {
	unlock, err := lock(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("open witness in %s: %w", opts.Dir, err)
	}
	w := &Witness{
		now:    opts.Now,
		priv:   opts.Key,
		unlock: unlock,
		logger: opts.Logger,
		logs:   map[tlog.Origin]*watched{},
		hashes: map[string]*watched{},
	}
	if w.now == nil {
		w.now = time.Now
	}
	if w.logger == nil {
		w.logger = slog.New(slog.DiscardHandler)
	}
	w.metrics, w.mux = newMetrics(w), w.routes()
	if err := w.load(opts); err != nil {
		return nil, errors.Join(fmt.Errorf("open witness in %s: %w", opts.Dir, err), unlock())
	}
	return w, nil
}

// load reads the directory.
func (w *Witness) load(opts Options) (err error) {
	if w.store, err = openStore(opts.Dir); err != nil {
		return err
	}
	w.key = w.store.key
	if w.priv == nil {
		if w.priv, err = readKey(opts.Dir); err != nil {
			return err
		}
	}
	if pub, ok := w.priv.Public().(ed25519.PublicKey); !ok || !pub.Equal(w.key.Public()) {
		return fmt.Errorf("%s: %w", w.key, ErrKey)
	}
	listed, err := w.store.readLogs()
	if err != nil {
		return err
	}
	records, err := w.store.readRecords()
	if err != nil {
		return err
	}
	w.watch(opts.Logs)
	w.watch(listed)
	for origin, r := range records { // in force even while its log is not on the list
		w.entry(origin).record.Store(r)
	}
	return nil
}

// Close releases the directory. Stop serving first.
func (w *Witness) Close() error { return w.unlock() }

// Key returns the key under which readers know this witness.
func (w *Witness) Key() tlog.Key { return w.key }

// watch adds logs, or further keys of logs, to those that are watched.
func (w *Witness) watch(entries []tlog.LogEntry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range entries {
		l := w.entry(e.Key.Origin())
		if !slices.Contains(l.keys, e.Key) {
			l.keys = append(slices.Clip(l.keys), e.Key)
		}
	}
}

// entry returns what there is about a log, with mu held or before anybody else has the witness.
func (w *Witness) entry(origin tlog.Origin) *watched {
	l := w.logs[origin]
	if l == nil {
		l = &watched{}
		w.logs[origin], w.hashes[originHash(origin)] = l, l
	}
	return l
}

// log returns a watched log and its keys.
func (w *Witness) log(origin tlog.Origin) (*watched, []tlog.Key) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if l := w.logs[origin]; l != nil && len(l.keys) > 0 {
		return l, l.keys
	}
	return nil, nil
}

// Watch adds logs, or further keys of logs that are watched already, while the witness runs, and
// writes them into the file DIR/logs.
func (w *Witness) Watch(entries ...tlog.LogEntry) error {
	if err := w.store.addLogs(entries); err != nil {
		return fmt.Errorf("watch more logs: %w", err)
	}
	w.watch(entries)
	return nil
}

// Reload reads the file DIR/logs again and watches what was added to it. A log that was taken out
// is watched until the witness is opened anew.
func (w *Witness) Reload() error {
	listed, err := w.store.readLogs()
	if err != nil {
		return fmt.Errorf("read the list of logs again: %w", err)
	}
	w.watch(listed)
	return nil
}

// Logs returns the logs that are watched, in no particular order.
func (w *Witness) Logs() []tlog.Key {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var keys []tlog.Key
	for _, l := range w.logs {
		keys = append(keys, l.keys...)
	}
	return keys
}
