package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// spoken collects what a process says and lets others wait for words in it.
type spoken struct {
	mu    sync.Mutex
	more  *sync.Cond
	text  strings.Builder // guarded by mu
	ended bool            // guarded by mu
}

func newSpoken() *spoken {
	s := &spoken{}
	s.more = sync.NewCond(&s.mu)
	return s
}

func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.more.Broadcast()
	return s.text.Write(p)
}

func (s *spoken) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.more.Broadcast()
}

// wait waits until what was said matches, and returns the match and everything said; nil if the process ends before.
func (s *spoken) wait(re *regexp.Regexp) ([]string, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		text := s.text.String()
		if m := re.FindStringSubmatch(text); m != nil || s.ended {
			return m, text
		}
		s.more.Wait()
	}
}

// process is a server that was started.
type process struct {
	cmd  *exec.Cmd
	said *spoken // both streams
	err  chan error
}

var listening = regexp.MustCompile(`(?m)^listening on (http://\S+)$`)

// run starts a command and goes on.
func run(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd, newSpoken(), make(chan error, 1)}
	cmd.Stdout, cmd.Stderr = p.said, p.said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err <- cmd.Wait()
		p.said.end()
	}()
	return p, nil
}

// end sends a signal and waits.
func (p *process) end(signal os.Signal) error {
	_ = p.cmd.Process.Signal(signal) // it may have ended by itself
	err := <-p.err
	p.err <- err
	return err
}

// running is the key of a script's processes among its values.
type running struct{}

func processes(ts *testscript.TestScript) map[string]*process {
	return ts.Value(running{}).(map[string]*process)
}

func processNamed(ts *testscript.TestScript, name string) *process {
	p := processes(ts)[name]
	if p == nil {
		ts.Fatalf("%s does not run", name)
	}
	return p
}

// startAgain starts a server at the address where it was before: start-at NAME ARGS….
func startAgain(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start-at NAME ARGS…")
	}
	start(ts, neg, append(args, "--listen", strings.TrimPrefix(ts.Getenv(args[0]), "http://")))
}

// start runs the tool as a server and waits for the line with its address, which it sets NAME to: start NAME ARGS….
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME ARGS…")
	}
	cmd := exec.Command("wherefrom", args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = os.Environ()
	for _, name := range []string{"WHEREFROM_HOME", "NO_COLOR", "GORACE", transcriptVariable} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	p, err := run(cmd)
	ts.Check(err)
	processes(ts)[args[0]] = p
	ts.Defer(func() { _ = p.end(os.Kill) })
	m, text := p.said.wait(listening)
	if m == nil {
		ts.Fatalf("%s ended before it listened:\n%s", args[0], text)
	}
	ts.Setenv(args[0], m[1])
}

// waitFor waits until a server says something that matches: wait-for NAME REGEXP.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: wait-for NAME REGEXP")
	}
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	if m, text := processNamed(ts, args[0]).said.wait(re); m == nil {
		ts.Fatalf("%s ended and never said that:\n%s", args[0], text)
	}
}

// end ends a server in good order, or with kill as kill -9 does: end NAME [kill]. What it said goes to NAME.said.
func end(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: end NAME [kill]")
	}
	p := processNamed(ts, args[0])
	var signal os.Signal = syscall.SIGINT
	if len(args) == 2 {
		signal = os.Kill
	}
	err := p.end(signal)
	_, text := p.said.wait(regexp.MustCompile(""))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".said"), []byte(text), 0o666))
	if err != nil && len(args) == 1 {
		ts.Fatalf("%s: %v\n%s", args[0], err, text)
	}
}

// eventually runs a program again and again until it succeeds: eventually PROGRAM ARGS…. It is for what another
// process does in its own time; the test's own deadline ends it.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: eventually PROGRAM ARGS…")
	}
	for ts.Exec(args[0], args[1:]...) != nil {
	}
}
