package logserver_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// ledger sees every signature that a log's key makes, over all openings of the log, and checks each
// against those before: every two must be of one growing tree.
type ledger struct {
	reader logserver.Reader

	mu    sync.Mutex
	trees []tlog.Checkpoint // guarded by mu; all different, as signed
	bad   []string          // guarded by mu
}

func (g *ledger) saw(text string) {
	c, err := tlog.ParseCheckpoint(text)
	if err != nil {
		panic(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, old := range g.trees {
		if old.Text() == c.Text() {
			return
		}
	}
	for _, old := range g.trees {
		if err := consistent(g.reader, old, c); err != nil {
			g.bad = append(g.bad, fmt.Sprintf("signed %d, then %d: %v", old.Size, c.Size, err))
		}
	}
	g.trees = append(g.trees, c)
}

// consistent proves from the tiles that one tree grew into the other.
func consistent(r logserver.Reader, old, now tlog.Checkpoint) error {
	if now.Size < old.Size {
		return fmt.Errorf("the tree became smaller")
	}
	proof, err := tlog.NewProver(r, 64).Consistency(context.Background(), old.Size, now.Size)
	if err != nil {
		return err
	}
	return tlog.VerifyConsistency(old.Size, now.Size, old.Root, now.Root, proof)
}

func (g *ledger) check(t *testing.T) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, bad := range g.bad {
		t.Errorf("inconsistent signatures: %s", bad)
	}
}

func (g *ledger) largest() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	size := uint64(0)
	for _, c := range g.trees {
		size = max(size, c.Size)
	}
	return size
}

// bench is a log for a test that opens and closes it and does things to its directory between.
type bench struct {
	t      *testing.T
	dir    string
	ledger *ledger
	author *logservertest.Author
	opts   logserver.Options
	log    *logserver.Log // nil while it is closed

	acked map[statement.Digest]uint64
}

func newBench(t *testing.T, cfg logserver.Config) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir() + "/log", author: logservertest.NewAuthor(7), acked: map[statement.Digest]uint64{}}
	if cfg.Origin == "" {
		cfg.Origin = "log.example/damaged"
	}
	if err := logserver.Init(b.dir, cfg); err != nil {
		t.Fatal(err)
	}
	b.watch(nil)
	return b
}

// open opens the log with an empty index.
func (b *bench) open() error {
	b.t.Helper()
	opts := b.opts
	if opts.Index == nil {
		opts.Index = &logservertest.Index{}
	}
	log, err := logserver.Open(b.t.Context(), b.dir, opts)
	if err == nil {
		b.log = log
	}
	return err
}

func (b *bench) mustOpen() {
	b.t.Helper()
	if err := b.open(); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) close() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := b.log.Close(ctx); err != nil {
		b.t.Errorf("close: %v", err)
	}
	b.log = nil
}

// add records n statements and remembers that they were acknowledged.
func (b *bench) add(n int) error {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	batch, err := b.log.Add(ctx, logserver.Fast, b.author.Open(n)...)
	if err != nil {
		return err
	}
	for _, e := range batch.Entries {
		b.acked[e.ID] = e.Index
	}
	return nil
}

func (b *bench) mustAdd(n int) {
	b.t.Helper()
	if err := b.add(n); err != nil {
		b.t.Fatal(err)
	}
}

// grown returns a closed log of 2 full bundles and 188 entries, added in several trees, and a backup
// of the time when it had 300.
func grown(t *testing.T) (b *bench, backup string) {
	t.Helper()
	b = newBench(t, logserver.Config{})
	b.mustOpen()
	b.mustAdd(100)
	b.mustAdd(200)
	b.close()
	backup = t.TempDir() + "/backup"
	copyDir(t, b.dir, backup)
	b.mustOpen()
	b.mustAdd(250)
	b.mustAdd(150)
	b.close()
	return b, backup
}

// copy returns the same log in a directory of its own, with all that is known about it.
func (b *bench) copy(t *testing.T) *bench {
	t.Helper()
	c := &bench{t: t, dir: t.TempDir() + "/log", acked: maps.Clone(b.acked), author: logservertest.NewAuthor(8)}
	copyDir(t, b.dir, c.dir)
	c.watch(slices.Clone(b.ledger.trees))
	return c
}

// makeLarge makes the log one that is too large to be read whole at start-up.
func (b *bench) makeLarge() {
	b.t.Helper()
	b.write("log.json", bytes.Replace(b.read("log.json"), []byte("2000000"), []byte("1"), 1))
}

// watch begins to record signatures.
func (b *bench) watch(trees []tlog.Checkpoint) {
	storage, _ := logserver.POSIX(b.dir)
	b.ledger = &ledger{reader: storage.Reader(), trees: trees}
	b.opts.WatchSignatures(b.ledger.saw)
	b.t.Cleanup(func() {
		if b.log != nil {
			b.close()
		}
		b.ledger.check(b.t)
	})
}

// whole checks that the log is sound and has everything it acknowledged.
func (b *bench) whole() {
	b.t.Helper()
	report, err := logserver.Check(b.t.Context(), b.dir, logserver.CheckOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range report.Problems {
		b.t.Errorf("check: %v", p)
	}
	for id, index := range b.acked {
		r, err := b.log.Receipt(b.t.Context(), index, logserver.Fast)
		if err != nil {
			b.t.Fatal(err)
		}
		if statement.Sum(r.Envelope) != id {
			b.t.Fatalf("entry %d is another one", index)
		}
	}
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }

func (b *bench) read(name string) []byte {
	b.t.Helper()
	raw, err := os.ReadFile(b.path(name))
	if err != nil {
		b.t.Fatal(err)
	}
	return raw
}

func (b *bench) write(name string, data []byte) {
	b.t.Helper()
	if err := os.WriteFile(b.path(name), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) truncate(name string, by int) {
	b.t.Helper()
	raw := b.read(name)
	b.write(name, raw[:len(raw)-by])
}

func (b *bench) flip(name string, at int) {
	b.t.Helper()
	raw := b.read(name)
	raw[at] ^= 0x10
	b.write(name, raw)
}

func (b *bench) remove(name string) {
	b.t.Helper()
	if err := os.RemoveAll(b.path(name)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) mkdir(name string) {
	b.t.Helper()
	if err := os.Mkdir(b.path(name), 0o755); err != nil {
		b.t.Fatal(err)
	}
}

// restore puts one file or directory of the backup back.
func (b *bench) restore(backup, name string) {
	b.t.Helper()
	b.remove(name)
	copyDir(b.t, filepath.Join(backup, filepath.FromSlash(name)), b.path(name))
}

func copyDir(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(target, raw, info.Mode())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// content maps each file below a directory to what is in it.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		files[path] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
