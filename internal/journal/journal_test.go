package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var now = time.Now() // the age of a file is by the file system's clock

func open(t testing.TB, dir string) *Journal {
	t.Helper()
	j, err := Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func key(n int) Key { return Key{byte(n), 0xaa} }

func segments(t testing.TB, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	must(t, err)
	return paths
}

// die is what kill -9 leaves: what was synced, unlocked.
func die(j *Journal) {
	for _, s := range j.segments {
		s.file.Close()
	}
}

func TestAnotherRunFindsTheVerySameEnvelope(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	must(t, first.Put(key(1), []byte("one")))
	must(t, first.Put(key(2), []byte("two")))
	must(t, first.Sync())
	must(t, first.Done(key(2)))
	must(t, first.Sync())
	die(first)

	second := open(t, dir)
	if got, ok := second.Envelope(key(1)); !ok || string(got) != "one" {
		t.Errorf("envelope 1: %q %v", got, ok)
	}
	if _, ok := second.Envelope(key(2)); ok {
		t.Error("envelope 2 is done and still pending")
	}
	must(t, second.Done(key(1)))
	must(t, second.Close())
	if left := segments(t, dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestALivingRunIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	must(t, first.Put(key(1), []byte("one")))
	must(t, first.Sync())
	second := open(t, dir)
	if second.Pending() != 0 {
		t.Error("took over the envelopes of a living run")
	}
	must(t, second.Close())
	must(t, first.Close())
	if len(segments(t, dir)) != 1 {
		t.Error("the pending envelope of the first run is gone")
	}
}

func TestWhatACrashCutShortIsIgnored(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	for i := range 3 {
		must(t, first.Put(key(i), fmt.Appendf(nil, "envelope %d", i)))
	}
	must(t, first.Sync())
	die(first)
	path := segments(t, dir)[0]
	whole, err := os.ReadFile(path)
	must(t, err)
	for cut := range len(whole) {
		must(t, os.WriteFile(path, whole[:cut], 0o600))
		j := open(t, dir)
		want := bytes.Count(whole[:cut], []byte("\n")) - 1
		if j.Pending() != max(want, 0) {
			t.Fatalf("cut at %d: %d pending, want %d", cut, j.Pending(), want)
		}
		// What is written after a cut line is read again.
		if j.Pending() > 0 {
			must(t, j.Done(key(0)))
		}
		must(t, j.Close())
		again := open(t, dir)
		if again.Pending() != max(want-1, 0) {
			t.Fatalf("cut at %d: %d pending after one was done, want %d", cut, again.Pending(), want-1)
		}
		die(again)
	}
}

func TestOldEnvelopesAreNotSentAgain(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	must(t, first.Put(key(1), []byte("one")))
	must(t, first.Close())
	late, err := Open(dir, now.Add(MaxAge+time.Hour))
	must(t, err)
	if late.Pending() != 0 {
		t.Error("an envelope older than MaxAge is pending")
	}
	must(t, late.Close())
	if len(segments(t, dir)) != 0 {
		t.Error("the old segment is still there")
	}
}

func TestForeignFilesAreNoEnvelopes(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a": "", "b": "wherefrom.network/journal/v2\nxx\n", "c": version + "\nzz yy\n" + string(bytes.Repeat([]byte("a"), maxLine+10)),
	} {
		must(t, os.WriteFile(filepath.Join(dir, name+suffix), []byte(text), 0o600))
	}
	j := open(t, dir)
	if j.Pending() != 0 {
		t.Errorf("%d pending", j.Pending())
	}
	must(t, j.Close())
}

// Against a model: after any sequence of puts, dones and crashes, what was synced and not done is pending.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "model")
		must(t, err)
		model := map[Key]string{}
		j := open(t, dir)
		n := 0
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(rt *rapid.T) {
				k := key(rapid.IntRange(0, 5).Draw(rt, "key"))
				n++
				model[k] = fmt.Sprint("envelope ", n)
				must(t, j.Put(k, []byte(model[k])))
			},
			"done": func(rt *rapid.T) {
				k := key(rapid.IntRange(0, 5).Draw(rt, "key"))
				delete(model, k)
				must(t, j.Done(k))
			},
			"end": func(*rapid.T) {
				must(t, j.Close())
				j = open(t, dir)
			},
			"": func(rt *rapid.T) {
				if j.Pending() != len(model) {
					rt.Fatalf("%d pending, want %d", j.Pending(), len(model))
				}
				for k, want := range model {
					if got, ok := j.Envelope(k); !ok || string(got) != want {
						rt.Fatalf("key %x: %q, want %q", k[:1], got, want)
					}
				}
			},
		})
		must(t, j.Close())
	})
}
