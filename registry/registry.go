package registry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// Options say how to open a registry. The zero value is good for the log in the same process.
type Options struct {
	// Log is the key of the log, needed to follow one. Its origin is written into a new registry, and a registry
	// of another origin is refused.
	Log tlog.Key
	// CacheBytes is how much memory the store uses to keep what it has read; 64 MiB if zero. To learn that a statement
	// is new without touching the disk takes about two bytes for each one recorded.
	CacheBytes int64
	// MemTableBytes is how much is collected before it is written to disk; 16 MiB if zero. Up to four times as
	// much is held in memory, and up to as much is read again from the log after a crash.
	MemTableBytes uint64
	// ReadTimeout bounds each read from a log that is followed; 30 seconds if zero.
	ReadTimeout time.Duration
	// Logger receives what an operator should know; nothing if nil.
	Logger *slog.Logger
	// Fatal is told why the store cannot go on, and must end the program; it panics if nil. It is called when the
	// store's list of its own files cannot be written, as on a full disk. The log has every entry: the registry
	// catches up when it is next opened.
	Fatal func(error)

	fs vfs.FS // the file system; tests give one that fails
}

func (o Options) withDefaults() Options {
	if o.CacheBytes <= 0 {
		o.CacheBytes = 64 << 20
	}
	if o.MemTableBytes == 0 {
		o.MemTableBytes = 16 << 20
	}
	if o.ReadTimeout <= 0 {
		o.ReadTimeout = 30 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.fs == nil {
		o.fs = vfs.Default
	}
	return o
}

// Registry is the index of one log. It is safe for concurrent use.
type Registry struct {
	opts Options
	dir  string
	fs   vfs.FS
	lock io.Closer

	// open is held for reading by every call, and for writing by Close.
	open   sync.RWMutex
	closed bool // guarded by open
	db     *pebble.DB

	following sync.Mutex                    // held by the one Follow
	appending sync.Mutex                    // held by the one Append or Reset
	state     atomic.Pointer[State]         // written under appending
	grown     atomic.Pointer[chan struct{}] // closed when state changes
	trouble
}

// State counts what a registry has taken in.
type State struct {
	Next     uint64 // the index of the next entry
	Repeated uint64 // entries whose bytes an earlier entry has; only the first is found
	Skipped  uint64 // entries that are not statements
}

// Open opens the registry in dir, or makes one. What is damaged or of an older format is thrown away, and the
// registry then begins anew at index 0: whoever feeds it looks at [Registry.Next].
func Open(dir string, opts Options) (*Registry, error) {
	opts = opts.withDefaults()
	r := &Registry{opts: opts, dir: dir, fs: opts.fs, trouble: trouble{faulted: make(chan struct{}, 1)}}
	grown := make(chan struct{})
	r.grown.Store(&grown)
	if err := r.lockDir(); err != nil {
		return nil, fmt.Errorf("open registry %s: %w", dir, err)
	}
	if err := r.openStore(); err != nil {
		_ = r.lock.Close()
		return nil, fmt.Errorf("open registry %s: %w", dir, err)
	}
	return r, nil
}

// Close writes what is in memory to disk and closes the registry.
func (r *Registry) Close() error {
	r.open.Lock()
	defer r.open.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	flush := r.flush(context.Background())
	closing := r.db.Close()
	_ = r.lock.Close()
	for _, err := range []error{flush, closing} {
		if err != nil {
			return fmt.Errorf("close registry %s: %w", r.dir, err)
		}
	}
	return nil
}

// Next returns the index of the next entry: everything before it has been taken in.
func (r *Registry) Next() uint64 { return r.state.Load().Next }

// State returns what the registry has counted.
func (r *Registry) State() State { return *r.state.Load() }

// Reset throws all rows away, so that the registry can be built again from the log. It keeps the record of what was
// followed: a log must not get rid of its past this way.
func (r *Registry) Reset(ctx context.Context) error {
	done, err := r.use()
	if err != nil {
		return err
	}
	defer done()
	r.appending.Lock()
	defer r.appending.Unlock()
	if err := r.ready(ctx); err != nil {
		return fmt.Errorf("reset registry: %w", err)
	}
	if err := r.db.DeleteRange(firstKey, endKey, pebble.NoSync); err != nil {
		return fmt.Errorf("reset registry: %w", r.storeError(err))
	}
	r.setState(State{})
	return r.flush(ctx)
}

// WaitFor waits until the registry has taken in the first n entries of the log.
func (r *Registry) WaitFor(ctx context.Context, n uint64) error {
	for {
		grown := *r.grown.Load()
		if r.Next() >= n {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return fmt.Errorf("wait for entry %d: %w", n, ctx.Err())
		}
	}
}

// setState publishes what was counted, and wakes those who wait for it.
func (r *Registry) setState(s State) {
	r.state.Store(&s)
	next := make(chan struct{})
	close(*r.grown.Swap(&next))
}

// use keeps the registry open until done is called.
func (r *Registry) use() (done func(), err error) {
	r.open.RLock()
	if r.closed {
		r.open.RUnlock()
		return nil, ErrClosed
	}
	return r.open.RUnlock, nil
}

func (r *Registry) path(name string) string { return filepath.Join(r.dir, name) }
