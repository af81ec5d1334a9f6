package registry_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// filled returns the directory of a closed registry with some entries.
func filled(t *testing.T, opts registry.Options) string {
	t.Helper()
	dir := t.TempDir()
	r, err := registry.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		appendAll(t, r, registrytest.Content("alice", fmt.Sprint("text ", i)))
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestClosedRegistryIsFoundAsItWas(t *testing.T) {
	r := openIn(t, filled(t, registry.Options{}), registry.Options{})
	if res := find(t, r, subject("text 49"), registry.Page{}); r.Next() != 50 || len(res.Records) != 1 {
		t.Errorf("next %d, found %+v", r.Next(), res)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	openIn(t, dir, registry.Options{})
	if _, err := registry.Open(dir, registry.Options{}); !errors.Is(err, registry.ErrLocked) {
		t.Error(err)
	}
}

func TestRegistryOfAnotherLogIsRefused(t *testing.T) {
	dir := filled(t, registry.Options{Log: tlogtest.New("example.org/one").Key()})
	if _, err := registry.Open(dir, registry.Options{Log: tlogtest.New("example.org/two").Key()}); !errors.Is(err, registry.ErrOtherLog) {
		t.Error(err)
	}
	if r := openIn(t, dir, registry.Options{}); r.Next() != 50 {
		t.Errorf("next %d", r.Next())
	}
}

func TestNewerFormatIsRefusedAndLeftAlone(t *testing.T) {
	dir := filled(t, registry.Options{})
	format := filepath.Join(dir, "FORMAT")
	write(t, format, fmt.Sprintf("wherefrom.network/registry/v%d\n", registry.FormatVersion+1))
	if _, err := registry.Open(dir, registry.Options{}); !errors.Is(err, registry.ErrNewer) {
		t.Fatal(err)
	}
	write(t, format, fmt.Sprintf("wherefrom.network/registry/v%d\n", registry.FormatVersion))
	if r := openIn(t, dir, registry.Options{}); r.Next() != 50 {
		t.Errorf("next %d", r.Next())
	}
}

func TestForeignDirectoryIsRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "thesis.txt"), "the only copy")
	if _, err := registry.Open(dir, registry.Options{}); !errors.Is(err, registry.ErrForeignDir) {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "thesis.txt")); err != nil {
		t.Error(err)
	}
}

// Whatever is broken, the registry begins anew, and can be filled again.
func TestDamagedRegistryBeginsAnew(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, dir string){
		"format of no sense": func(t *testing.T, dir string) { write(t, filepath.Join(dir, "FORMAT"), "?") },
		"format cut off":     func(t *testing.T, dir string) { write(t, filepath.Join(dir, "FORMAT"), "wherefrom.network/registry/v") },
		"marked as damaged":  func(t *testing.T, dir string) { write(t, filepath.Join(dir, "DAMAGED"), "") },
		"manifest cut off":   func(t *testing.T, dir string) { each(t, dir, "rows/MANIFEST-*", truncate) },
		"manifest missing":   func(t *testing.T, dir string) { each(t, dir, "rows/MANIFEST-*", os.Remove) },
		"table missing":      func(t *testing.T, dir string) { each(t, dir, "rows/*.sst", os.Remove) },
		"table cut off":      func(t *testing.T, dir string) { each(t, dir, "rows/*.sst", truncate) },
		"bits flipped":       func(t *testing.T, dir string) { each(t, dir, "rows/*.sst", flip) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filled(t, registry.Options{})
			damage(t, dir)
			r, err := registry.Open(dir, registry.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Next() != 0 {
				// A flipped bit is noticed when it is read, and what was noticed is thrown away at the next start.
				_, _, err := r.Digest(t.Context())
				if !errors.Is(err, registry.ErrDamaged) {
					t.Errorf("next is %d, and digest says %v", r.Next(), err)
				}
				_ = r.Close()
				r = openIn(t, dir, registry.Options{})
			}
			defer r.Close()
			if r.Next() != 0 {
				t.Errorf("next is %d", r.Next())
			}
			appendAll(t, r, registrytest.Content("alice", "hello"))
			if res := find(t, r, subject("hello"), registry.Page{}); len(res.Records) != 1 {
				t.Errorf("found %+v", res)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func each(t *testing.T, dir, pattern string, do func(path string) error) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatal(pattern, paths, err)
	}
	for _, p := range paths {
		if err := do(p); err != nil {
			t.Fatal(err)
		}
	}
}

func truncate(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Truncate(path, info.Size()/2)
}

// flip changes one bit in every 64 bytes of the first half, where the rows are.
func flip(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i := 0; i < len(data)/2; i += 64 {
		data[i] ^= 1
	}
	return os.WriteFile(path, data, 0o644)
}
