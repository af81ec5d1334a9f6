package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// found lists what findSources makes of arguments, relative to the desk.
func found(t *testing.T, d *desk, args ...string) (files, problems []string, s *sources) {
	t.Helper()
	for i, a := range args {
		if a != stdinName {
			args[i] = filepath.Join(d.dir, a)
		}
	}
	s, err := findSources(&cobra.Command{Use: "test"}, args)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.files {
		files = append(files, strings.TrimPrefix(f.path, d.dir+"/"))
	}
	for _, p := range s.problems {
		problems = append(problems, string(p.Code))
	}
	return files, problems, s
}

func TestWhatArgumentsLeadTo(t *testing.T) {
	d := newDesk(t)
	for _, name := range []string{"a.txt", "album/b.txt", "album/b.txt.receipt", "album/sub/c.txt", "album/.hidden", "album/.git/config", "[x].txt"} {
		d.put(t, name, name)
	}
	for link, target := range map[string]string{"album/link.txt": "b.txt", "to-album": "album", "broken": "nowhere", "loop": "loop"} {
		if err := os.Symlink(target, filepath.Join(d.dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		about    string
		args     []string
		files    []string
		problems []string
	}{
		{"a file", []string{"a.txt"}, []string{"a.txt"}, nil},
		{"a folder, in order, without receipts, hidden files and links", []string{"album"}, []string{"album/b.txt", "album/sub/c.txt"}, nil},
		{"a folder and a file in it", []string{"album/sub/c.txt", "album"}, []string{"album/sub/c.txt", "album/b.txt"}, nil},
		{"the same file by two ways", []string{"a.txt", "album/../a.txt"}, []string{"a.txt"}, nil},
		{"what is left out in folders, named", []string{"album/.hidden", "album/b.txt.receipt", "album/link.txt"}, []string{"album/.hidden", "album/b.txt.receipt", "album/link.txt"}, nil},
		{"a hidden folder, named", []string{"album/.git"}, []string{"album/.git/config"}, nil},
		{"a pattern", []string{"album/*.txt"}, []string{"album/b.txt", "album/link.txt"}, nil},
		{"a name that looks like a pattern", []string{"[x].txt"}, []string{"[x].txt"}, nil},
		{"a pattern that matches nothing", []string{"*.jpg"}, nil, []string{"file-missing"}},
		{"a pattern that is none", []string{"[.jpg"}, nil, []string{"usage"}},
		{"a file that is not there", []string{"nowhere", "a.txt"}, []string{"a.txt"}, []string{"file-missing"}},
		{"a link to nowhere", []string{"broken"}, nil, []string{"file-missing"}},
		{"a link to itself", []string{"loop"}, nil, []string{"file-missing"}},
		{"standard input", []string{"-"}, []string{"-"}, nil},
	} {
		files, problems, _ := found(t, d, tt.args...)
		if diff := cmp.Diff(tt.files, files); diff != "" {
			t.Errorf("%s: files (-want +got):\n%s", tt.about, diff)
		}
		if diff := cmp.Diff(tt.problems, problems); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", tt.about, diff)
		}
	}
	_, _, s := found(t, d, "album")
	if s.hidden != 2 || len(s.links) != 1 {
		t.Errorf("%d hidden, links %v", s.hidden, s.links)
	}
	if _, err := findSources(&cobra.Command{Use: "test"}, []string{"-", "a"}); err == nil {
		t.Error("standard input stood beside a file")
	}
}

func TestNothingFoundSaysWhy(t *testing.T) {
	d := newDesk(t)
	for _, tt := range []struct {
		args []string
		code Code
	}{
		{[]string{"nowhere"}, codeFileMissing},
		{[]string{"nowhere", "neither"}, codeFileMissing},
		{[]string{""}, codeNothing},
	} {
		_, _, s := found(t, d, tt.args...)
		if e := explain(nothingFound(s, tt.args)); e.Code != tt.code || e.Hint == "" {
			t.Errorf("%v: %s, hint %q", tt.args, e.Code, e.Hint)
		}
	}
}

func TestReceiptsStandForTheirFiles(t *testing.T) {
	d := newDesk(t)
	a := d.put(t, "a", "a")
	lonely := d.put(t, "b.receipt", "b")
	got := withoutReceipts([]string{a, a + receiptSuffix, lonely})
	if diff := cmp.Diff([]string{a, a, lonely}, got); diff != "" {
		t.Error(diff)
	}
}
