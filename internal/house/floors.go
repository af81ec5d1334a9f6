package house

import (
	"go/ast"
	"slices"
	"strings"
)

var floorRules = []Rule{
	{"ground floor is pure", "the tool, consensus, the page and the SDKs run the same code only as long as it meets no file, network or clock", impure},
	{"ground floor stays on the ground", "a room imports only from its own floor or below", upstairs},
	{"rooms have no circles", "two rooms that import each other compile, but neither can be read alone", circles},
	{"only the node knows the chain", "the tool must build, install and test without the node", chainOutside},
	{"only programs are command lines", "what a room needs from the command line belongs into a room", commandLines},
}

// groundFloor are the rooms that are pure: bytes, trust lists and a time in, an answer out.
var groundFloor = []string{
	"statement", "tlog", "receipt", "verify", "c2pa", "fingerprint", "dataset", "rights", "credential", "zk", "private", "audit",
}

// notOnTheGround says what the ground floor must not import itself, and what to do instead.
var notOnTheGround = map[string]string{
	"net":           "bytes are passed in",
	"net/http":      "bytes are passed in",
	"net/rpc":       "bytes are passed in",
	"os":            "take an io.Reader, so that a browser and a node can call it too",
	"os/exec":       "no programs",
	"os/signal":     "no process",
	"syscall":       "no system",
	"unsafe":        "no memory tricks in what strangers' bytes meet",
	"database/sql":  "no storage",
	"log":           "return an error, do not log it",
	"log/slog":      "return an error, do not log it",
	"math/rand":     "the same input must give the same answer",
	"math/rand/v2":  "the same input must give the same answer",
	"runtime/debug": "no process",
}

// clockFuncs of package time read or wait for the wall clock. The ground floor is told the time.
var clockFuncs = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// production are the packages at or below dirs that are neither programs nor for tests only.
func production(t *Tree, dirs ...string) []*Pkg {
	return slices.DeleteFunc(t.In(dirs...), func(p *Pkg) bool { return p.Main() || p.ForTests() })
}

func impure(t *Tree) (found []string) {
	for _, p := range production(t, groundFloor...) {
		for _, path := range p.Imports() {
			if instead, banned := notOnTheGround[path]; banned {
				add(&found, "%s imports %s: %s", p.Dir, path, instead)
			}
		}
		for _, f := range p.Files {
			if !f.Test && !f.Ignored {
				found = append(found, clockUses(f)...)
			}
		}
	}
	return found
}

// clockUses lists every use of the wall clock in f.
func clockUses(f *File) (found []string) {
	ast.Inspect(f.AST, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains(clockFuncs, sel.Sel.Name) {
			add(&found, "%s: time.%s: take the time, or a func() time.Time, as an argument", f.At(n), sel.Sel.Name)
		}
		return true
	})
	return found
}

func upstairs(t *Tree) (found []string) {
	for _, p := range production(t, groundFloor...) {
		for _, path := range p.Imports() {
			room, ours := strings.CutPrefix(path, Module+"/")
			if ours && !slices.Contains(groundFloor, strings.Split(room, "/")[0]) {
				add(&found, "%s imports %s", p.Dir, path)
			}
		}
	}
	return found
}

func circles(t *Tree) (found []string) {
	edges := map[string]map[string]bool{}
	for _, p := range t.Sorted() {
		for _, path := range p.Imports() {
			dir, ours := strings.CutPrefix(path, Module+"/")
			room := (&Pkg{Dir: dir}).Room()
			if p.Main() || !ours || room == p.Room() {
				continue
			}
			if edges[p.Room()] == nil {
				edges[p.Room()] = map[string]bool{}
			}
			edges[p.Room()][room] = true
		}
	}
	for room := range edges {
		if way := wayTo(edges, room, room, map[string]bool{}); way != nil {
			add(&found, "%s", strings.Join(way, " -> "))
		}
	}
	slices.Sort(found)
	return found
}

// wayTo finds a way from one room to another along imports, nil if there is none.
func wayTo(edges map[string]map[string]bool, from, to string, seen map[string]bool) []string {
	for next := range edges[from] {
		if next == to {
			return []string{from, to}
		}
		if seen[next] {
			continue
		}
		seen[next] = true
		if rest := wayTo(edges, next, to, seen); rest != nil {
			return append([]string{from}, rest...)
		}
	}
	return nil
}

func chainOutside(t *Tree) (found []string) {
	for _, p := range t.Sorted() {
		if p.Room() == "chain" {
			continue
		}
		for _, f := range p.Files {
			for _, path := range f.Imports() {
				if path == Module+"/chain" || strings.HasPrefix(path, Module+"/chain/") {
					add(&found, "%s imports %s", f.Path, path)
				}
			}
		}
	}
	return found
}

func commandLines(t *Tree) (found []string) {
	const cli = Module + "/internal/cli"
	for _, p := range t.Sorted() {
		if p.Main() || p.Room() == "internal/cli" {
			continue
		}
		for _, path := range p.Imports() {
			if path == cli || strings.HasPrefix(path, cli+"/") {
				add(&found, "%s imports %s", p.Dir, path)
			}
		}
	}
	return found
}
