package house

import "strings"

var docRules = []Rule{
	{"every package is explained once", "a reader who opens a package finds in one sentence what it does for its caller", unexplained},
	{"exported names are documented", "somebody calls them who did not write them", undocumented},
	{"functions and files stay small", "what does not fit on a screen is not read", large},
	{"tests keep up with the code", "what is not tested is not known", untested},
}

// limits of the whole tree.
const (
	minDocumented = 95  // percent of exported names with a comment
	minHere       = 85  // percent of them in any one package, so that a silent room cannot hide in the sum
	maxLongFuncs  = 2   // percent of functions of more than LongFunc lines
	maxFuncP95    = 50  // lines
	maxFileLines  = 600 // lines of any one file outside tests
	maxFileP95    = 500 // lines
	minTests      = 65  // lines of test to 100 of code, scripts included, vectors not
)

func unexplained(t *Tree) (found []string) {
	for _, p := range t.Sorted() {
		docs := packageDocs(p)
		switch {
		case len(docs) == 0:
			add(&found, "%s has no package comment", p.Dir)
		case len(docs) > 1:
			add(&found, "%s is explained in %s and again in %s", p.Dir, docs[0].Path, docs[1].Path)
		case !p.Main() && !strings.HasPrefix(docs[0].AST.Doc.Text(), "Package "+docs[0].AST.Name.Name+" "):
			add(&found, "%s: a package comment begins with %q", docs[0].Path, "Package "+docs[0].AST.Name.Name+" …")
		}
	}
	return found
}

func undocumented(t *Tree) (found []string) {
	all := Measure(t, t.Sorted())
	if got := Percent(all.Documented, all.Exported); got < minDocumented {
		add(&found, "%d %% of %d exported names have a comment, at least %d %% must:", got, all.Exported, minDocumented)
		return append(found, all.Undocumented...)
	}
	for _, p := range t.Sorted() {
		m := Measure(t, []*Pkg{p})
		if missing := len(m.Undocumented); missing > 3 && Percent(m.Documented, m.Exported) < minHere {
			add(&found, "%s says nothing about %d of its %d exported names:", p.Dir, missing, m.Exported)
			found = append(found, m.Undocumented...)
		}
	}
	return found
}

func large(t *Tree) (found []string) {
	m := Measure(t, t.Sorted())
	if m.LongFuncs*100 > maxLongFuncs*m.Funcs {
		add(&found, "%d of %d functions have more than %d lines, at most %d %% may:", m.LongFuncs, m.Funcs, LongFunc, maxLongFuncs)
		found = append(found, m.TooLong...)
	}
	if m.FuncP95 > maxFuncP95 {
		add(&found, "the 95th percentile of functions has %d lines (limit %d)", m.FuncP95, maxFuncP95)
	}
	if m.FileP95 > maxFileP95 {
		add(&found, "the 95th percentile of files has %d lines (limit %d)", m.FileP95, maxFileP95)
	}
	for _, f := range m.Files {
		if f.Lines > maxFileLines {
			add(&found, "%s has %d lines: look for a seam (limit %d)", f.Path, f.Lines, maxFileLines)
		}
	}
	return found
}

func untested(t *Tree) (found []string) {
	m := Measure(t, t.Sorted())
	if got := Percent(m.Tests, m.Code); got < minTests {
		add(&found, "%d lines of test to 100 of code, at least %d must be", got, minTests)
	}
	return found
}
