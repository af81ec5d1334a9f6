package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wherefrom-network/wherefrom/internal/cli"
	"github.com/wherefrom-network/wherefrom/internal/keystore"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in the scripts")

// transcriptVariable names the file to which the tool under test copies everything that it prints.
const transcriptVariable = "WHEREFROM_TEST_TRANSCRIPT"

func TestMain(m *testing.M) {
	must(os.Setenv("GORACE", raceOptions))
	testscript.Main(m, map[string]func(){"wherefrom": tool})
}

// raceOptions keep the race detector from sleeping a second at the end of each of the many processes.
const raceOptions = "atexit_sleep_ms=0"

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// tool is main, and keeps a copy of what it prints: see secrets_test.go.
func tool() {
	keystore.WorkFactor = 4 // scripts are not about scrypt's cost
	var out, errs io.Writer = os.Stdout, os.Stderr
	if path := os.Getenv(transcriptVariable); path != "" {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		must(err)
		out, errs = io.MultiWriter(out, f), io.MultiWriter(errs, f)
	}
	os.Exit(cli.Main(os.Args[1:], os.Stdin, out, errs))
}

// TestScripts runs the stories in testdata/script. Each has a home of its own, and no network but loopback.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Cmds:                commands,
	})
}

func setup(env *testscript.Env) error {
	env.Setenv("WHEREFROM_HOME", filepath.Join(env.WorkDir, "home"))
	env.Setenv("NO_COLOR", "1")
	env.Setenv("GORACE", raceOptions)
	env.Setenv(transcriptVariable, filepath.Join(env.WorkDir, ".transcript"))
	env.Values[running{}] = map[string]*process{}
	env.Defer(func() { lookForSecrets(env) })
	return nil
}

// commands are what scripts can do beside running programs.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"serve-log":    serveLog,
	"serve-canned": serveCanned,
	"start":        start,
	"start-at":     startAgain,
	"end":          end,
	"eventually":   eventually,
	"wait-for":     waitFor,
	"tidy":         tidy,
	"flip":         flip,
	"vector":       vector,
	"foreign":      foreign,
	"lines":        lines,
}

// tidy copies a file, or stdout or stderr, and puts fixed words in place of what differs from run to run, so that
// the copy can be compared: tidy stdout FILE.
func tidy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tidy stdout|stderr|FILE FILE")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), ts.Getenv("WORK"), "WORK")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(plain(text)), 0o666))
}

// flip changes one byte in the middle of a file: flip FILE.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: flip FILE")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	data[len(data)/2] ^= 1
	ts.Check(os.WriteFile(path, data, 0o666))
}

// lines counts the lines of a file, or of stdout or stderr: lines stdout N.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines stdout|stderr|FILE N")
	}
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); args[1] != itoa(got) {
		ts.Fatalf("%d lines, want %s", got, args[1])
	}
}
