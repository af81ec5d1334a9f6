// Package house reads this repository's own source, so that the rules of the house can be tests:
// which room may import which, what must be documented, how large a thing may grow.
//
// A rule lives in a test beside this file and says its reason when it fails. The rules that need
// types are analyzers in internal/lint instead.
package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"golang.org/x/mod/modfile"
)

// Module is the path of the root module.
const Module = "github.com/wherefrom-network/wherefrom"

// Tree is the repository as its source says it: every module, package and file, not type-checked.
type Tree struct {
	Root     string          // directory of the root go.mod
	Modules  map[string]*Mod // by directory relative to Root, "." for the root module
	Packages map[string]*Pkg // by directory relative to Root, with slashes
	Texts    []string        // every other file, relative to Root, with slashes
	fset     *token.FileSet  // positions of all files
}

// Mod is one go.mod.
type Mod struct {
	Dir  string
	File *modfile.File
}

// Direct lists the modules that m requires itself, sorted.
func (m *Mod) Direct() []string {
	var paths []string
	for _, r := range m.File.Require {
		if !r.Indirect {
			paths = append(paths, r.Mod.Path)
		}
	}
	sort.Strings(paths)
	return paths
}

// Pkg is one directory of Go files: the package and its tests.
type Pkg struct {
	Dir   string // relative to the root, with slashes; "." is the root
	Path  string // import path
	Name  string // package name; of the tests alone, without _test, if there is nothing else
	Files []*File
}

// Main reports whether the package is a program.
func (p *Pkg) Main() bool { return p.Name == "main" }

// ForTests reports whether the package only serves tests: tlogtest, or a program that writes vectors.
func (p *Pkg) ForTests() bool {
	return strings.HasSuffix(p.Name, "test") || p.Main() && path.Base(p.Dir) == "vectors"
}

// Imports lists what the package imports, outside its tests, sorted and each once.
func (p *Pkg) Imports() []string {
	seen := map[string]bool{}
	var paths []string
	for _, f := range p.Files {
		if f.Test || f.Ignored {
			continue
		}
		for _, i := range f.Imports() {
			if !seen[i] {
				seen[i] = true
				paths = append(paths, i)
			}
		}
	}
	sort.Strings(paths)
	return paths
}

// Room is the first part of the package's directory, as docs/architecture.md names rooms; for
// internal/x it is internal/x.
func (p *Pkg) Room() string {
	parts := strings.Split(p.Dir, "/")
	if parts[0] == "internal" && len(parts) > 1 {
		return "internal/" + parts[1]
	}
	return parts[0]
}

// File is one Go file.
type File struct {
	Path      string // relative to the root, with slashes
	AST       *ast.File
	Lines     int
	Test      bool // named _test.go
	Generated bool // says "Code generated … DO NOT EDIT."
	Ignored   bool // never built: //go:build ignore
	fset      *token.FileSet
}

// Imports lists the import paths of the file in order.
func (f *File) Imports() []string {
	paths := make([]string, 0, len(f.AST.Imports))
	for _, i := range f.AST.Imports {
		paths = append(paths, strings.Trim(i.Path.Value, `"`))
	}
	return paths
}

// Line is the line of pos in the file.
func (f *File) Line(pos token.Pos) int { return f.fset.Position(pos).Line }

// Span counts the lines from the first to the last of n.
func (f *File) Span(n ast.Node) int { return f.Line(n.End()) - f.Line(n.Pos()) + 1 }

// At writes where n stands, for messages.
func (f *File) At(n ast.Node) string { return fmt.Sprintf("%s:%d", f.Path, f.Line(n.Pos())) }

// FindRoot walks up from the working directory to the root module.
func FindRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && modfile.ModulePath(data) == Module {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", fmt.Errorf("no go.mod of %s at or above the working directory", Module)
		}
		dir = filepath.Dir(dir)
	}
}

// notOurs are directories that are built or fetched, not written.
var notOurs = []string{".git", "bin", "node_modules"}

// Load reads the tree below root.
func Load(root string) (*Tree, error) {
	t := &Tree{
		Root: root, Modules: map[string]*Mod{}, Packages: map[string]*Pkg{}, fset: token.NewFileSet(),
	}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel != "." && slices.Contains(notOurs, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		return t.add(filepath.ToSlash(rel), d)
	})
	if err != nil {
		return nil, fmt.Errorf("read the tree at %s: %w", root, err)
	}
	for _, p := range t.Packages {
		p.Path = t.importPath(p.Dir)
	}
	return t, nil
}

// add takes one file into the tree.
func (t *Tree) add(rel string, d fs.DirEntry) error {
	if !d.Type().IsRegular() {
		return nil
	}
	if path.Base(rel) == "go.mod" {
		return t.addModule(rel)
	}
	if path.Ext(rel) == ".go" && !strings.Contains("/"+rel, "/testdata/") {
		return t.addGo(rel)
	}
	t.Texts = append(t.Texts, rel)
	return nil
}

func (t *Tree) addModule(rel string) error {
	data, err := t.Read(rel)
	if err != nil {
		return err
	}
	mod, err := modfile.Parse(rel, data, nil)
	if err != nil {
		return err
	}
	t.Modules[path.Dir(rel)] = &Mod{Dir: path.Dir(rel), File: mod}
	return nil
}

func (t *Tree) addGo(rel string) error {
	data, err := t.Read(rel)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(t.fset, rel, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f := &File{
		Path: rel, AST: parsed, Lines: strings.Count(string(data), "\n"), fset: t.fset,
		Test: strings.HasSuffix(rel, "_test.go"), Generated: ast.IsGenerated(parsed),
		Ignored: neverBuilt(data),
	}
	dir := path.Dir(rel)
	p := t.Packages[dir]
	if p == nil {
		p = &Pkg{Dir: dir}
		t.Packages[dir] = p
	}
	p.Files = append(p.Files, f)
	if name := strings.TrimSuffix(parsed.Name.Name, "_test"); p.Name == "" || !f.Test && !f.Ignored {
		p.Name = name
	}
	return nil
}

// neverBuilt reports whether a file is a program for go run alone.
func neverBuilt(data []byte) bool {
	header, _, _ := bytes.Cut(data, []byte("\npackage "))
	return bytes.Contains(header, []byte("//go:build ignore"))
}

// importPath gives the import path of a directory: that of the nearest go.mod and what follows.
func (t *Tree) importPath(dir string) string {
	for at := dir; ; at = path.Dir(at) {
		if m := t.Modules[at]; m != nil {
			rest := strings.TrimPrefix(strings.TrimPrefix(dir, at), "/")
			if at == "." {
				rest = dir
			}
			return path.Join(m.File.Module.Mod.Path, rest)
		}
		if at == "." {
			return dir
		}
	}
}

// Read returns a file's bytes, named relative to the root.
func (t *Tree) Read(rel string) ([]byte, error) {
	return os.ReadFile(filepath.Join(t.Root, filepath.FromSlash(rel)))
}

// Sorted lists the packages by directory.
func (t *Tree) Sorted() []*Pkg {
	list := make([]*Pkg, 0, len(t.Packages))
	for _, p := range t.Packages {
		list = append(list, p)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Dir < list[j].Dir })
	return list
}

// In lists the packages at or below one of the directories, by directory.
func (t *Tree) In(dirs ...string) []*Pkg {
	var list []*Pkg
	for _, p := range t.Sorted() {
		for _, d := range dirs {
			if p.Dir == d || strings.HasPrefix(p.Dir, d+"/") {
				list = append(list, p)
				break
			}
		}
	}
	return list
}

// Has reports whether there is a file or directory of that name, relative to the root.
func (t *Tree) Has(rel string) bool {
	_, err := os.Stat(filepath.Join(t.Root, filepath.FromSlash(rel)))
	return err == nil
}
