package home

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func temp(t *testing.T) Home {
	h, err := Find(env("WHEREFROM_HOME", filepath.Join(t.TempDir(), "home")))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhereHomeIs(t *testing.T) {
	for _, tt := range []struct {
		about string
		env   func(string) string
		want  Home
	}{
		{"one directory for everything", env("WHEREFROM_HOME", "/w", "HOME", "/me"), Home{"/w", "/w/state", "/w/data"}},
		{"the usual places", env("HOME", "/me"), Home{"/me/.config/wherefrom", "/me/.local/state/wherefrom", "/me/.local/share/wherefrom"}},
		{"other places", env("HOME", "/me", "XDG_CONFIG_HOME", "/c", "XDG_STATE_HOME", "/s", "XDG_DATA_HOME", "/d"), Home{"/c/wherefrom", "/s/wherefrom", "/d/wherefrom"}},
		{"a relative place is ignored", env("HOME", "/me", "XDG_CONFIG_HOME", "c"), Home{"/me/.config/wherefrom", "/me/.local/state/wherefrom", "/me/.local/share/wherefrom"}},
	} {
		got, err := Find(tt.env)
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v %v", tt.about, got, err)
		}
	}
	if _, err := Find(env()); !errors.Is(err, ErrNoHome) {
		t.Errorf("nowhere: %v", err)
	}
}

func TestContextsSurviveAndNeverReplaceEachOther(t *testing.T) {
	h := temp(t)
	contexts := func() *Contexts {
		c, err := h.Contexts()
		must(t, err)
		return c
	}
	work := Context{Log: "https://log.example.org", Key: "alice", Trust: []string{"press"}}
	must(t, contexts().Add("work", work))
	must(t, contexts().Add("home", Context{Registry: "http://127.0.0.1:1"}))
	c := contexts()
	if c.Current != "work" || !slices.Equal(c.Names(), []string{"home", "work"}) {
		t.Errorf("%+v", c)
	}
	if got, err := c.Find("work"); err != nil || !cmp.Equal(got, work) {
		t.Errorf("work: %+v %v", got, err)
	}
	if got, _ := c.Find("home"); got.Asked() != "http://127.0.0.1:1" || work.Asked() != work.Log {
		t.Errorf("asked: %s, %s", got.Asked(), work.Asked())
	}
	if err := c.Add("work", Context{}); !errors.Is(err, ErrContextExists) {
		t.Errorf("add again: %v", err)
	}
	if err := c.Add("Work", Context{}); !errors.Is(err, ErrName) {
		t.Errorf("bad name: %v", err)
	}
	must(t, c.Use("home"))
	must(t, contexts().Remove("home"))
	if c := contexts(); c.Current != "" || len(c.Named) != 1 {
		t.Errorf("after removing the one in use: %+v", c)
	}
	for about, err := range map[string]error{"use": c.Use("nobody"), "remove": contexts().Remove("home")} {
		if !errors.Is(err, ErrContextUnknown) {
			t.Errorf("%s: %v", about, err)
		}
	}
}

func TestDamagedFilesAreNotGuessedAt(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `{"schema":"other"}`, `{"schema":"wherefrom.network/contexts/v1","contexts":3}`} {
		h := temp(t)
		must(t, WriteFile(filepath.Join(h.Config, "contexts.json"), []byte(text), 0o600))
		if _, err := h.Contexts(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v", text, err)
		}
		must(t, WriteFile(filepath.Join(h.Config, "trust", "people.json"), []byte(text), 0o600))
		if _, err := h.Trust().People(); !errors.Is(err, ErrDamaged) {
			t.Errorf("people %q: %v", text, err)
		}
	}
}

func TestTrustLists(t *testing.T) {
	trust := temp(t).Trust()
	if names, err := trust.List(); len(names) != 0 || err != nil {
		t.Errorf("none yet: %v %v", names, err)
	}
	must(t, trust.Add("press", []byte("quorum none\n")))
	must(t, trust.Set("local", []byte("quorum none\n")))
	if err := trust.Add("press", nil); !errors.Is(err, ErrTrustExists) {
		t.Errorf("add again: %v", err)
	}
	if err := trust.Add("../press", nil); !errors.Is(err, ErrName) {
		t.Errorf("bad name: %v", err)
	}
	if err := trust.Add("large", make([]byte, maxPolicy+1)); !errors.Is(err, ErrDamaged) {
		t.Errorf("too large: %v", err)
	}
	must(t, trust.SetPeople(People{"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK": "Alice"}))
	if names, err := trust.List(); err != nil || !slices.Equal(names, []string{"local", "press"}) {
		t.Errorf("list: %v %v", names, err)
	}
	if people, err := trust.People(); err != nil || len(people) != 1 {
		t.Errorf("people: %v %v", people, err)
	}
	must(t, trust.Remove("press"))
	if _, err := trust.Read("press"); !errors.Is(err, ErrTrustUnknown) {
		t.Errorf("after removing: %v", err)
	}
	if err := trust.Remove("press"); !errors.Is(err, ErrTrustUnknown) {
		t.Errorf("remove again: %v", err)
	}
}

func TestWritingLeavesNothingHalf(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b")
	must(t, WriteFile(path, []byte("one"), 0o600))
	must(t, WriteFile(path, []byte("two"), 0o644))
	info, err := os.Stat(path)
	must(t, err)
	if text, _ := os.ReadFile(path); string(text) != "two" || info.Mode().Perm() != 0o644 {
		t.Errorf("%q, mode %v", text, info.Mode())
	}
	// A directory stands where the file should be: the new bytes are not left lying about.
	must(t, os.Mkdir(filepath.Join(dir, "a", "c"), 0o700))
	if err := WriteFile(filepath.Join(dir, "a", "c"), []byte("three"), 0o600); err == nil {
		t.Error("wrote over a directory")
	}
	entries, err := os.ReadDir(filepath.Join(dir, "a"))
	must(t, err)
	for _, e := range entries {
		if strings.Contains(e.Name(), ".new-") {
			t.Errorf("left behind: %s", e.Name())
		}
	}
}
