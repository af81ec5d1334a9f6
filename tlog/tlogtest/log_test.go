package tlogtest_test

import (
	"bytes"
	"errors"
	"io/fs"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

func TestPathsAreServed(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(300)
	for path, want := range map[string]int{
		"tile/0/000":            8192,
		"tile/0/001.p/44":       44 * 32,
		"tile/1/000.p/1":        32,
		"tile/entries/001.p/44": 44 * (2 + len("entry 256")),
	} {
		if data, err := log.Get(path); err != nil || len(data) != want {
			t.Errorf("%s: %d bytes, %v; want %d", path, len(data), err, want)
		}
	}
	for _, path := range []string{"tile/0/001", "tile/1/000", "tile/9/000", "tile/entries/001", "tile/entries/007.p/1"} {
		if _, err := log.Get(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := log.Get("tile/x"); !errors.Is(err, tlog.ErrTilePath) {
		t.Error(err)
	}
	if raw, err := log.Get("checkpoint"); err != nil || !bytes.Equal(raw, log.Checkpoint()) {
		t.Error(err)
	}
}

func TestForkSharesOnlyTheBeginning(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(10)
	fork := log.Fork(6)
	fork.Append([]byte("another past"))
	if fork.Key() != log.Key() || fork.Root(6) != log.Root(6) || fork.Root(7) == log.Root(7) {
		t.Error("a fork has the same key, the same beginning and another end")
	}
}
