package witness

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// cosigned makes a witness's directory in which two logs have been cosigned.
func cosigned(t *testing.T) (dir string, log *tlogtest.Log) {
	t.Helper()
	log = tlogtest.New(origin).Grow(5)
	second := tlogtest.New("example.org/second").Grow(3)
	dir = newDir(t)
	w := open(t, dir, log, second)
	for _, body := range [][]byte{request(t, log, 0, 4), request(t, second, 0, 3)} {
		if got := w.addCheckpoint(body); got.status != 200 {
			t.Fatalf("%+v", got)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, log
}

func TestRestartRemembers(t *testing.T) {
	dir, log := cosigned(t)
	w := open(t, dir, log)
	if got := w.addCheckpoint(request(t, log, 0, 3)); got.status != 409 || got.body != "4\n" {
		t.Errorf("an older checkpoint: %+v", got)
	}
	if got := w.addCheckpoint(request(t, log, 4, 5)); got.status != 200 {
		t.Errorf("the next checkpoint: %+v", got)
	}
}

// Whatever part of its memory is damaged or gone, a witness does not start, and says what to do.
func TestDamagedState(t *testing.T) {
	record := filepath.Join(stateDir, originHash(origin))
	other := filepath.Join(stateDir, originHash("example.org/second"))
	edit := func(change func(b []byte) []byte, path string) func(dir string) error {
		return func(dir string) error {
			b, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, path), change(b), 0o600)
		}
	}
	remove := func(path string) func(dir string) error {
		return func(dir string) error { return os.RemoveAll(filepath.Join(dir, path)) }
	}
	cut := func(b []byte) []byte { return b[:len(b)/2] }
	empty := func([]byte) []byte { return nil }
	zeroes := func(b []byte) []byte { return make([]byte, len(b)) }
	rollBack := func(b []byte) []byte { return bytes.Replace(b, []byte("\n4\n"), []byte("\n3\n"), 1) }
	stranger := tlogtest.New(origin).Grow(9).Checkpoint(tlogtest.Cosigner("w.example/other"))

	for _, c := range []struct {
		name   string
		damage func(dir string) error
		want   error
	}{
		{"record is cut off", edit(cut, record), ErrState},
		{"record is empty", edit(empty, record), ErrState},
		{"record is all zeroes", edit(zeroes, record), ErrState},
		{"record has another size", edit(rollBack, record), ErrState},
		{"record is another witness's", edit(func([]byte) []byte { return stranger }, record), ErrState},
		{"record is another log's", func(dir string) error { return os.Rename(filepath.Join(dir, other), filepath.Join(dir, record)) }, ErrState},
		{"record is gone", remove(record), ErrState},
		{"all records are gone", remove(stateDir), ErrState},
		{"a strange file among the records", edit(func(b []byte) []byte { return b }, "."), ErrState},
		{"list of what was cosigned is cut off", edit(func(b []byte) []byte { return b[:len(b)-9] }, witnessFile), ErrState},
		{"list of what was cosigned is empty", edit(empty, witnessFile), ErrState},
		{"list of what was cosigned has another version", edit(func(b []byte) []byte { return bytes.Replace(b, []byte("/v1"), []byte("/v2"), 1) }, witnessFile), ErrState},
		{"list of what was cosigned has no key", edit(func(b []byte) []byte { return bytes.Replace(b, []byte("key w.example/1+"), []byte("key "), 1) }, witnessFile), ErrState},
		{"list of what was cosigned is gone", remove(witnessFile), ErrState},
		{"key is gone", remove(keyFile), ErrKey},
		{"key is no PEM", edit(cut, keyFile), ErrKey},
		{"key is no key", edit(func([]byte) []byte { return []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n") }, keyFile), ErrKey},
		{"key is another", func(dir string) error {
			if err := os.Remove(filepath.Join(dir, keyFile)); err != nil {
				return err
			}
			return writeKey(filepath.Join(dir, keyFile), tlogtest.PrivateKey("another"))
		}, ErrKey},
		{"list of logs is damaged", func(dir string) error { return os.WriteFile(filepath.Join(dir, logsFile), []byte("log x\n"), 0o600) }, tlog.ErrKeySyntax},
		{"no directory", remove("."), ErrNotAWitness},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := cosigned(t)
			if c.name == "a strange file among the records" {
				c.damage = func(dir string) error {
					return os.WriteFile(filepath.Join(dir, stateDir, "notes.txt"), []byte("x"), 0o600)
				}
			}
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			w, err := Open(Options{Dir: dir})
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if err == nil {
				_ = w.Close()
			}
			if errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v: the fact is lost behind a file that is not there", err)
			}
			if c.want == ErrState && !strings.Contains(err.Error(), "put the newest copy of the file back") {
				t.Errorf("it does not say what to do: %v", err)
			}
		})
	}
}

// What an interrupted write leaves behind is swept up.
func TestLeftoversAreSwept(t *testing.T) {
	dir, log := cosigned(t)
	left := filepath.Join(dir, stateDir, tempPrefix+originHash(origin))
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, dir, log)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it is still there")
	}
}

func TestOneProcessServesADirectory(t *testing.T) {
	dir := newDir(t)
	w := open(t, dir)
	if _, err := Open(Options{Dir: dir}); !errors.Is(err, ErrLocked) {
		t.Errorf("a second one: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "witness")
	key, err := Init(dir, "w.example/1")
	if err != nil {
		t.Fatal(err)
	}
	if w := open(t, dir); w.Key() != key || key.Alg() != tlog.AlgCosignature || key.Name() != "w.example/1" {
		t.Errorf("%s, opened as %s", key, w.Key())
	}
	if info, err := os.Stat(filepath.Join(dir, keyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v, %v", info.Mode(), err)
	}
	if _, err := Init(dir, "w.example/2"); !errors.Is(err, ErrExists) {
		t.Errorf("over a witness: %v", err)
	}
	if _, err := Init(t.TempDir(), "with space"); !errors.Is(err, tlog.ErrKeyName) {
		t.Errorf("bad name: %v", err)
	}
	if _, err := Open(Options{Dir: t.TempDir()}); !errors.Is(err, ErrNotAWitness) {
		t.Errorf("an empty directory: %v", err)
	}
}

// A log that signs two trees of one size leaves the proof of it with every witness that sees both.
func TestEvidenceIsKept(t *testing.T) {
	dir, log := cosigned(t)
	fork := log.Fork(3)
	fork.Append([]byte("another fourth"))
	w := open(t, dir, log)
	body := (&tlog.AddCheckpoint{OldSize: 4, Checkpoint: fork.Checkpoint()}).Marshal()
	for range 2 {
		if got := w.addCheckpoint(body); got.status != 422 {
			t.Fatalf("%+v", got)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, evidenceDir, originHash(origin), "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	roots := map[tlog.Hash]bool{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := tlog.OpenCheckpoint(raw, log.Key())
		if err != nil || c.Size != 4 {
			t.Errorf("%s: %+v, %v", f, c, err)
		}
		roots[c.Root] = true
	}
	if len(roots) != 2 {
		t.Error("the two checkpoints do not contradict each other")
	}
	for i := range 40 { // a log that does it all the time does not fill the disk
		fork := log.Fork(3)
		fork.Append([]byte{byte(i)})
		w.addCheckpoint((&tlog.AddCheckpoint{OldSize: 4, Checkpoint: fork.Checkpoint()}).Marshal())
	}
	files, _ = filepath.Glob(filepath.Join(dir, evidenceDir, "*", "*"))
	if len(files) > 2*maxEvidence {
		t.Errorf("%d files", len(files))
	}
}
