package logserver

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Sweep removes what interrupted writes leave, and nothing else.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	keep := []string{
		"log.json", "key", "final", "lock", "guard/record", "tiles/checkpoint", "tiles/.state/treeState",
		"tiles/.state/treeState.lock", "tiles/.state/version", "tiles/.state/publish.lock",
		"tiles/tile/0/000", "tiles/tile/0/001", "tiles/tile/0/002.p/1", "tiles/tile/0/002.p/255",
		"tiles/tile/1/000.p/2", "tiles/tile/entries/000", "tiles/tile/entries/002.p/188",
		"tiles/tile/0/x001/000",
	}
	stray := []string{
		".wherefrom-123", "tiles/.wherefrom-77", "tiles/checkpoint123456", "tiles/.state/treeState99",
		"tiles/.state/gcState1", "tiles/.state/version7", "tiles/tile/0/0021234567", "tiles/tile/0/002.p/1881999999",
		"tiles/tile/0/002.p/256", "tiles/tile/1/0009", "tiles/tile/1/000.p/2555555", "tiles/tile/entries/00255",
		"tiles/tile/entries/002.p/188007", "tiles/tile/entries/003.p/1234567890123456789012",
	}
	for _, name := range append(append([]string{}, keep...), stray...) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := posixStorage{dir}
	if n, err := s.Sweep(t.Context(), 700, time.Hour); n != 0 || err != nil {
		t.Errorf("removed %d files that are being written, %v", n, err)
	}
	n, err := s.Sweep(t.Context(), 700, 0)
	if n != len(stray) || err != nil {
		t.Errorf("removed %d of %d, %v", n, len(stray), err)
	}
	for _, name := range keep {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// A durable write replaces the whole file and leaves nothing beside it, also when it fails.
func TestWriteDurably(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "record")
	for _, text := range []string{"a long first version", "short"} {
		if err := writeDurably(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if raw, err := os.ReadFile(path); err != nil || string(raw) != text {
			t.Errorf("%q, %v", raw, err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "taken", "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeDurably(filepath.Join(dir, "taken"), []byte("x"), 0o600); err == nil {
		t.Error("wrote over a directory")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}
