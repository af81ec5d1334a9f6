package logserver_test

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
)

var syscallFull error = syscall.ENOSPC

// fullStore is a guard's record store on a disk that may be full.
type fullStore struct {
	logserver.RecordStore
	err atomic.Pointer[error]
}

func (s *fullStore) Save(record []byte) error {
	if err := s.err.Load(); err != nil {
		return *err
	}
	return s.RecordStore.Save(record)
}

// runningCases are what can happen to a log's directory while the log runs.
var runningCases = []struct {
	name   string
	damage func(b *bench, backup string)
	want   error // that the next Add ends in; nil: the log gets over it
	code   string
}{
	{
		name:   "tree state deleted",
		damage: func(b *bench, _ string) { b.remove(treeState) },
		want:   logserver.ErrTreeState, code: "tree-state",
	},
	{
		name:   "tree state restored from a backup",
		damage: func(b *bench, backup string) { b.restore(backup, treeState) },
		want:   logserver.ErrRolledBack, code: "rolled-back",
	},
	{
		name:   "tiles restored from a backup",
		damage: func(b *bench, backup string) { b.restore(backup, "tiles") },
		want:   logserver.ErrRolledBack, code: "rolled-back",
	},
	{
		name:   "newest bundle truncated",
		damage: func(b *bench, _ string) { b.truncate("tiles/tile/entries/002.p/198", 10) },
		want:   logserver.ErrDamaged, code: "damaged",
	},
	{
		name:   "newest bundle emptied",
		damage: func(b *bench, _ string) { b.write("tiles/tile/entries/002.p/198", nil) },
		want:   logserver.ErrDamaged, code: "damaged",
	},
	{
		name:   "newest bundle has a bit flipped",
		damage: func(b *bench, _ string) { b.flip("tiles/tile/entries/002.p/198", 1000) },
		want:   logserver.ErrDamaged, code: "damaged",
	},
	{
		name:   "newest tile has a bit flipped",
		damage: func(b *bench, _ string) { b.flip("tiles/tile/0/002.p/198", 1000) },
		want:   logserver.ErrDamaged, code: "damaged",
	},
	{
		name:   "tile above has a bit flipped",
		damage: func(b *bench, _ string) { b.flip(topTile, 40) },
		want:   logserver.ErrDamaged, code: "damaged",
	},
	{
		name:   "newest tile truncated: nothing can be integrated",
		damage: func(b *bench, _ string) { b.truncate("tiles/tile/0/002.p/198", 10) },
		want:   logserver.ErrStorage,
	},
	{
		name:   "guard record deleted",
		damage: func(b *bench, _ string) { b.remove("guard/record") },
		want:   logserver.ErrGuardMissing, code: "guard-missing",
	},
	{
		name:   "guard record written by another process",
		damage: func(b *bench, backup string) { b.restore(backup, "guard") },
		want:   logserver.ErrGuardForeign, code: "guard-foreign",
	},
	{
		name:   "guard record garbled",
		damage: func(b *bench, _ string) { b.flip("guard/record", 60) },
		want:   logserver.ErrGuardDamaged, code: "guard-damaged",
	},
	{
		name:   "checkpoint truncated",
		damage: func(b *bench, _ string) { b.truncate("tiles/checkpoint", 80) },
	},
	{
		name:   "checkpoint deleted",
		damage: func(b *bench, _ string) { b.remove("tiles/checkpoint") },
	},
	{
		name: "clock set back an hour after the last checkpoint",
		damage: func(b *bench, _ string) {
			later := time.Now().Add(time.Hour)
			if err := os.Chtimes(b.path("tiles/checkpoint"), later, later); err != nil {
				b.t.Fatal(err)
			}
		},
	},
}

func TestDamageWhileRunning(t *testing.T) {
	original, backup := grown(t)
	for _, c := range runningCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := original.copy(t)
			b.opts.HurryUp(200 * time.Millisecond)
			b.mustOpen()
			b.mustAdd(10)
			c.damage(b, backup)
			err := b.add(20)
			if c.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				// A receipt needs the signature, not the checkpoint file, which may come a moment later:
				// a log that was closed has written it.
				b.close()
				b.mustOpen()
				b.whole()
				return
			}
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if c.code == "" {
				return
			}
			checkFault(t, err, c.want, c.code, "")
			if err := b.add(1); !errors.Is(err, c.want) {
				t.Errorf("the log goes on: %v", err)
			}
			if h := b.log.Health(); !errors.Is(h.Stopped, c.want) {
				t.Errorf("health: %v", h.Stopped)
			}
			if n := b.ledger.largest(); n != 710 {
				t.Errorf("signed %d entries, 710 were sound", n)
			}
		})
	}
}

// Damage to old entries of a log that is too large to be read at every start is found by the scrub,
// and stops the log.
func TestScrub(t *testing.T) {
	original, _ := grown(t)
	for name, damage := range map[string]struct {
		do   func(b *bench)
		path string
	}{
		"full bundle": {func(b *bench) { b.flip("tiles/tile/entries/000", 9000) }, "tile/entries/000"},
		"full tile":   {func(b *bench) { b.flip("tiles/tile/0/001", 900) }, "tile/0/001"},
		"lost bundle": {func(b *bench) { b.remove("tiles/tile/entries/001") }, "tile/entries/001"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := original.copy(t)
			b.makeLarge()
			b.opts.Index = &logservertest.Index{}
			b.mustOpen() // fills the index, which is then not made from the damaged entries
			b.close()
			damage.do(b)
			b.mustOpen()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			select {
			case <-b.log.Stopped():
				checkFault(t, b.log.Err(), logserver.ErrDamaged, "damaged", damage.path)
			case <-ctx.Done():
				t.Error("the scrub found nothing")
			}
		})
	}
}
