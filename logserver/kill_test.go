package logserver_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Environment variables that turn this test binary into another process that opens a log.
const (
	testRole = "WHEREFROM_TEST_ROLE"
	testDir  = "WHEREFROM_TEST_DIR"
	testSeed = "WHEREFROM_TEST_SEED"
)

func TestMain(m *testing.M) {
	dir := os.Getenv(testDir)
	switch os.Getenv(testRole) {
	case "victim":
		victim(dir)
	case "full-disk":
		fullDisk(dir)
	case "second":
		second(dir)
	default:
		os.Exit(m.Run())
	}
}

// process prepares another process that plays a role with the log in dir.
func process(role, dir string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), testRole+"="+role, testDir+"="+dir), env...)
	cmd.Stderr = os.Stderr
	return cmd
}

// victim runs the log in dir with many clients, until it is killed. It prints a line for each
// signature before it is made, and for each statement after it was acknowledged.
func victim(dir string) {
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(os.Stdout, format+"\n", args...)
	}
	die := func(err error) {
		say("error %s", strings.ReplaceAll(err.Error(), "\n", " "))
		os.Exit(1)
	}
	seed, _ := strconv.ParseUint(os.Getenv(testSeed), 10, 64)
	index, err := openFileIndex(filepath.Join(dir, "index"))
	if err != nil {
		die(err)
	}
	opts := logserver.Options{Index: index}
	opts.WatchSignatures(func(text string) {
		c, err := tlog.ParseCheckpoint(text)
		if err != nil {
			die(err)
		}
		say("signed %d %x", c.Size, c.Root[:])
	})
	log, err := logserver.Open(context.Background(), dir, opts)
	if err != nil {
		die(err)
	}
	say("ready")
	for client := range 40 {
		go func() {
			fresh, shared := logservertest.NewAuthor(seed<<8|uint64(client)), logservertest.NewAuthor(uint64(client%4))
			for i := 0; ; i++ {
				batch := fresh.Open(1)
				switch {
				case client < 2:
					batch = fresh.Open(70)
				case i%8 == 7: // the same few statements in every round
					batch = shared.Open(2)
				}
				b, err := log.Add(context.Background(), logserver.Fast, batch...)
				if err != nil {
					die(err)
				}
				for _, e := range b.Entries {
					say("acked %d %x", e.Index, e.ID[:])
				}
			}
		}()
	}
	select {}
}

// TestKill kills a log with kill -9 at random moments, over and over, and checks each time that
// everything it acknowledged is there, in its place and provable, and that everything it signed is
// of the one tree. WHEREFROM_KILLS says how often (15), WHEREFROM_SEED repeats a run.
func TestKill(t *testing.T) {
	kills := envInt("WHEREFROM_KILLS", 15)
	seed := envInt("WHEREFROM_SEED", int(time.Now().UnixNano()&0xffffff))
	t.Logf("kills %d, seed %d", kills, seed)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	dir := t.TempDir() + "/log"
	if err := logserver.Init(dir, logserver.Config{Origin: "log.example/killed", FullScan: 10_000, ScrubRate: -1}); err != nil {
		t.Fatal(err)
	}
	s := newSurvey(t, dir)
	for round := range kills {
		moment := time.Duration(random.Int64N(int64(500 * time.Millisecond)))
		s.read(killed(t, dir, seed+round, moment))
		s.check()
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	s.end()
	t.Logf("%d kills, %d of them after the log was open; %d statements acknowledged, %d in the log, %d signatures",
		kills, s.opened, len(s.acked), s.record.Size, s.signatures)
}

func envInt(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// killed runs the victim, kills it after a while, and returns what it printed.
func killed(t *testing.T, dir string, seed int, after time.Duration) io.Reader {
	t.Helper()
	cmd := process("victim", dir, fmt.Sprintf("%s=%d", testSeed, seed))
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait() // it was killed
	return &out
}

// survey is what the test knows of the log from outside: from what the victims printed, and from
// the files they left. It uses nothing of the log's own code but the readers of its formats.
type survey struct {
	t       *testing.T
	storage logserver.Storage
	store   logserver.RecordStore

	opened, signatures int
	acked              map[statement.Digest]uint64
	newAcked           map[statement.Digest]uint64 // since the last check
	newSigned          map[uint64]tlog.Hash        // since the last check
	record             logserver.Record            // of the last check
}

func newSurvey(t *testing.T, dir string) *survey {
	s := &survey{t: t, acked: map[statement.Digest]uint64{}, record: logserver.Record{Root: tlog.EmptyRoot}}
	s.storage, s.store = logserver.POSIX(dir)
	return s
}

// read takes in what a victim printed. A last line that was cut off by the kill counts as unsaid.
func (s *survey) read(out io.Reader) {
	s.t.Helper()
	s.newAcked, s.newSigned = map[statement.Digest]uint64{}, map[uint64]tlog.Hash{}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		f := strings.Fields(line)
		switch f[0] {
		case "ready":
			s.opened++
		case "signed":
			size, root := s.parse(f)
			s.signatures++
			if old, ok := s.newSigned[size]; ok && old != root {
				s.t.Errorf("signed two roots for size %d", size)
			}
			s.newSigned[size] = tlog.Hash(root)
		case "acked":
			index, id := s.parse(f)
			if old, ok := s.acked[id]; ok && old != index {
				s.t.Errorf("%v was acknowledged at %d, now at %d", id, old, index)
			}
			s.acked[id], s.newAcked[id] = index, index
		default:
			s.t.Errorf("the log says: %s", line)
		}
	}
}

func (s *survey) parse(f []string) (uint64, [32]byte) {
	s.t.Helper()
	n, err := strconv.ParseUint(f[1], 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := hex.DecodeString(f[2])
	if err != nil {
		s.t.Fatal(err)
	}
	return n, [32]byte(raw)
}

// check proves, from the files as the kill left them, that all that the victim said holds.
func (s *survey) check() {
	s.t.Helper()
	ctx, reader := s.t.Context(), s.storage.Reader()
	raw, err := s.store.Load()
	if err != nil {
		s.t.Fatal(err)
	}
	record, err := logserver.ParseRecord(raw)
	if err != nil {
		s.t.Fatal(err)
	}
	tree, err := s.storage.Tree(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	if tree.Size < record.Size {
		s.t.Fatalf("the tree has %d entries, %d are signed", tree.Size, record.Size)
	}
	prover := tlog.NewProver(reader, 0)
	proof, err := prover.Consistency(ctx, s.record.Size, record.Size)
	if err == nil {
		err = tlog.VerifyConsistency(s.record.Size, record.Size, s.record.Root, record.Root, proof)
	}
	if err != nil {
		s.t.Fatalf("from %d to %d: %v", s.record.Size, record.Size, err)
	}
	for size, root := range s.newSigned {
		if size > record.Size {
			s.t.Errorf("signed %d, the guard's record says %d", size, record.Size)
		} else if got, err := prover.Root(ctx, size); err != nil || got != root {
			s.t.Errorf("the tree of %d is not the one that was signed: %v", size, err)
		}
	}
	bundles := map[uint64][][]byte{}
	for id, index := range s.newAcked {
		if index >= record.Size {
			s.t.Errorf("entry %d was acknowledged, %d are signed", index, record.Size)
			continue
		}
		entry := s.entry(bundles, index, record.Size)
		proof, err := prover.Inclusion(ctx, index, record.Size)
		if err == nil {
			err = tlog.VerifyInclusion(tlog.LeafHash(entry), index, record.Size, proof, record.Root)
		}
		if statement.Sum(entry) != id || err != nil {
			s.t.Errorf("entry %d is not what was acknowledged: %v", index, err)
		}
	}
	s.record = record
}

// entry reads an entry of a tree of the given size.
func (s *survey) entry(bundles map[uint64][][]byte, index, size uint64) []byte {
	s.t.Helper()
	n := index / tlog.TileWidth
	if bundles[n] == nil {
		partial := uint8(0)
		if n == size/tlog.TileWidth {
			partial = uint8(size % tlog.TileWidth)
		}
		raw, err := s.storage.Reader().ReadEntryBundle(s.t.Context(), n, partial)
		if err != nil {
			s.t.Fatal(err)
		}
		if bundles[n], err = tlog.ParseBundle(raw, tlog.TileWidth); err != nil {
			s.t.Fatal(err)
		}
	}
	return bundles[n][index%tlog.TileWidth]
}

// end opens the log a last time and reads it all: whole, nothing twice, nothing acknowledged
// missing, no leftovers.
func (s *survey) end() {
	s.t.Helper()
	dir := logserver.DirOf(s.storage)
	log, err := logserver.Open(s.t.Context(), dir, logserver.Options{Index: &logservertest.Index{}})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := log.Close(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	report, err := logserver.Check(s.t.Context(), dir, logserver.CheckOptions{})
	if err != nil || !report.OK() {
		s.t.Fatalf("check: %v, %v", err, report.Problems)
	}
	s.newAcked, s.newSigned = s.acked, nil
	s.check()
	seen := map[statement.Digest]uint64{}
	bundles := map[uint64][][]byte{}
	for i := range s.record.Size {
		id := statement.Sum(s.entry(bundles, i, s.record.Size))
		if old, ok := seen[id]; ok {
			s.t.Errorf("entries %d and %d are the same statement", old, i)
		}
		seen[id] = i
	}
	for _, path := range strays(s.t, dir) {
		s.t.Errorf("left behind: %s", path)
	}
}

// strays lists the files in a log's directory that have no business there.
func strays(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(filepath.Join(dir, "tiles"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(filepath.Join(dir, "tiles"), path)
		if err != nil {
			return err
		}
		_, bad := tlog.ParseTilePath(filepath.ToSlash(rel))
		if bad != nil && rel != "checkpoint" && filepath.Dir(rel) != ".state" {
			list = append(list, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// fileIndex is an index whose ids lie in a file, so that it need not be made anew for each victim.
type fileIndex struct {
	logservertest.Index
	file *os.File
}

// openFileIndex reads the ids. The last one may have been cut off by a kill.
func openFileIndex(path string) (*fileIndex, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	whole := len(raw) / len(statement.Digest{}) * len(statement.Digest{})
	x := &fileIndex{file: f}
	for at := 0; at < whole; at += len(statement.Digest{}) {
		x.Preload(statement.Digest(raw[at : at+len(statement.Digest{})]))
	}
	return x, f.Truncate(int64(whole))
}

func (x *fileIndex) Append(ctx context.Context, first uint64, entries []*statement.Envelope) error {
	had := x.Next()
	if err := x.Index.Append(ctx, first, entries); err != nil {
		return err
	}
	var ids []byte
	for i, e := range entries {
		if first+uint64(i) >= had {
			id := e.ID() // never nil here: the log has statements only
			ids = append(ids, id[:]...)
		}
	}
	_, err := x.file.Write(ids)
	return err
}
