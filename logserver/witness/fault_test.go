package witness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// Whatever step of a write fails, no cosignature leaves; afterwards the witness goes on, now and
// after a restart, and never cosigns another tree of a size that the disk may have.
func TestFullDisk(t *testing.T) {
	log := tlogtest.New(origin).Grow(9)
	for _, first := range []bool{true, false} {
		for failing := range 6 {
			for _, restart := range []bool{false, true} {
				name := fmt.Sprintf("first=%v step=%d restart=%v", first, failing, restart)
				dir := newDir(t)
				w := open(t, dir, log)
				old := uint64(0)
				if !first {
					if got := w.addCheckpoint(request(t, log, 0, 3)); got.status != 200 {
						t.Fatalf("%s: %+v", name, got)
					}
					old = 3
				}
				step := 0
				w.store.fault = func(string, string) error {
					if step++; step > failing {
						return syscall.ENOSPC
					}
					return nil
				}
				got := w.addCheckpoint(request(t, log, old, 7))
				if !first && failing >= 3 { // the second cosignature writes one file only
					if got.status != 200 {
						t.Errorf("%s: %+v", name, got)
					}
					continue
				}
				if got.status != 500 || strings.Contains(got.body, "— ") {
					t.Errorf("%s: %+v", name, got)
				}
				if got := w.addCheckpoint(request(t, log, old, 7)); got.status != 500 && got.status != 409 {
					t.Errorf("%s: while the disk is full: %+v", name, got)
				}
				w.store.fault = nil
				if restart {
					if err := w.Close(); err != nil {
						t.Fatal(err)
					}
					w = open(t, dir, log)
				}
				checkGoesOn(t, name, w, log, old, 7)
			}
		}
	}
}

// checkGoesOn checks that a witness stands at old or at size, and goes on from there.
func checkGoesOn(t *testing.T, name string, w *Witness, log *tlogtest.Log, old, size uint64) {
	t.Helper()
	got := w.addCheckpoint(request(t, log, old, size))
	switch {
	case got.status == 200:
	case got.status == 409 && got.body == fmt.Sprintf("%d\n", size):
		if got := w.addCheckpoint(request(t, log, size, size)); got.status != 200 {
			t.Errorf("%s: same checkpoint again: %+v", name, got)
		}
	default:
		t.Errorf("%s: afterwards: %+v", name, got)
	}
	if got := w.addCheckpoint(request(t, log, size, size+1)); got.status != 200 {
		t.Errorf("%s: next checkpoint: %+v", name, got)
	}
}

// Killed before or after any step of a write, a witness finds the old record or the new one.
func TestKilledAtAnyStep(t *testing.T) {
	log := tlogtest.New(origin).Grow(9)
	for _, first := range []bool{true, false} {
		dir := newDir(t)
		w := open(t, dir, log)
		old := uint64(0)
		if !first {
			if got := w.addCheckpoint(request(t, log, 0, 3)); got.status != 200 {
				t.Fatalf("%+v", got)
			}
			old = 3
		}
		var moments []string // copies of the directory, as a kill would leave it
		snapshot := func(string, string) error {
			moment := t.TempDir()
			moments = append(moments, moment)
			return os.CopyFS(moment, os.DirFS(dir))
		}
		w.store.fault = snapshot
		if got := w.addCheckpoint(request(t, log, old, 7)); got.status != 200 {
			t.Fatalf("%+v", got)
		}
		if err := snapshot("", ""); err != nil { // written, but the answer has not left
			t.Fatal(err)
		}
		for i, moment := range moments {
			checkGoesOn(t, fmt.Sprintf("first=%v moment=%d", first, i), open(t, moment, log), log, old, 7)
		}
	}
}

// Many requests race; for one size that was proven from, only one tree is ever cosigned.
func TestRace(t *testing.T) {
	const honest = 20
	log := tlogtest.New(origin).Grow(honest)
	fork := log.Fork(5)
	fork.Append([]byte("another past"))
	fork.Grow(honest - 6)
	w := open(t, newDir(t), log)
	if got := w.addCheckpoint(request(t, log, 0, 5)); got.status != 200 {
		t.Fatalf("%+v", got)
	}
	var mu sync.Mutex
	trees := map[uint64]map[tlog.Hash]bool{} // what was cosigned, by size; guarded by mu
	var wg sync.WaitGroup
	for worker := range 8 {
		from := []*tlogtest.Log{log, fork}[worker%2]
		wg.Go(func() {
			for old := uint64(5); old < honest; old++ {
				size := old + 1 + uint64(worker)/4
				if size > honest {
					return
				}
				if got := w.addCheckpoint(request(t, from, old, size)); got.status == 200 {
					mu.Lock()
					if trees[size] == nil {
						trees[size] = map[tlog.Hash]bool{}
					}
					trees[size][from.Root(size)] = true
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	ours, theirs := 0, 0
	for size, roots := range trees {
		if len(roots) != 1 {
			t.Errorf("two trees of %d entries were cosigned", size)
		}
		if roots[log.Root(size)] {
			ours++
		} else {
			theirs++
		}
	}
	if ours > 0 && theirs > 0 || ours+theirs == 0 {
		t.Errorf("cosigned %d trees of the log and %d of its fork", ours, theirs)
	}
}

// Against a model of ten lines: any requests, honest or not, in any order, with restarts and
// failing disks between them.
func TestWitnessAgainstModel(t *testing.T) {
	log := tlogtest.New(origin).Grow(40)
	fork := log.Fork(10)
	fork.Append([]byte("another past"))
	fork.Grow(29)
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "witness")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		dir = filepath.Join(dir, "w")
		if _, err := InitWithKey(dir, "w.example/1", tlogtest.PrivateKey("w.example/1")); err != nil {
			t.Fatal(err)
		}
		start := func() *Witness {
			w, err := Open(Options{Dir: dir, Now: atTestTime, Logs: []tlog.LogEntry{{Key: log.Key()}}})
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		w := start()
		defer func() { _ = w.Close() }()
		size, root := uint64(0), tlog.EmptyRoot // the model
		recorded := false                       // whether anything was cosigned
		unsure := false                         // whether the last request could not be stored
		for range rapid.IntRange(1, 20).Draw(t, "requests") {
			from := log
			if rapid.IntRange(0, 2).Draw(t, "forked") == 2 {
				from = fork
			}
			old := rapid.SampledFrom([]uint64{size, size, rapid.Uint64Range(0, 40).Draw(t, "any")}).Draw(t, "old")
			next := rapid.Uint64Range(0, 40).Draw(t, "size")
			req := tlog.AddCheckpoint{OldSize: old, Checkpoint: from.CheckpointAt(next)}
			if old <= next {
				if req.Proof, err = from.Prover().Consistency(ctx, old, next); err != nil {
					t.Fatal(err)
				}
			}
			want := 200
			switch {
			case old > next:
				want = 400
			case old != size:
				want = 409
			case from.Root(size) != root || next == size && from.Root(next) != root:
				want = 422
			}
			fails := rapid.IntRange(0, 9).Draw(t, "fault") == 0
			if fails {
				w.store.fault = func(string, string) error { return errors.New("no more") }
			}
			got := w.addCheckpoint(req.Marshal())
			w.store.fault = nil
			if fails && (want == 200 || unsure && recorded) {
				want = 500
			}
			unsure = want == 500
			if got.status != want {
				t.Fatalf("%d to %d: %d %s, want %d", old, next, got.status, got.body, want)
			}
			if got.status == 200 {
				size, root, recorded = next, from.Root(next), true
			}
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				w, unsure = start(), false
			}
		}
	})
}
