package determinism

import (
	"go/ast"
	"go/token"
	"strings"
)

const excuseMark = "//determinism:ok"

// excuse is one comment that says why a place does no harm.
type excuse struct {
	pos         token.Pos
	file        string
	first, last int // the lines it covers
	reason      string
	used        bool
}

type excuses struct{ all []*excuse }

// readExcuses collects the comments of the files. One in a function's documentation covers the
// function, any other its own line and the next.
func readExcuses(fset *token.FileSet, files []*ast.File) *excuses {
	list := &excuses{}
	for _, f := range files {
		functions := map[*ast.CommentGroup]*ast.FuncDecl{}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Doc != nil {
				functions[fn.Doc] = fn
			}
		}
		for _, group := range f.Comments {
			for _, c := range group.List {
				reason, ok := strings.CutPrefix(c.Text, excuseMark)
				if !ok {
					continue
				}
				reason, _, _ = strings.Cut(reason, "//")
				at := fset.Position(c.Pos())
				e := &excuse{pos: c.Pos(), file: at.Filename, first: at.Line, last: at.Line + 1, reason: strings.TrimSpace(reason)}
				if fn := functions[group]; fn != nil {
					e.last = fset.Position(fn.End()).Line
				}
				list.all = append(list.all, e)
			}
		}
	}
	return list
}

// cover reports whether a comment with a reason excuses what stands at the position.
func (l *excuses) cover(at token.Position) bool {
	covered := false
	for _, e := range l.all {
		if e.reason != "" && e.file == at.Filename && e.first <= at.Line && at.Line <= e.last {
			e.used, covered = true, true
		}
	}
	return covered
}
