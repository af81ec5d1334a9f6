package logserver_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// foreign is a storage that is none of this package's: bundles and tiles lie somewhere else, the
// lock and the final checkpoint in memory, as if in a database. Only what Storage asks for is there.
type foreign struct {
	tiles string
	inner logserver.Storage // reads the state of the tree in tiles

	mu     sync.Mutex
	locked bool
	final  []byte
}

func newForeign(t *testing.T) *foreign {
	dir := t.TempDir()
	return &foreign{tiles: dir + "/tiles", inner: logserver.POSIXAt(dir)}
}

func (f *foreign) Lock(context.Context) (func() error, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.locked {
		return nil, fmt.Errorf("row is locked: %w", logserver.ErrLocked)
	}
	f.locked = true
	return func() error { f.mu.Lock(); defer f.mu.Unlock(); f.locked = false; return nil }, nil
}

func (f *foreign) Tree(ctx context.Context) (logserver.TreeState, error) { return f.inner.Tree(ctx) }

func (f *foreign) SetTree(ctx context.Context, tree logserver.TreeState) error {
	return f.inner.SetTree(ctx, tree)
}

func (f *foreign) Reader() logserver.Reader { return logserver.TilesReader(f.tiles) }

func (f *foreign) Driver(ctx context.Context) (tessera.Driver, error) {
	return posix.New(ctx, posix.Config{Path: f.tiles})
}

func (f *foreign) SetCheckpoint(ctx context.Context, signed []byte) error {
	return f.inner.SetCheckpoint(ctx, signed)
}

func (f *foreign) Sweep(context.Context, uint64, time.Duration) (int, error) { return 0, nil }

func (f *foreign) Final(context.Context) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.final, nil
}

func (f *foreign) SetFinal(_ context.Context, signed []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.final = signed
	return nil
}

// A log runs, is checked and is restored on a storage that this package does not know.
func TestOtherStorage(t *testing.T) {
	storage, guard := newForeign(t), &memory{}
	dir := t.TempDir() + "/log"
	if err := logserver.Init(dir, logserver.Config{Origin: "log.example/foreign", Storage: storage}); err != nil {
		t.Fatal(err)
	}
	_, store := logserver.POSIX(dir)
	guard.record, _ = store.Load()
	opts := logserver.Options{Storage: storage, Guard: guard, Index: &logservertest.Index{}}
	author := logservertest.NewAuthor(1)
	for range 2 {
		log, err := logserver.Open(t.Context(), dir, opts)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := log.Add(t.Context(), logserver.Final, author.Open(300)...)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := tlog.OpenCheckpoint(batch.Checkpoint, log.Key()); err != nil {
			t.Error(err)
		}
		if err := log.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	check := logserver.CheckOptions{Storage: storage, Guard: guard}
	report, err := logserver.Check(t.Context(), dir, check)
	if err != nil || !report.OK() || report.Signed != 600 {
		t.Errorf("%+v, %v", report, err)
	}
	guard.record = nil
	restore := logserver.RestoreOptions{CheckOptions: check, Unwitnessed: true}
	if _, err := logserver.RestoreGuard(t.Context(), dir, restore); err != nil || guard.record == nil {
		t.Errorf("%v", err)
	}
}
