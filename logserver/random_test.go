package logserver_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/logserver"
)

// Whatever happens to any file of a closed log: the next start refuses with a fault that says what
// to do; or the log opens and is whole, with all that it acknowledged. Nothing in between, and no
// signature that contradicts another. WHEREFROM_DAMAGES says how often (25), WHEREFROM_SEED repeats.
func TestRandomDamage(t *testing.T) {
	rounds := envInt("WHEREFROM_DAMAGES", 25)
	seed := envInt("WHEREFROM_SEED", int(time.Now().UnixNano()&0xffffff))
	t.Logf("rounds %d, seed %d", rounds, seed)
	original, backup := grown(t)
	opened := 0
	for round := range rounds {
		random := rand.New(rand.NewPCG(uint64(seed), uint64(round)))
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			b := original.copy(t)
			for range 1 + random.IntN(2) {
				t.Log(b.hurt(random, backup))
			}
			err := b.open()
			var f *logserver.Fault
			switch {
			case err == nil:
				opened++
				b.mustAdd(40)
				b.whole()
			case !errors.As(err, &f):
				t.Errorf("an error without advice: %v", err)
			case f.Code == "" || f.Do == "" || f.What == "":
				t.Errorf("an incomplete fault: %+v", f)
			default:
				t.Logf("%s: %v", f.Code, f)
			}
		})
	}
	t.Logf("%d of %d logs opened all the same", opened, rounds)
}

// hurt damages one file at random and says how.
func (b *bench) hurt(random *rand.Rand, backup string) string {
	b.t.Helper()
	var names []string
	err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(b.dir, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	slices.Sort(names)
	// The many stale partial tiles are not what this is about.
	names = slices.DeleteFunc(names, func(n string) bool { return strings.Contains(n, ".p/") && random.IntN(4) > 0 })
	name := names[random.IntN(len(names))]
	raw := b.read(name)
	at := 0
	if len(raw) > 0 {
		at = random.IntN(len(raw))
	}
	switch how := random.IntN(6); how {
	case 0:
		b.remove(name)
		return "removed " + name
	case 1:
		b.write(name, raw[:at])
		return fmt.Sprintf("truncated %s to %d bytes", name, at)
	case 2:
		b.write(name, append(raw, raw[:at]...))
		return fmt.Sprintf("appended %d bytes to %s", at, name)
	case 3:
		if old, err := os.ReadFile(filepath.Join(backup, name)); err == nil {
			b.write(name, old)
			return "restored " + name
		}
		fallthrough
	case 4:
		b.write(name, make([]byte, len(raw)))
		return "zeroed " + name
	default:
		if len(raw) > 0 {
			b.flip(name, at)
		}
		return fmt.Sprintf("flipped a bit in %s at %d", name, at)
	}
}
