package logserver_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
	"github.com/wherefrom-network/wherefrom/logserver/witness"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// watcher is a witness on the loopback interface.
type watcher struct {
	name   string
	key    tlog.Key
	server *httptest.Server
	dir    string
	clock  atomic.Int64 // seconds
	down   atomic.Bool
}

// newWatcher starts a witness that knows no log yet.
func newWatcher(t *testing.T, name string) *watcher {
	t.Helper()
	w := &watcher{name: name, dir: t.TempDir()}
	w.clock.Store(1_700_000_000)
	key, err := witness.Init(w.dir, name+".example/w")
	if err != nil {
		t.Fatal(err)
	}
	w.key = key
	return w
}

// watch lets the witness watch a log, from now on.
func (w *watcher) watch(t *testing.T, log tlog.Key) {
	t.Helper()
	wit, err := witness.Open(witness.Options{
		Dir: w.dir, Logs: []tlog.LogEntry{{Key: log}},
		Now: func() time.Time { return time.Unix(w.clock.Load(), 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		if w.down.Load() {
			http.Error(rw, "down for maintenance", http.StatusServiceUnavailable)
			return
		}
		wit.ServeHTTP(rw, req)
	})
	t.Cleanup(func() { wit.Close() })
}

// witnessed makes a log with as many witnesses, of which the quorum must cosign.
func witnessed(t *testing.T, witnesses, quorum int) (*bench, []*watcher) {
	t.Helper()
	var watchers []*watcher
	var policy, names strings.Builder
	for i := range witnesses {
		w := newWatcher(t, fmt.Sprintf("w%d", i))
		w.server = httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(w.server.Close)
		watchers = append(watchers, w)
		fmt.Fprintf(&policy, "witness %s %s %s\n", w.name, w.key, w.server.URL)
		fmt.Fprintf(&names, " %s", w.name)
	}
	fmt.Fprintf(&policy, "group all %d%s\nquorum all\n", quorum, names.String())
	b := newBench(t, logserver.Config{Policy: policy.String()})
	key := logserver.KeyOf(b.dir)
	for _, w := range watchers {
		w.watch(t, key)
	}
	return b, watchers
}

// A final receipt carries the cosignatures that the log's policy asks for, and one witness that is
// down does not hold it up.
func TestFinal(t *testing.T) {
	b, watchers := witnessed(t, 3, 2)
	watchers[1].down.Store(true)
	b.mustOpen()
	batch, err := b.log.Add(t.Context(), logserver.Final, b.author.Open(10)...)
	if err != nil {
		t.Fatal(err)
	}
	v, err := b.log.Policy().Check(batch.Checkpoint)
	if err != nil || !v.Quorum || len(v.Cosigned) < 2 {
		t.Errorf("verdict %+v, %v", v, err)
	}
	r, err := b.log.Receipt(t.Context(), batch.Entries[3].Index, logserver.Final)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Proof.Verify(tlog.LeafHash(r.Envelope), b.log.Policy()); err != nil {
		t.Error(err)
	}
	fast, _ := b.log.Checkpoint()
	if _, err := b.log.Policy().Check(fast); !errors.Is(err, tlog.ErrQuorum) {
		t.Errorf("the fast checkpoint has cosignatures: %v", err)
	}
	final, _ := b.log.Final()
	b.close()
	watchers[0].down.Store(true)
	b.mustOpen() // only one witness answers now: the final checkpoint comes from the disk
	if again, _ := b.log.Final(); string(again) != string(final) {
		t.Errorf("the final checkpoint was not kept: %s", again)
	}
	watchers[0].down.Store(false)
}

// Without witnesses the fast checkpoint is the final one.
func TestFinalWithoutWitnesses(t *testing.T) {
	log, _ := logservertest.New(t, logserver.Config{}, logserver.Options{})
	if _, err := log.Add(t.Context(), logserver.Final, logservertest.NewAuthor(1).Open(3)...); err != nil {
		t.Fatal(err)
	}
	fast, _ := log.Checkpoint()
	if final, _ := log.Final(); string(fast) != string(final) {
		t.Errorf("fast and final differ:\n%s\n%s", fast, final)
	}
}

// A log that was restored from an old backup, its guard's record with it, looks sound to itself. A
// witness knows better.
func TestWholeBackupRestored(t *testing.T) {
	b, watchers := witnessed(t, 2, 1)
	b.mustOpen()
	b.mustAddFinal(300)
	b.close()
	backup := t.TempDir() + "/backup"
	copyDir(t, b.dir, backup)
	b.mustOpen()
	b.mustAddFinal(100)
	b.close()
	b.restore(backup, ".")
	watchers[1].down.Store(true)
	checkFault(t, b.open(), logserver.ErrRolledBack, "rolled-back", "")
}

// The same, when no witness can be reached at the start: the log does not open. If the operator
// vouches for the directory, wrongly, it stops as soon as a witness shows what the key has signed.
func TestWholeBackupRestoredWitnessLater(t *testing.T) {
	b, watchers := witnessed(t, 1, 1)
	b.mustOpen()
	b.mustAddFinal(300)
	b.close()
	backup := t.TempDir() + "/backup"
	copyDir(t, b.dir, backup)
	b.mustOpen()
	b.mustAddFinal(100)
	b.close()
	b.restore(backup, ".")
	watchers[0].down.Store(true)
	// This is a new past that only this directory knows: not the ledger's, whose tree is gone.
	b.ledger.trees = nil
	b.opts.WitnessWait = time.Millisecond
	checkFault(t, b.open(), logserver.ErrUnwitnessed, "unwitnessed", "")
	b.opts.Unwitnessed = true
	b.mustOpen()
	watchers[0].down.Store(false)
	_, err := b.log.Add(t.Context(), logserver.Final, b.author.Open(1)...)
	checkFault(t, err, logserver.ErrRolledBack, "rolled-back", "")
	if _, err := b.log.Add(t.Context(), logserver.Fast, b.author.Open(1)...); !errors.Is(err, logserver.ErrRolledBack) {
		t.Errorf("the log goes on: %v", err)
	}
}

// A witness whose clock goes back, or that forgets for a while, does the log no harm.
func TestWitnessClockGoesBack(t *testing.T) {
	b, watchers := witnessed(t, 1, 1)
	b.mustOpen()
	b.mustAddFinal(10)
	watchers[0].clock.Add(-3600)
	b.mustAddFinal(10)
	watchers[0].clock.Add(100 * 365 * 24 * 3600)
	b.mustAddFinal(10)
}

// A monitor may show a witness a fast checkpoint before the log does. That is no conflict.
func TestSomebodyElseAsksTheWitness(t *testing.T) {
	b, watchers := witnessed(t, 1, 1)
	b.mustOpen()
	b.mustAddFinal(10)
	for range 5 {
		b.mustAdd(3)
		raw, _ := b.log.Checkpoint()
		client, err := witness.NewClient(witness.ClientOptions{
			Policy: b.log.Policy(), Prover: tlog.NewProver(b.log.Reader(), 0),
		})
		if err != nil {
			t.Fatal(err)
		}
		round, err := client.Ask(t.Context(), raw)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := round.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.mustAddFinal(3)
	_ = watchers
}

// A witness that lies about what it has seen stops the final checkpoints that need it, not the log.
func TestLyingWitness(t *testing.T) {
	b, watchers := witnessed(t, 1, 1)
	b.opts.HurryUp(100 * time.Millisecond)
	b.mustOpen()
	b.mustAddFinal(10)
	watchers[0].server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		rw.Header().Set("Content-Type", "text/x.tlog.size")
		rw.WriteHeader(http.StatusConflict)
		fmt.Fprintln(rw, 1<<40)
	})
	for range 3 {
		b.mustAdd(10)
	}
	if err := b.log.Err(); err != nil {
		t.Errorf("a word without proof stopped the log: %v", err)
	}
}

func (b *bench) mustAddFinal(n int) {
	b.t.Helper()
	batch, err := b.log.Add(b.t.Context(), logserver.Final, b.author.Open(n)...)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.log.Policy().Check(batch.Checkpoint); err != nil {
		b.t.Fatal(err)
	}
}
