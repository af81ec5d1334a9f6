package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"sort"
	"strings"
)

// Metrics are the numbers that tell a tree that is easy to read from one that is not.
// Generated files count nowhere; main packages have no exported names.
type Metrics struct {
	Code, Tests int // lines of hand-written Go, outside and inside of tests; scripts are tests

	FileP50, FileP95, FileMax int // lines of a file outside tests
	FuncP50, FuncP95, FuncMax int // lines of a function outside tests
	Funcs, LongFuncs          int // functions outside tests; those of more than [LongFunc] lines

	Exported, Documented   int // exported names outside tests; those with a comment
	Packages, PackagesSaid int // packages; those with a package comment
	Fuzz, Scripts          int // Fuzz targets; scripts of the command line (.txtar)
	Undocumented, TooLong  []string
	Files                  []*File // outside tests, longest first
}

// LongFunc is the length in lines beyond which a reviewer asks why.
const LongFunc = 60

// Measure takes the numbers of the packages given.
func Measure(t *Tree, pkgs []*Pkg) Metrics {
	var m Metrics
	var files, funcs []int
	for _, p := range pkgs {
		m.addPackage(p)
		for _, f := range p.Files {
			if f.Generated {
				continue
			}
			if f.Test || p.ForTests() {
				m.Tests += f.Lines
				m.Fuzz += len(fuzzTargets(f))
				continue
			}
			m.Code += f.Lines
			m.Files = append(m.Files, f)
			files = append(files, f.Lines)
			funcs = append(funcs, m.addFuncs(f)...)
			if !p.Main() && !f.Ignored {
				m.addExported(f)
			}
		}
	}
	for _, name := range t.Texts {
		if strings.HasSuffix(name, ".txtar") {
			m.Scripts++
			m.Tests += t.lines(name)
		}
	}
	m.FileP50, m.FileP95, m.FileMax = spread(files)
	m.FuncP50, m.FuncP95, m.FuncMax = spread(funcs)
	m.Funcs = len(funcs)
	sort.Slice(m.Files, func(i, j int) bool { return m.Files[i].Lines > m.Files[j].Lines })
	return m
}

func (m *Metrics) addPackage(p *Pkg) {
	m.Packages++
	if len(packageDocs(p)) > 0 {
		m.PackagesSaid++
	}
}

// addFuncs returns the length of every function in f, and notes the long ones.
func (m *Metrics) addFuncs(f *File) []int {
	var lengths []int
	for _, d := range f.AST.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		n := f.Span(fn)
		lengths = append(lengths, n)
		if n > LongFunc {
			m.LongFuncs++
			m.TooLong = append(m.TooLong, fmt.Sprintf("%s %s: %d lines", f.At(fn), fn.Name.Name, n))
		}
	}
	return lengths
}

func (m *Metrics) addExported(f *File) {
	for _, d := range f.AST.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && receiverExported(d) {
				m.name(f, d, d.Name.Name, d.Doc != nil)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				m.addSpec(f, d, s)
			}
		}
	}
}

// addSpec counts the names of one type, const or var line. A comment on the group, above the line or
// at its end will do.
func (m *Metrics) addSpec(f *File, d *ast.GenDecl, s ast.Spec) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			m.name(f, s, s.Name.Name, s.Doc != nil || s.Comment != nil || d.Doc != nil)
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() {
				m.name(f, s, n.Name, s.Doc != nil || s.Comment != nil || d.Doc != nil)
			}
		}
	}
}

func (m *Metrics) name(f *File, n ast.Node, name string, documented bool) {
	m.Exported++
	if documented {
		m.Documented++
		return
	}
	m.Undocumented = append(m.Undocumented, f.At(n)+" "+name)
}

// receiverExported reports whether fn is a function, or a method of an exported type.
func receiverExported(fn *ast.FuncDecl) bool {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return true
	}
	typ := fn.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// packageDocs lists the files of p that carry a package comment, tests left out unless there is
// nothing else.
func packageDocs(p *Pkg) []*File {
	onlyTests := true
	for _, f := range p.Files {
		onlyTests = onlyTests && f.Test
	}
	var docs []*File
	for _, f := range p.Files {
		if (f.Test && !onlyTests) || f.Ignored {
			continue
		}
		if f.AST.Doc != nil && strings.TrimSpace(f.AST.Doc.Text()) != "" {
			docs = append(docs, f)
		}
	}
	return docs
}

// fuzzTargets lists the Fuzz functions of a test file.
func fuzzTargets(f *File) []*ast.FuncDecl {
	var found []*ast.FuncDecl
	for _, d := range f.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Fuzz") {
			found = append(found, fn)
		}
	}
	return found
}

// spread gives the median, the 95th percentile and the largest of the numbers.
func spread(numbers []int) (p50, p95, largest int) {
	if len(numbers) == 0 {
		return 0, 0, 0
	}
	sort.Ints(numbers)
	at := func(percent int) int { return numbers[(len(numbers)-1)*percent/100] }
	return at(50), at(95), at(100)
}

// Percent is part of whole in hundredths, 100 of nothing.
func Percent(part, whole int) int {
	if whole == 0 {
		return 100
	}
	return part * 100 / whole
}

// String is the row of the table that docs/architecture.md compares other trees by.
func (m Metrics) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, "kLOC | test/code | file p50/p95/max | func p50/p95/max | funcs >60 | exported with doc | packages with doc | Fuzz | scripts")
	fmt.Fprintf(&b, "%d.%d | %d%% | %d/%d/%d | %d/%d/%d | %d of %d | %d%% of %d | %d%% of %d | %d | %d",
		m.Code/1000, m.Code%1000/100, Percent(m.Tests, m.Code), m.FileP50, m.FileP95, m.FileMax,
		m.FuncP50, m.FuncP95, m.FuncMax, m.LongFuncs, m.Funcs,
		Percent(m.Documented, m.Exported), m.Exported, Percent(m.PackagesSaid, m.Packages), m.Packages, m.Fuzz, m.Scripts)
	return b.String()
}

// lines counts the lines of a file, 0 if it cannot be read.
func (t *Tree) lines(name string) int {
	data, err := t.Read(name)
	if err != nil {
		return 0
	}
	return bytes.Count(data, []byte("\n"))
}
