package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestEachCodeHasOneTopic(t *testing.T) {
	seen := map[Code]bool{}
	for _, topic := range topics {
		if seen[topic.Code] {
			t.Errorf("%s is explained twice", topic.Code)
		}
		seen[topic.Code] = true
		if topic.Title == "" || strings.TrimSpace(topic.Text) == "" || topic.Exit < exitShown || topic.Exit > exitNotAllowed {
			t.Errorf("%s: incomplete", topic.Code)
		}
		if !regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(string(topic.Code)) {
			t.Errorf("%s: a code is lower-case words with hyphens", topic.Code)
		}
		if strings.HasSuffix(topic.Title, ".") {
			t.Errorf("%s: a title has no full stop", topic.Code)
		}
	}
}

// Every code of the packages that this one explains has a topic, and every topic is a code that something has.
func TestTopicsAreTheCodesInUse(t *testing.T) {
	used := map[Code]string{}
	for name, value := range constants(t, ".", "Code") {
		if refs := references(t, ".", name); refs < 2 { // its declaration and its topic
			t.Errorf("%s is never used", name)
		}
		used[Code(value)] = "internal/cli"
	}
	for _, value := range constants(t, "../../verify", "Code") {
		used[Code(value)] = "verify"
	}
	for _, code := range literals(t, "../../logserver", regexp.MustCompile(`Code: +"([a-z-]+)"|checkpointCode = "([a-z-]+)"`)) {
		used[Code("fault-"+code)] = "logserver"
	}
	for _, code := range literals(t, "../../server", regexp.MustCompile(`status: +\d+, code: "([a-z-]+)"()`)) {
		if topicOf(Code(code)).Title != "" { // the others are shown as refused, with the server's words
			used[Code(code)] = "server"
		}
	}
	for code, where := range used {
		if topicOf(code).Title == "" {
			t.Errorf("%s, a code of %s, has no topic", code, where)
		}
	}
	for _, topic := range topics {
		if used[topic.Code] == "" {
			t.Errorf("topic %s is of a code that nothing has", topic.Code)
		}
	}
}

// files parses the Go files of a directory that are not tests.
func files(t *testing.T, dir string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var parsed []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	return parsed
}

// constants returns the string constants of a type, by name.
func constants(t *testing.T, dir, typ string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, f := range files(t, dir) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != typ || len(spec.Values) != 1 {
				return true
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				value, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				found[spec.Names[0].Name] = value
			}
			return true
		})
	}
	if len(found) == 0 {
		t.Fatalf("no constants of type %s in %s", typ, dir)
	}
	return found
}

// references counts the places outside the tables of topics where a name stands, its declaration included.
func references(t *testing.T, dir, name string) (n int) {
	t.Helper()
	for _, f := range files(t, dir) {
		ast.Inspect(f, func(node ast.Node) bool {
			if lit, ok := node.(*ast.CompositeLit); ok {
				if array, ok := lit.Type.(*ast.ArrayType); ok {
					if id, ok := array.Elt.(*ast.Ident); ok && id.Name == "Topic" {
						return false
					}
				}
			}
			if id, ok := node.(*ast.Ident); ok && id.Name == name {
				n++
			}
			return true
		})
	}
	return n
}

// literals returns what a pattern finds in the sources of a directory.
func literals(t *testing.T, dir string, pattern *regexp.Regexp) (found []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pattern.FindAllStringSubmatch(string(source), -1) {
			found = append(found, m[1]+m[2])
		}
	}
	if len(found) == 0 {
		t.Fatalf("no codes in %s", dir)
	}
	return found
}
