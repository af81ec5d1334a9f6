package registry

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

var update = flag.Bool("update", false, "write the vectors in spec/testdata")

// vectorLog is the log of the vectors in spec/conflict.md.
var vectorLog = tlogtest.New("example.org/log")

// vectors returns the evidence that lies in spec/testdata/conflict, by name of the file.
func vectors() map[string]*ConflictError {
	log := tlogtest.New("example.org/log").Grow(5)
	fork := log.Fork(3)
	fork.Append([]byte("another past"), []byte("and more of it"))
	return map[string]*ConflictError{
		"forked.txt":      {Fact: ErrForked, OldSigned: log.Checkpoint(), NewSigned: fork.Checkpoint()},
		"rolled-back.txt": {Fact: ErrRolledBack, OldSigned: log.Checkpoint(), NewSigned: log.CheckpointAt(3)},
	}
}

func TestEvidenceIsAsSpecified(t *testing.T) {
	for name, c := range vectors() {
		path := filepath.Join("..", "spec", "testdata", "conflict", name)
		if *update {
			if err := os.WriteFile(path, marshalConflict(c), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text, marshalConflict(c)) {
			t.Errorf("%s: written as %q", name, marshalConflict(c))
		}
		got, err := parseConflict(text, vectorLog.Key())
		if err != nil || got.Fact != c.Fact || got.Old.Size != 5 || !bytes.Equal(got.NewSigned, c.NewSigned) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestWhatIsNoEvidence(t *testing.T) {
	good := string(marshalConflict(vectors()["forked.txt"]))
	for name, text := range map[string]string{
		"nothing":         "",
		"another version": strings.Replace(good, "/v1", "/v2", 1),
		"another fact":    strings.Replace(good, "forked", "fine", 1),
		"no old":          strings.Replace(good, "old ", "odd ", 1),
		"length too long": strings.Replace(good, "old ", "old 9", 1),
		"length negative": strings.Replace(good, "old ", "old -", 1),
		"length padded":   strings.Replace(good, "old ", "old 0", 1),
		"cut off":         good[:len(good)-1],
		"more after it":   good + "\n",
		"changed":         strings.Replace(good, "\n5\n", "\n6\n", 1),
	} {
		if c, err := parseConflict([]byte(text), vectorLog.Key()); err == nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if _, err := parseConflict([]byte(good), tlogtest.New("example.org/other").Key()); err == nil {
		t.Error("evidence against another log was taken")
	}
}

// Evidence that cannot be read is not passed over.
func TestUnreadableEvidenceStopsFollow(t *testing.T) {
	dir := t.TempDir()
	r, err := Open(dir, Options{Log: vectorLog.Key()})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := os.WriteFile(filepath.Join(dir, conflictFile), []byte("?"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.Follow(t.Context(), nil); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
}
