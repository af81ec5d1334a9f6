package house

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// load reads the repository once for all tests.
func load(t *testing.T) *Tree {
	t.Helper()
	tree, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

var loadOnce = sync.OnceValues(func() (*Tree, error) {
	root, err := FindRoot()
	if err != nil {
		return nil, err
	}
	return Load(root)
})

func TestHouse(t *testing.T) {
	tree := load(t)
	t.Logf("the tree in numbers:\n%s", Measure(tree, tree.Sorted()))
	t.Logf("the verifier imports: %s", strings.Join(VerifierModules(tree), " "))
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			for _, where := range rule.Broken(tree) {
				t.Error(where)
			}
			if t.Failed() {
				t.Logf("why: %s", rule.Why)
			}
		})
	}
}

// testdata/bad.txtar is a repository in which every rule is broken; the lines before its first file
// say how each finding is worded. A rule that cannot fail would show here.
func TestRulesFindWhatBreaksThem(t *testing.T) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "bad.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	tree := unpack(t, archive)
	want := map[string][]string{}
	rule := ""
	for line := range strings.Lines(stands.Replace(string(archive.Comment))) {
		switch line = strings.TrimSuffix(line, "\n"); {
		case strings.HasPrefix(line, "  "):
			want[rule] = append(want[rule], strings.TrimSpace(line))
		case line != "":
			rule = strings.TrimSuffix(line, ":")
		}
	}
	for _, rule := range Rules() {
		if diff := cmp.Diff(want[rule.Name], rule.Broken(tree)); diff != "" {
			t.Errorf("%s finds something else (-want +got):\n%s", rule.Name, diff)
		}
		if len(want[rule.Name]) == 0 {
			t.Errorf("%s is not broken in testdata/bad.txtar", rule.Name)
		}
	}
}

// stands writes out what bad.txtar only hints at, so that it breaks no rule itself.
var stands = strings.NewReplacer(
	"× 130\n", strings.Repeat("//\n", 130), "× 700\n", strings.Repeat("//\n", 700), "‹home›", "/"+"home/alice")

// unpack writes the archive's files below a new directory and loads them.
func unpack(t *testing.T, archive *txtar.Archive) *Tree {
	t.Helper()
	root := t.TempDir()
	for _, f := range archive.Files {
		name := filepath.Join(root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		text := stands.Replace(string(f.Data))
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestTreeIsRead(t *testing.T) {
	tree := load(t)
	self := tree.Packages["internal/house"]
	if self == nil || self.Path != Module+"/internal/house" || self.Name != "house" || self.Main() {
		t.Fatalf("internal/house is read as %+v", self)
	}
	if self.Room() != "internal/house" {
		t.Errorf("internal/house stands in room %q", self.Room())
	}
	if main := tree.Packages["cmd/wherefrom"]; main == nil || !main.Main() || main.Room() != "cmd" {
		t.Errorf("cmd/wherefrom is read as %+v", main)
	}
	if mod := tree.Modules["."]; mod == nil || mod.File.Module.Mod.Path != Module {
		t.Errorf("the root module is read as %+v", mod)
	}
}
