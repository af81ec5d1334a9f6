package logserver_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// The log has 700 entries: bundles 0 and 1 are full, bundle 2 has 188. The backup has 300.
const (
	lastTile   = "tiles/tile/0/002.p/188"
	lastBundle = "tiles/tile/entries/002.p/188"
	topTile    = "tiles/tile/1/000.p/2"
	treeState  = "tiles/.state/treeState"
)

// damageCases are what can happen to a log's directory while it is closed. Each is either refused at
// the next start, with an error that says what to do, or repaired; and never does the key sign two
// trees that contradict each other.
var damageCases = []struct {
	name   string
	damage func(b *bench, backup string)
	large  bool   // the log is too large to be read whole at start-up
	want   error  // nil: repaired
	code   string // of the fault
	path   string // that the fault names, below tiles
}{
	{
		name:   "newest tile truncated",
		damage: func(b *bench, _ string) { b.truncate(lastTile, 32) },
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/0/002.p/188",
	},
	{
		name:   "newest tile missing",
		damage: func(b *bench, _ string) { b.remove(lastTile) },
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/0/002.p/188",
	},
	{
		name:   "newest tile has a bit flipped",
		damage: func(b *bench, _ string) { b.flip(lastTile, 100) },
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/0/002.p/188",
	},
	{
		name:   "newest bundle truncated inside an entry",
		damage: func(b *bench, _ string) { b.truncate(lastBundle, 10) },
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/entries/002.p/188",
	},
	{
		name: "newest bundle truncated at an entry",
		damage: func(b *bench, _ string) {
			entries, err := tlog.ParseBundle(b.read(lastBundle), 256)
			if err != nil {
				b.t.Fatal(err)
			}
			b.truncate(lastBundle, 2+len(entries[len(entries)-1]))
		},
		want: logserver.ErrDamaged, code: "damaged", path: "tile/entries/002.p/188",
	},
	{
		name:   "newest bundle emptied",
		damage: func(b *bench, _ string) { b.write(lastBundle, nil) },
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/entries/002.p/188",
	},
	{
		name:   "bit flipped in a full tile",
		damage: func(b *bench, _ string) { b.flip("tiles/tile/0/000", 4000) },
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/0/000",
	},
	{
		name:   "bit flipped in a full bundle",
		damage: func(b *bench, _ string) { b.flip("tiles/tile/entries/001", 70_000) },
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/entries/001",
	},
	{
		name:   "full bundle missing",
		damage: func(b *bench, _ string) { b.remove("tiles/tile/entries/000") },
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/entries/000",
	},
	{
		name:   "bit flipped in the tile above",
		damage: func(b *bench, _ string) { b.flip(topTile, 40) },
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/1/000.p/2",
	},
	{
		name:   "bit flipped in the tile above, of a log too large to read whole",
		damage: func(b *bench, _ string) { b.flip(topTile, 40) },
		large:  true,
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/1/000.p/2",
	},
	{
		name:   "newest bundle truncated, of a log too large to read whole",
		damage: func(b *bench, _ string) { b.truncate(lastBundle, 10) },
		large:  true,
		want:   logserver.ErrDamaged, code: "damaged", path: "tile/entries/002.p/188",
	},
	{
		name:   "tree state empty",
		damage: func(b *bench, _ string) { b.write(treeState, nil) },
		want:   logserver.ErrTreeState, code: "tree-state",
	},
	{
		name:   "tree state without a root",
		damage: func(b *bench, _ string) { b.write(treeState, []byte(`{"size":700}`)) },
		want:   logserver.ErrTreeState, code: "tree-state",
	},
	{
		name: "tree state with another root",
		damage: func(b *bench, _ string) {
			b.write(treeState, []byte(`{"size":700,"root":"`+tlog.EmptyRoot.String()+`"}`))
		},
		want: logserver.ErrTreeState, code: "tree-state",
	},
	{
		name:   "tree state deleted",
		damage: func(b *bench, _ string) { b.remove(treeState) },
		want:   logserver.ErrTreeState, code: "tree-state",
	},
	{
		name:   "all of Tessera's state deleted",
		damage: func(b *bench, _ string) { b.remove("tiles/.state") },
		want:   logserver.ErrTreeState, code: "tree-state",
	},
	{
		name:   "all tiles deleted",
		damage: func(b *bench, _ string) { b.remove("tiles") },
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
		name:   "checkpoint truncated",
		damage: func(b *bench, _ string) { b.truncate("tiles/checkpoint", 20) },
	},
	{
		name:   "checkpoint emptied",
		damage: func(b *bench, _ string) { b.write("tiles/checkpoint", nil) },
	},
	{
		name:   "checkpoint deleted",
		damage: func(b *bench, _ string) { b.remove("tiles/checkpoint") },
	},
	{
		name:   "checkpoint restored from a backup",
		damage: func(b *bench, backup string) { b.restore(backup, "tiles/checkpoint") },
	},
	{
		name:   "guard record deleted",
		damage: func(b *bench, _ string) { b.remove("guard/record") },
		want:   logserver.ErrGuardMissing, code: "guard-missing",
	},
	{
		name:   "guard record restored from a backup",
		damage: func(b *bench, backup string) { b.restore(backup, "guard") },
		want:   logserver.ErrGuardBehind, code: "guard-behind",
	},
	{
		name: "guard record and checkpoint restored from a backup, the tree is whole",
		damage: func(b *bench, backup string) {
			b.restore(backup, "guard")
			b.restore(backup, "tiles/checkpoint")
		},
	},
	{
		name:   "guard record garbled",
		damage: func(b *bench, _ string) { b.flip("guard/record", 60) },
		want:   logserver.ErrGuardDamaged, code: "guard-damaged",
	},
	{
		name:   "guard record truncated",
		damage: func(b *bench, _ string) { b.truncate("guard/record", 1) },
		want:   logserver.ErrGuardDamaged, code: "guard-damaged",
	},
	{
		name: "size raised in the guard record, by hand and with the right checksum",
		damage: func(b *bench, _ string) {
			_, store := logserver.POSIX(b.dir)
			raw, _ := store.Load()
			r, _ := logserver.ParseRecord(raw)
			r.Size++
			if err := store.Save(r.Marshal()); err != nil {
				b.t.Fatal(err)
			}
		},
		want: logserver.ErrRolledBack, code: "rolled-back",
	},
	{
		name: "root changed in the guard record, by hand and with the right checksum",
		damage: func(b *bench, _ string) {
			_, store := logserver.POSIX(b.dir)
			raw, _ := store.Load()
			r, _ := logserver.ParseRecord(raw)
			r.Root[3] ^= 1
			if err := store.Save(r.Marshal()); err != nil {
				b.t.Fatal(err)
			}
		},
		want: logserver.ErrForked, code: "forked",
	},
	{
		name:   "key of another log",
		damage: func(b *bench, _ string) { b.write("key", otherLog(b).read("key")) },
		want:   logserver.ErrKeyChanged, code: "key-changed",
	},
	{
		name: "key and configuration of another log",
		damage: func(b *bench, _ string) {
			other := otherLog(b)
			b.write("key", other.read("key"))
			b.write("log.json", other.read("log.json"))
		},
		want: logserver.ErrGuardForeign, code: "guard-foreign",
	},
	{
		name:   "key cut off",
		damage: func(b *bench, _ string) { b.truncate("key", 10) },
		want:   logserver.ErrKeyChanged, code: "key-changed",
	},
	{
		name:   "configuration deleted",
		damage: func(b *bench, _ string) { b.remove("log.json") },
		want:   logserver.ErrNotALog, code: "not-a-log",
	},
	{
		name:   "configuration is not JSON",
		damage: func(b *bench, _ string) { b.truncate("log.json", 5) },
		want:   logserver.ErrConfig, code: "config",
	},
}

func TestDamage(t *testing.T) {
	original, backup := grown(t)
	for _, c := range damageCases {
		t.Run(c.name, func(t *testing.T) {
			b := original.copy(t)
			if c.large {
				b.makeLarge()
			}
			c.damage(b, backup)
			before := content(t, b.dir)
			err := b.open()
			if c.want == nil {
				if err != nil {
					t.Fatalf("not repaired: %v", err)
				}
				b.mustAdd(50)
				b.whole()
				return
			}
			if err == nil {
				t.Fatal("the damage was not found")
			}
			checkFault(t, err, c.want, c.code, c.path)
			delete(before, b.path("lock"))
			after := content(t, b.dir)
			delete(after, b.path("lock"))
			if d := cmp.Diff(before, after); d != "" {
				t.Errorf("the refused start changed files: %.300s", d)
			}
		})
	}
}

// checkFault checks that an error names the fact, the file, and what to do.
func checkFault(t *testing.T, err, want error, code, path string) {
	t.Helper()
	var f *logserver.Fault
	if !errors.As(err, &f) || !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if f.Code != code || path != "" && !strings.HasSuffix(f.Path, path) || f.Do == "" || f.What == "" {
		t.Errorf("got code %q, path %q, what %q, do %q; want code %q, path %q", f.Code, f.Path, f.What, f.Do, code, path)
	}
}

// otherLog makes another log with a key of its own.
func otherLog(b *bench) *bench {
	return newBench(b.t, logserver.Config{})
}

// The ledger of these tests finds what the guard prevents: Tessera alone, without its tree state,
// signs an empty tree over the old one.
func TestLedgerFindsAFork(t *testing.T) {
	dir := t.TempDir()
	_, key, _ := ed25519.GenerateKey(nil)
	signer, err := tlog.NewLogSigner("log.example/bare", key)
	if err != nil {
		t.Fatal(err)
	}
	seen := &ledger{reader: logserver.TilesReader(dir)}
	author := logservertest.NewAuthor(1)
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		driver, err := posix.New(ctx, posix.Config{Path: dir})
		if err != nil {
			t.Fatal(err)
		}
		appender, shutdown, _, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
			WithCheckpointSigner(logserver.WatchSigner(signer, seen.saw)).
			WithCheckpointInterval(logserver.MinCheckpoint).WithBatching(100, logserver.DefaultBatchAge))
		if err != nil {
			t.Fatal(err)
		}
		var futures []tessera.IndexFuture
		for _, e := range author.Open(100) {
			futures = append(futures, appender.Add(ctx, tessera.NewEntry(e.Raw())))
		}
		for _, f := range futures {
			if _, err := f(); err != nil {
				t.Fatal(err)
			}
		}
		if err := shutdown(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := os.Remove(dir + "/.state/treeState"); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen.bad) == 0 {
		t.Error("the ledger did not notice that Tessera signed two pasts")
	}
}
