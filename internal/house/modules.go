package house

import (
	"slices"
	"strings"
)

var moduleRules = []Rule{
	{"the root module is light", "go install refuses a module with a replace line, and everybody who verifies trusts all that it requires", heavy},
	{"the verifier needs few modules", "it is built into browsers, nodes and other people's programs", verifierHeavy},
	{"every dependency is explained", "nobody should guess what it is for, who looks after it and how we would leave it", unexplainedModules},
}

const (
	maxDirect         = 30 // direct dependencies of the root module
	maxVerifierDirect = 6  // modules that statement, tlog, receipt and verify import together
	dependenciesPage  = "docs/dependencies.md"
	dependenciesCells = 6 // module, what for, licence, who maintains it, cost to write, way out
)

func heavy(t *Tree) (found []string) {
	mod := t.Modules["."]
	if n := len(mod.File.Replace) + len(mod.File.Exclude); n > 0 {
		add(&found, "go.mod has %d replace or exclude lines", n)
	}
	if n := len(mod.Direct()); n > maxDirect {
		add(&found, "go.mod requires %d modules directly, at most %d: %s", n, maxDirect, strings.Join(mod.Direct(), " "))
	}
	return found
}

func verifierHeavy(t *Tree) (found []string) {
	if used := VerifierModules(t); len(used) > maxVerifierDirect {
		add(&found, "statement, tlog, receipt and verify import %d modules, at most %d: %s", len(used), maxVerifierDirect, strings.Join(used, " "))
	}
	return found
}

// VerifierModules lists the modules that statement, tlog, receipt and verify import together.
func VerifierModules(t *Tree) []string {
	var used []string
	for _, p := range production(t, "statement", "tlog", "receipt", "verify") {
		for _, path := range p.Imports() {
			if m := requiredBy(t.Modules["."], path); m != "" && !slices.Contains(used, m) {
				used = append(used, m)
			}
		}
	}
	slices.Sort(used)
	return used
}

// requiredBy names the module of m's requirements that an import path belongs to, "" if none.
func requiredBy(m *Mod, path string) string {
	best := ""
	for _, r := range m.File.Require {
		p := r.Mod.Path
		if (path == p || strings.HasPrefix(path, p+"/")) && len(p) > len(best) {
			best = p
		}
	}
	return best
}

func unexplainedModules(t *Tree) (found []string) {
	page, err := t.Read(dependenciesPage)
	if err != nil {
		return []string{err.Error()}
	}
	cells := map[string]int{} // by module path
	for line := range strings.Lines(string(page)) {
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if name := strings.TrimSpace(row[0]); strings.HasPrefix(line, "| `") {
			cells[strings.Trim(name, "`")] = len(row)
		}
	}
	direct := t.Modules["."].Direct()
	for _, path := range direct {
		if cells[path] < dependenciesCells {
			add(&found, "%s has no full row for `%s`", dependenciesPage, path)
		}
		delete(cells, path)
	}
	for path := range cells {
		add(&found, "%s explains `%s`, which go.mod does not require", dependenciesPage, path)
	}
	slices.Sort(found)
	return found
}
