package logserver_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
)

// second tries to open a log that is open in another process, and prints the error.
func second(dir string) {
	_, err := logserver.Open(context.Background(), dir, logserver.Options{Index: &logservertest.Index{}})
	fmt.Printf("%v: %v", errors.Is(err, logserver.ErrLocked), err)
}

func TestSecondProcess(t *testing.T) {
	b := newBench(t, logserver.Config{})
	b.mustOpen()
	out, err := process("second", b.dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("process %d", os.Getpid()); !strings.HasPrefix(string(out), "true: ") || !strings.Contains(string(out), want) {
		t.Errorf("the second process says %q, not that %s has the log", out, want)
	}
	checkFault(t, b.openAgain(), logserver.ErrLocked, "locked", "lock")
	b.mustAdd(10)
	b.close()
	b.mustOpen()
}

// openAgain opens the log a second time in this process.
func (b *bench) openAgain() error {
	_, err := logserver.Open(b.t.Context(), b.dir, logserver.Options{Index: &logservertest.Index{}})
	return err
}

// fullDisk runs a log whose process may not write files beyond some size: to the log that is a disk
// without space. It prints what went wrong, and nothing if nothing did.
func fullDisk(dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	for _, limit := range []uint64{60_000, 4_000, 100, 10} {
		if err := fullOnce(dir, limit); err != nil {
			fmt.Printf("limit %d: %v", limit, err)
			return
		}
	}
}

func fullOnce(dir string, limit uint64) error {
	ctx := context.Background()
	log, err := logserver.Open(ctx, dir, logserver.Options{Index: &logservertest.Index{}})
	if err != nil {
		return err
	}
	author := logservertest.NewAuthor(limit)
	if _, err := log.Add(ctx, logserver.Fast, author.Open(100)...); err != nil {
		return fmt.Errorf("before: %w", err)
	}
	if err := limitFiles(limit); err != nil {
		return err
	}
	lost := author.Open(90)
	brief, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	_, err = log.Add(brief, logserver.Fast, lost...)
	if !errors.Is(err, logserver.ErrStorage) && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("on a full disk: %w", err)
	}
	if err := log.Err(); err != nil {
		return fmt.Errorf("a full disk stopped the log: %w", err)
	}
	if err := limitFiles(^uint64(0)); err != nil {
		return err
	}
	batch, err := log.Add(ctx, logserver.Fast, lost...)
	if err != nil {
		return fmt.Errorf("with space again: %w", err)
	}
	for i, e := range batch.Entries {
		if e.ID != lost[i].ID() || e.Index != batch.Entries[0].Index+uint64(i) {
			return fmt.Errorf("entry %d is out of order", e.Index)
		}
	}
	return log.Close(ctx)
}

func limitFiles(bytes uint64) error {
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: ^uint64(0)})
}

// When the disk is full, nothing is acknowledged; when there is space again, the log goes on, and
// what was refused is recorded once.
func TestFullDisk(t *testing.T) {
	b := newBench(t, logserver.Config{})
	out, err := process("full-disk", b.dir).Output()
	if err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	b.mustOpen()
	b.whole()
	if c, _ := b.log.Checkpoint(); !strings.Contains(string(c), "\n760\n") {
		t.Errorf("want 4 times 190 entries, got %s", c)
	}
	if left := strays(t, b.dir); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// When only the guard's disk is full, entries may lie in the tree, but nothing is signed and nothing
// acknowledged until there is space again.
func TestFullGuardDisk(t *testing.T) {
	b := newBench(t, logserver.Config{})
	_, store := logserver.POSIX(b.dir)
	full := &fullStore{RecordStore: store}
	b.opts.Guard = full
	b.mustOpen()
	b.mustAdd(10)
	full.err.Store(&syscallFull)
	brief, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	lost := b.author.Open(10)
	if _, err := b.log.Add(brief, logserver.Fast, lost...); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if n := b.ledger.largest(); n != 10 {
		t.Errorf("signed %d entries without a record", n)
	}
	if h := b.log.Health(); h.OK() || h.Stopped != nil {
		t.Errorf("health: %+v", h)
	}
	full.err.Store(nil)
	batch, err := b.log.Add(t.Context(), logserver.Fast, lost...)
	if err != nil {
		t.Fatal(err)
	}
	if first := batch.Entries[0]; !first.Known || first.Index != 10 {
		t.Errorf("the statements of the failed call are not known: %+v", first)
	}
	if h := b.log.Health(); !h.OK() {
		t.Errorf("health: %+v", h)
	}
}
