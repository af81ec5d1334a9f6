package logserver_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// A batch comes back with a proof for each statement, all under one signed checkpoint.
func TestAddProves(t *testing.T) {
	log, _ := logservertest.New(t, logserver.Config{}, logserver.Options{})
	envelopes := logservertest.NewAuthor(1).Open(300)
	batch, err := log.Add(t.Context(), logserver.Fast, envelopes...)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := tlog.OpenCheckpoint(batch.Checkpoint, log.Key())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tlog.COSERootSignature(batch.Checkpoint, log.Key()); err != nil {
		t.Errorf("no COSE signature: %v", err)
	}
	for i, e := range batch.Entries {
		if e.Known || e.ID != envelopes[i].ID() {
			t.Errorf("entry %d: %+v", i, e)
		}
		leaf := tlog.LeafHash(envelopes[i].Raw())
		if err := tlog.VerifyInclusion(leaf, e.Index, c.Size, e.Proof, c.Root); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
	}
}

// An entry's receipt verifies under the log's own policy, and its COSE form under the log's key.
func TestReceipt(t *testing.T) {
	log, _ := logservertest.New(t, logserver.Config{}, logserver.Options{})
	envelopes := logservertest.NewAuthor(1).Open(3)
	if _, err := log.Add(t.Context(), logserver.Fast, envelopes...); err != nil {
		t.Fatal(err)
	}
	r, err := log.Receipt(t.Context(), 1, logserver.Final)
	if err != nil {
		t.Fatal(err)
	}
	if r.Log != log.Key() || statement.Sum(r.Envelope) != envelopes[1].ID() {
		t.Errorf("receipt of another statement or log: %+v", r)
	}
	if _, err := r.Proof.Verify(tlog.LeafHash(r.Envelope), log.Policy()); err != nil {
		t.Error(err)
	}
	if _, err := log.Receipt(t.Context(), 3, logserver.Fast); !errors.Is(err, logserver.ErrNotRecorded) {
		t.Errorf("receipt of an entry that is not there: %v", err)
	}
}

// However often and from wherever the same statement is added, it is recorded once.
func TestAddIsIdempotent(t *testing.T) {
	b := newBench(t, logserver.Config{})
	b.mustOpen()
	envelopes := b.author.Open(60)
	var places sync.Map
	add := func(seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		some := make([]*statement.Envelope, 40)
		for i := range some {
			some[i] = envelopes[random.IntN(len(envelopes))]
		}
		batch, err := b.log.Add(t.Context(), logserver.Fast, some...)
		if err != nil {
			t.Error(err)
			return
		}
		for i, e := range batch.Entries {
			if e.ID != some[i].ID() {
				t.Errorf("entry %d has another id", e.Index)
			}
			if index, loaded := places.LoadOrStore(e.ID, e.Index); loaded && index != e.Index {
				t.Errorf("%v is at %d and at %d", e.ID, index, e.Index)
			}
			if i > 0 && some[i] == some[i-1] && !e.Known {
				t.Errorf("the same statement twice in one call is new twice")
			}
		}
	}
	for round := range uint64(2) {
		var callers sync.WaitGroup
		for n := range uint64(30) {
			callers.Go(func() { add(round<<32 | n) })
		}
		callers.Wait()
		b.close()
		b.mustOpen() // the index is made anew, and refuses a statement that is there twice
	}
	batch, err := b.log.Add(t.Context(), logserver.Fast, envelopes...)
	if err != nil {
		t.Fatal(err)
	}
	if batch.Size != uint64(len(envelopes)) {
		t.Errorf("%d statements became %d entries", len(envelopes), batch.Size)
	}
}

// A statement whose signatures nobody checked does not get in.
func TestAddRefusesUnverified(t *testing.T) {
	log, _ := logservertest.New(t, logserver.Config{}, logserver.Options{})
	author := logservertest.NewAuthor(1)
	parsed, err := statement.Parse(author.Sign(1)[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Add(t.Context(), logserver.Fast, author.Open(1)[0], parsed); !errors.Is(err, logserver.ErrNotVerified) {
		t.Errorf("got %v", err)
	}
	if h := log.Health(); h.Size != 0 || h.InFlight != 0 {
		t.Errorf("something was recorded: %+v", h)
	}
}

// A caller that goes away leaves the statement where it is; the next one finds it.
func TestAddCancelled(t *testing.T) {
	b := newBench(t, logserver.Config{})
	b.mustOpen()
	envelopes := b.author.Open(50)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.log.Add(ctx, logserver.Fast, envelopes...); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	batch, err := b.log.Add(t.Context(), logserver.Fast, envelopes...)
	if err != nil {
		t.Fatal(err)
	}
	if batch.Size != 50 {
		t.Errorf("the tree has %d entries", batch.Size)
	}
}

// What the log cannot take yet it refuses, and says when to come back; it does not grow.
func TestBackPressure(t *testing.T) {
	var stuck atomic.Bool
	index := &logservertest.Index{Fail: func() error {
		if stuck.Load() {
			return errors.New("the index has no space")
		}
		return nil
	}}
	b := newBench(t, logserver.Config{InFlight: 100, Bytes: 1 << 20})
	b.opts.Index = index
	b.mustOpen()
	if err := b.add(101); !errors.Is(err, logserver.ErrBatchTooLarge) {
		t.Errorf("101 of 100: %v", err)
	}
	stuck.Store(true) // entries are recorded and proven, but stay in flight
	b.mustAdd(60)
	if err := b.add(41); !errors.Is(err, logserver.ErrBusy) {
		t.Errorf("101 of 100: %v", err)
	}
	var busy *logserver.BusyError
	if err := b.add(41); !errors.As(err, &busy) || busy.RetryAfter <= 0 {
		t.Errorf("no time to retry: %v", err)
	}
	b.mustAdd(40)
	if h := b.log.Health(); h.InFlight != 100 || h.OK() {
		t.Errorf("health: %+v", h)
	}
	stuck.Store(false)
	b.close() // waits for the index
	b.mustOpen()
	b.mustAdd(100)
	b.whole()
	if got := index.Next(); got != 200 {
		t.Errorf("the index has %d entries", got)
	}
}

// Bytes in flight are bounded as well.
func TestBackPressureBytes(t *testing.T) {
	log, _ := logservertest.New(t, logserver.Config{Bytes: 3000}, logserver.Options{})
	envelopes := logservertest.NewAuthor(1).Open(4)
	if _, err := log.Add(t.Context(), logserver.Fast, envelopes...); !errors.Is(err, logserver.ErrBatchTooLarge) {
		t.Errorf("got %v", err)
	}
	if _, err := log.Add(t.Context(), logserver.Fast, envelopes[:2]...); err != nil {
		t.Error(err)
	}
}

// Close lets everything in flight come to its end, and leaves nothing running.
func TestClose(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, logserver.Config{})
	b.mustOpen()
	log := b.log
	var callers sync.WaitGroup
	var recorded atomic.Int64
	started := make(chan struct{}, 50)
	for range 50 {
		callers.Go(func() {
			envelopes := b.author.Open(3)
			started <- struct{}{}
			switch _, err := log.Add(t.Context(), logserver.Fast, envelopes...); {
			case err == nil:
				recorded.Add(3)
			case !errors.Is(err, logserver.ErrClosed):
				t.Error(err)
			}
		})
	}
	for range 25 {
		<-started
	}
	b.close()
	for range 25 {
		<-started
	}
	callers.Wait()
	if _, err := log.Add(t.Context(), logserver.Fast, b.author.Open(1)...); !errors.Is(err, logserver.ErrClosed) {
		t.Errorf("added to a closed log: %v", err)
	}
	if err := log.Close(t.Context()); !errors.Is(err, logserver.ErrClosed) {
		t.Errorf("closed twice: %v", err)
	}
	storage, _ := logserver.POSIX(b.dir)
	tree, err := storage.Tree(t.Context())
	if err != nil || tree.Size != uint64(recorded.Load()) {
		t.Errorf("%d entries, %d were acknowledged, %v", tree.Size, recorded.Load(), err)
	}
}

// An index that does not belong to the log is refused; one that is behind is brought up.
func TestIndexAtStart(t *testing.T) {
	original, _ := grown(t)
	ahead, other := &logservertest.Index{}, &logservertest.Index{}
	for range 701 {
		ahead.Preload(statement.Sum([]byte{byte(ahead.Next()), byte(ahead.Next() >> 8)}))
	}
	other.Preload(statement.Sum([]byte("an entry of another log")))
	for name, index := range map[string]*logservertest.Index{"more entries than the log": ahead, "entries of another log": other} {
		t.Run(name, func(t *testing.T) {
			b := original.copy(t)
			b.opts.Index = index
			checkFault(t, b.open(), logserver.ErrIndexAhead, "index", "")
		})
	}
}

// The metrics tell what happened, and go away with the log.
func TestMetrics(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	b := newBench(t, logserver.Config{})
	b.opts.Metrics = registry
	b.mustOpen()
	envelopes := b.author.Open(10)
	for range 2 {
		if _, err := b.log.Add(t.Context(), logserver.Fast, envelopes...); err != nil {
			t.Fatal(err)
		}
	}
	got := gather(t, registry)
	for name, want := range map[string]float64{
		"wherefrom_log_statements_total recorded": 10,
		"wherefrom_log_statements_total known":    10,
		"wherefrom_log_size":                      10,
		"wherefrom_log_tree_size":                 10,
		"wherefrom_log_guard_refusals_total":      0,
		"wherefrom_log_stopped":                   0,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	b.close()
	if left := gather(t, registry); len(left) > 0 {
		t.Errorf("metrics of a closed log: %v", left)
	}
}

// gather returns the values of counters and gauges, by name and label values.
func gather(t *testing.T, r *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			for _, l := range m.Label {
				name += " " + l.GetValue()
			}
			values[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return values
}

// Many callers with little to say each get their own proof.
func TestManyCallers(t *testing.T) {
	b := newBench(t, logserver.Config{})
	b.mustOpen()
	envelopes := b.author.Open(500)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var callers sync.WaitGroup
	for _, e := range envelopes {
		callers.Go(func() {
			batch, err := b.log.Add(ctx, logserver.Fast, e)
			if err != nil {
				t.Error(err)
				return
			}
			c, _, err := tlog.OpenCheckpoint(batch.Checkpoint, b.log.Key())
			if err == nil {
				entry := batch.Entries[0]
				err = tlog.VerifyInclusion(tlog.LeafHash(e.Raw()), entry.Index, c.Size, entry.Proof, c.Root)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
}
