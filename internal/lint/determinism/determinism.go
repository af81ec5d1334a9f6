// Package determinism reports code whose result may differ from one machine, or one run, to the next.
//
// Consensus needs the same answer from every validator for the same input, for ever. What the chain
// runs, and what of the ground floor it calls, therefore has no order of a map, no goroutine, no
// clock, no random number and no floating point in its results. [Analyzer] finds the places; go vet
// runs it (make vet).
//
// Where such a place cannot change a result, a comment on the line, on the line above, or in the
// function's documentation says so and why:
//
//	for k := range m { //determinism:ok only counts
//
// A comment without a reason is reported, and so is one that excuses nothing.
package determinism

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// Analyzer reports what makes a result depend on anything but the input.
var Analyzer = &analysis.Analyzer{
	Name: "determinism",
	Doc:  "report code whose result may differ between machines or runs",
	Run:  run,
}

// banned imports, and what is wrong with each.
var bannedImports = map[string]string{
	"crypto/rand":  "randomness differs on every machine",
	"math/rand":    "randomness differs on every machine",
	"math/rand/v2": "randomness differs on every machine",
	"unsafe":       "memory looks different on every machine",
}

// bannedFuncs by full name, and what is wrong with each.
var bannedFuncs = map[string]string{
	"time.Now":                               "reads the clock: take the time as an argument",
	"time.Since":                             "reads the clock: take the time as an argument",
	"time.Until":                             "reads the clock: take the time as an argument",
	"time.Sleep":                             "waits for the clock",
	"time.After":                             "waits for the clock",
	"time.AfterFunc":                         "waits for the clock",
	"time.Tick":                              "waits for the clock",
	"time.NewTimer":                          "waits for the clock",
	"time.NewTicker":                         "waits for the clock",
	"time.LoadLocation":                      "reads the machine's time zones: use UTC",
	"(time.Time).Local":                      "depends on the machine's time zone: use UTC",
	"(*sync.Map).Range":                      "has no fixed order",
	"(*sync.WaitGroup).Go":                   "starts a goroutine: its order against others is open",
	"(reflect.Value).MapRange":               "has no fixed order",
	"(reflect.Value).MapKeys":                "has no fixed order",
	"os.Getenv":                              "reads the machine's environment",
	"os.LookupEnv":                           "reads the machine's environment",
	"runtime.NumCPU":                         "differs on every machine",
	"runtime.GOMAXPROCS":                     "differs on every machine",
	"runtime.NumGoroutine":                   "differs from run to run",
	"(*golang.org/x/sync/errgroup.Group).Go": "starts a goroutine: its order against others is open",
}

// mapOrders are functions of package maps that give a map's order away.
var mapOrders = map[string]bool{"maps.Keys": true, "maps.Values": true, "maps.All": true}

// sorters of package slices take that order away again.
var sorters = map[string]bool{"slices.Sorted": true, "slices.SortedFunc": true, "slices.SortedStableFunc": true}

// localTimes are in the machine's time zone until made UTC.
var localTimes = map[string]bool{"time.Unix": true, "time.UnixMilli": true, "time.UnixMicro": true}

func run(pass *analysis.Pass) (any, error) {
	var files []*ast.File
	for _, f := range pass.Files {
		if !strings.HasSuffix(pass.Fset.Position(f.Pos()).Filename, "_test.go") {
			files = append(files, f)
		}
	}
	c := &checker{pass: pass, excuses: readExcuses(pass.Fset, files)}
	for _, f := range files {
		c.imports(f)
	}
	inspector.New(files).WithStack(nil, func(n ast.Node, push bool, stack []ast.Node) bool {
		if push {
			c.node(n, stack)
		}
		return true
	})
	for _, e := range c.excuses.all {
		switch {
		case e.reason == "":
			pass.Reportf(e.pos, "determinism:ok without a reason")
		case !e.used:
			pass.Reportf(e.pos, "determinism:ok excuses nothing")
		}
	}
	return nil, nil
}

type checker struct {
	pass    *analysis.Pass
	excuses *excuses
}

// report says what is wrong at n, unless a comment excuses it.
func (c *checker) report(n ast.Node, format string, args ...any) {
	if !c.excuses.cover(c.pass.Fset.Position(n.Pos())) {
		c.pass.Reportf(n.Pos(), format, args...)
	}
}

func (c *checker) imports(f *ast.File) {
	for _, i := range f.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		if why := bannedImports[path]; why != "" {
			c.report(i, "imports %s: %s", path, why)
		}
	}
}

// node looks at one node; stack is the way to it from the file, n included.
func (c *checker) node(n ast.Node, stack []ast.Node) {
	switch n := n.(type) {
	case *ast.RangeStmt:
		if c.isMap(n.X) && (named(n.Key) || named(n.Value)) {
			c.report(n, "ranges over a map, whose order is random: range over slices.Sorted(maps.Keys(m))")
		}
	case *ast.GoStmt:
		c.report(n, "starts a goroutine: its order against others is open")
	case *ast.SelectStmt:
		if len(n.Body.List) > 1 {
			c.report(n, "select takes a random one of the ready cases")
		}
	case *ast.CallExpr:
		c.call(n, stack)
	case *ast.Ident:
		c.ident(n)
	case *ast.BasicLit:
		if n.Kind == token.FLOAT && c.isFloat(n) {
			c.report(n, "floating point may round differently on another machine: count in whole units")
		}
	}
}

// call looks for functions that are banned by name, orders of maps that nobody sorts, times in the
// machine's zone, and floats that come from elsewhere.
func (c *checker) call(call *ast.CallExpr, stack []ast.Node) {
	fn, _ := typeutil.Callee(c.pass.TypesInfo, call).(*types.Func)
	if fn == nil {
		return
	}
	name := fn.Origin().FullName()
	if why := bannedFuncs[name]; why != "" {
		c.report(call, "%s %s", name, why)
	}
	if mapOrders[name] && !c.sorted(stack) {
		c.report(call, "%s gives keys or values in a random order: pass it to slices.Sorted", name)
	}
	if localTimes[name] && !madeUTC(stack) {
		c.report(call, "%s is in the machine's time zone: add .UTC()", name)
	}
	if fn.Pkg() != c.pass.Pkg && c.isFloat(call) {
		c.report(call, "%s gives a floating-point number, which may round differently on another machine", name)
	}
}

// ident looks for the names of floating-point types, and for floats of other packages.
func (c *checker) ident(id *ast.Ident) {
	switch obj := c.pass.TypesInfo.Uses[id].(type) {
	case *types.TypeName:
		if obj.Pkg() == nil && isFloatType(obj.Type()) {
			c.report(id, "%s may round differently on another machine: count in whole units", id.Name)
		}
	case *types.Const, *types.Var:
		if obj.Pkg() != nil && obj.Pkg() != c.pass.Pkg && isFloatType(obj.Type()) {
			c.report(id, "%s.%s is a floating-point number, which may round differently on another machine", obj.Pkg().Name(), id.Name)
		}
		if obj.Pkg() != nil && obj.Pkg().Path() == "time" && obj.Name() == "Local" {
			c.report(id, "time.Local is the machine's time zone: use UTC")
		}
	}
}

// sorted reports whether the call on top of the stack is the argument of a sorting function.
func (c *checker) sorted(stack []ast.Node) bool {
	if len(stack) < 2 {
		return false
	}
	outer, ok := stack[len(stack)-2].(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, _ := typeutil.Callee(c.pass.TypesInfo, outer).(*types.Func)
	return fn != nil && sorters[fn.Origin().FullName()]
}

// madeUTC reports whether a method that leaves the machine's zone is called on the call on top of the
// stack at once.
func madeUTC(stack []ast.Node) bool {
	if len(stack) < 2 {
		return false
	}
	sel, ok := stack[len(stack)-2].(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "UTC" || strings.HasPrefix(sel.Sel.Name, "Unix"))
}

func (c *checker) isMap(x ast.Expr) bool {
	typ := c.pass.TypesInfo.TypeOf(x)
	if typ == nil {
		return false
	}
	if param, ok := types.Unalias(typ).(*types.TypeParam); ok {
		return hasMap(param)
	}
	_, ok := typ.Underlying().(*types.Map)
	return ok
}

// hasMap reports whether a type parameter may stand for a map.
func hasMap(param *types.TypeParam) bool {
	constraint, ok := param.Constraint().Underlying().(*types.Interface)
	if !ok {
		return false
	}
	for i := range constraint.NumEmbeddeds() {
		switch e := constraint.EmbeddedType(i).(type) {
		case *types.Union:
			for j := range e.Len() {
				if _, ok := e.Term(j).Type().Underlying().(*types.Map); ok {
					return true
				}
			}
		default:
			if _, ok := e.Underlying().(*types.Map); ok {
				return true
			}
		}
	}
	return false
}

func (c *checker) isFloat(x ast.Expr) bool {
	typ := c.pass.TypesInfo.TypeOf(x)
	return typ != nil && isFloatType(typ)
}

func isFloatType(typ types.Type) bool {
	basic, ok := typ.Underlying().(*types.Basic)
	return ok && basic.Info()&(types.IsFloat|types.IsComplex) != 0
}

// named reports whether a range statement's variable is there and used.
func named(x ast.Expr) bool {
	if x == nil {
		return false
	}
	id, ok := x.(*ast.Ident)
	return !ok || id.Name != "_"
}
