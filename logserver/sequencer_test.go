package logserver_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/transparency-dev/tessera"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
)

// moody is a storage whose driver fails as a test tells it to.
type moody struct {
	logserver.Storage
	before atomic.Pointer[func() error] // asked before an entry goes to Tessera
	after  atomic.Pointer[func() error] // asked after it was recorded
	swap   atomic.Bool                  // record something that is no statement
}

// Driver wraps the true driver.
func (m *moody) Driver(ctx context.Context) (tessera.Driver, error) {
	d, err := m.Storage.Driver(ctx)
	return moodyDriver{m, d.(lifecycle)}, err
}

// lifecycle is what tessera.NewAppender asks of a driver.
type lifecycle interface {
	Appender(context.Context, *tessera.AppendOptions) (*tessera.Appender, tessera.LogReader, error)
}

type moodyDriver struct {
	mood *moody
	lifecycle
}

func (d moodyDriver) Appender(ctx context.Context, opts *tessera.AppendOptions) (*tessera.Appender, tessera.LogReader, error) {
	a, reader, err := d.lifecycle.Appender(ctx, opts)
	if err != nil {
		return nil, nil, err
	}
	add := a.Add
	return &tessera.Appender{Add: func(ctx context.Context, e *tessera.Entry) tessera.IndexFuture {
		if f := d.mood.before.Load(); f != nil {
			if err := (*f)(); err != nil {
				return func() (tessera.Index, error) { return tessera.Index{}, err }
			}
		}
		if d.mood.swap.Load() {
			e = tessera.NewEntry([]byte("a statement of a form that nobody reads any more"))
		}
		future := add(ctx, e)
		return func() (tessera.Index, error) {
			index, err := future()
			if f := d.mood.after.Load(); f != nil && err == nil {
				err = (*f)()
			}
			return index, err
		}
	}}, reader, nil
}

// moodyBench is an open log on a moody storage.
func moodyBench(t *testing.T) (*bench, *moody) {
	t.Helper()
	b := newBench(t, logserver.Config{})
	storage, _ := logserver.POSIX(b.dir)
	m := &moody{Storage: storage}
	b.opts.Storage, b.opts.Index = m, &logservertest.Index{}
	b.mustOpen()
	return b, m
}

// Tessera's push-back reaches the caller as back-pressure, and nothing is recorded.
func TestPushback(t *testing.T) {
	b, m := moodyBench(t)
	pushback := func() error { return fmt.Errorf("too many: %w", tessera.ErrPushbackIntegration) }
	m.before.Store(&pushback)
	var busy *logserver.BusyError
	if err := b.add(10); !errors.As(err, &busy) || busy.RetryAfter <= 0 {
		t.Errorf("got %v", err)
	}
	m.before.Store(nil)
	b.mustAdd(10)
	b.whole()
	if h := b.log.Health(); h.Size != 10 || h.InFlight != 0 && !h.OK() {
		t.Errorf("health: %+v", h)
	}
}

// While entries cannot be stored the log says that it accepts none, until one is stored again.
func TestHealthAfterStorageFailure(t *testing.T) {
	b, m := moodyBench(t)
	b.mustAdd(1)
	if h := b.log.Health(); !h.Accepts() {
		t.Errorf("health: %+v", h)
	}
	full := func() error { return syscallFull }
	m.before.Store(&full)
	if err := b.add(2); !errors.Is(err, logserver.ErrStorage) {
		t.Errorf("got %v", err)
	}
	h := b.log.Health()
	if h.Accepts() || h.Stopped != nil || len(h.Troubles) != 1 || !errors.Is(h.Troubles[0].Err, syscallFull) {
		t.Errorf("health: %+v", h)
	}
	m.before.Store(nil)
	b.mustAdd(1)
	log := b.log
	b.close() // everything has landed
	if h := log.Health(); !h.Accepts() {
		t.Errorf("health: %+v", h)
	}
}

// When the sequencer ends some entries in an error although they are recorded, as it does when the
// very last sync fails, they are found in the tree, and recorded once all the same.
func TestErrorAfterRecording(t *testing.T) {
	b, m := moodyBench(t)
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	sometimes := func() error {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(3) == 0 {
			return errors.New("sync failed")
		}
		return nil
	}
	m.after.Store(&sometimes)
	envelopes := b.author.Open(300)
	var callers sync.WaitGroup
	for i := range 60 {
		callers.Go(func() {
			some := append(envelopes[5*i:5*i+5:5*i+5], envelopes[(7*i)%300])
			if _, err := b.log.Add(t.Context(), logserver.Fast, some...); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	m.after.Store(nil)
	batch, err := b.log.Add(t.Context(), logserver.Fast, envelopes...)
	if err != nil {
		t.Fatal(err)
	}
	places := map[uint64]bool{}
	for _, e := range batch.Entries {
		places[e.Index] = true
		if !e.Known || e.Index >= 300 {
			t.Errorf("entry %+v", e)
		}
	}
	if len(places) != 300 || batch.Size != 300 {
		t.Errorf("%d places, %d entries", len(places), batch.Size)
	}
	b.whole()
}

// An entry that this version does not read as a statement does not keep the log from starting.
func TestEntryThatIsNoStatement(t *testing.T) {
	b, m := moodyBench(t)
	b.mustAdd(3)
	m.swap.Store(true)
	if _, err := b.log.Add(t.Context(), logserver.Fast, b.author.Open(1)...); err != nil {
		t.Fatal(err)
	}
	m.swap.Store(false)
	for range 2 {
		b.close()
		index := &logservertest.Index{}
		b.opts.Index = index
		b.mustOpen()
		if index.Next() != 4 {
			t.Errorf("the index has %d of 4 entries", index.Next())
		}
	}
	b.close()
	b.mustOpen() // with an index whose last entry cannot be looked up
	b.mustAdd(3)
}
