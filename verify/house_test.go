package verify_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The four rooms that every verifier is made of.
var rooms = []string{"./statement", "./tlog", "./receipt", "./verify"}

// TestFewDependencies counts the modules that the four rooms import directly. Whoever verifies has
// to trust all of them.
func TestFewDependencies(t *testing.T) {
	const most = 6
	out := run(t, nil, "go", append([]string{"list", "-f", `{{range .Imports}}{{.}}{{"\n"}}{{end}}`}, rooms...)...)
	imports := strings.Fields(out)
	slices.Sort(imports)
	imports = slices.DeleteFunc(slices.Compact(imports), func(path string) bool {
		return !strings.Contains(strings.Split(path, "/")[0], ".") || strings.HasPrefix(path, "github.com/wherefrom-network/wherefrom/")
	})
	out = run(t, nil, "go", append([]string{"list", "-f", `{{.Module.Path}}`}, imports...)...)
	got := strings.Fields(out)
	slices.Sort(got)
	got = slices.Compact(got)
	t.Logf("%d modules: %s", len(got), strings.Join(got, ", "))
	if len(got) > most {
		t.Errorf("%d modules, and %d are allowed", len(got), most)
	}
	text, err := os.ReadFile("../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range got {
		if !strings.Contains(string(text), "| `"+module+"` | V: ") {
			t.Errorf("docs/dependencies.md does not say that the verifier uses %s", module)
		}
	}
}

// TestRoomsCompileToWASM builds the four rooms for the browser and, where node is at hand, runs
// there what holds them to their specifications: the tests of the vectors.
func TestRoomsCompileToWASM(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute when nothing is cached")
	}
	env := append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	run(t, env, "go", append([]string{"build"}, rooms...)...)
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("built; there is no node to run it with")
	}
	starter := filepath.Join(strings.TrimSpace(run(t, env, "go", "env", "GOROOT")), "lib", "wasm", "go_js_wasm_exec")
	if _, err := os.Stat(starter); err != nil {
		t.Skipf("built; this Go has no %s", starter)
	}
	out := run(t, env, "go", append([]string{"test", "-exec", starter, "-run", "Vectors", "-v"}, rooms...)...)
	ran := strings.Count(out, "\n--- PASS: ")
	t.Logf("%d tests passed under %s", ran, node)
	for _, room := range rooms {
		if !strings.Contains(out, "ok  \tgithub.com/wherefrom-network/wherefrom/"+room[2:]+"\t") || strings.Contains(out, room[2:]+"\t[no tests") {
			t.Errorf("%s was not tested:\n%s", room, out)
		}
	}
}

// run runs a command at the root of the repository and returns what it prints.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = "..", env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestEveryCodeIsSpecified reads the codes from the source.
func TestEveryCodeIsSpecified(t *testing.T) {
	spec, err := os.ReadFile("../spec/verify.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		value, ok := n.(*ast.ValueSpec)
		if !ok || len(value.Names) == 0 || !strings.HasPrefix(value.Names[0].Name, "Code") {
			return true
		}
		code, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		found++
		if !strings.Contains(string(spec), "\n| `"+code+"` |") {
			t.Errorf("spec/verify.md has no row for %s", code)
		}
		return true
	})
	if found < 25 {
		t.Errorf("found %d codes", found)
	}
}
