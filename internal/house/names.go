package house

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

var nameRules = []Rule{
	{"packages are named for what they give", "a name like util tells only that nobody found a better one", vague},
	{"unfinished work names its issue", "a note without an issue is never done", unfinished},
	{"parsers are fuzzed", "no input of a stranger should meet code that never met a random one", unfuzzed},
}

// sayNothing are names that would fit any package.
var sayNothing = []string{"util", "utils", "common", "helper", "helpers", "base", "misc", "lib", "shared", "tools", "testutil", "core"}

func vague(t *Tree) (found []string) {
	for _, p := range t.Sorted() {
		parts := strings.Split(p.Dir, "/")
		if slices.Contains(sayNothing, parts[len(parts)-1]) || slices.Contains(sayNothing, p.Name) {
			add(&found, "%s: a package is named for what it gives", p.Dir)
		}
		if strings.ContainsAny(p.Name, "_ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			add(&found, "%s: package %s: one short lower-case word", p.Dir, p.Name)
		}
	}
	return found
}

var (
	unfinishedNote = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)
	numberedNote   = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\(#[0-9]+\)`)
)

func unfinished(t *Tree) (found []string) {
	for _, p := range t.Sorted() {
		for _, f := range p.Files {
			for _, group := range f.AST.Comments {
				for _, c := range group.List {
					if unfinishedNote.MatchString(c.Text) && !numberedNote.MatchString(c.Text) {
						add(&found, "%s: give it its issue's number, or do it: %s", f.At(c), c.Text)
					}
				}
			}
		}
	}
	return found
}

// meetStrangers are the rooms beside the ground floor that read what others send.
var meetStrangers = []string{"logserver", "registry", "server", "client", "gateway"}

// Outside bytes reach a parser by a function named Parse, Open, Decode, Unmarshal or Read. Each is
// called by a Fuzz function of its own package.
func unfuzzed(t *Tree) (found []string) {
	for _, p := range production(t, append(slices.Clone(groundFloor), meetStrangers...)...) {
		if strings.Contains(p.Dir+"/", "/internal/") {
			continue // reached through the parsers of its room alone, which are fuzzed
		}
		fuzzed := fuzzedNames(p)
		for _, fn := range parsers(p) {
			if !fuzzed[fn] {
				add(&found, "%s.%s takes outside bytes and no Fuzz function of the package calls it", p.Dir, fn)
			}
		}
	}
	return found
}

// fuzzedNames are the names that stand in a Fuzz function of the package.
func fuzzedNames(p *Pkg) map[string]bool {
	names := map[string]bool{}
	for _, f := range p.Files {
		if !f.Test {
			continue
		}
		for _, target := range fuzzTargets(f) {
			ast.Inspect(target, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					names[id.Name] = true
				}
				return true
			})
		}
	}
	return names
}

var parserName = regexp.MustCompile(`^(Parse|Open|Decode|Unmarshal|Read)([A-Z].*)?$`)

// parsers lists the exported functions of p that are named like a parser and whose first argument is
// bytes, a reader or, for Parse, a string.
func parsers(p *Pkg) (found []string) {
	for _, f := range p.Files {
		if f.Test || f.Ignored {
			continue
		}
		for _, d := range f.AST.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !parserName.MatchString(fn.Name.Name) || fn.Type.Params.NumFields() == 0 {
				continue
			}
			switch types.ExprString(fn.Type.Params.List[0].Type) {
			case "[]byte", "io.Reader", "io.ReadSeeker", "io.ReaderAt":
				found = append(found, fn.Name.Name)
			case "string":
				if strings.HasPrefix(fn.Name.Name, "Parse") {
					found = append(found, fn.Name.Name)
				}
			}
		}
	}
	return found
}
