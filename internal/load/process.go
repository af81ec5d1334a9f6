package load

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Process is a server that is being measured, in a process of its own.
type Process struct {
	URL   string
	cmd   *exec.Cmd
	stdin io.Closer
}

// Start runs a command that prints its URL, on a line that begins with "http", and ends when its standard input does.
func Start(cmd *exec.Cmd) (*Process, error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, stdin: stdin}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "http") {
			p.URL = lines.Text()
			go func() { _, _ = io.Copy(io.Discard, stdout) }() // so that it never waits for us
			return p, nil
		}
	}
	_ = stdin.Close()
	return nil, fmt.Errorf("load: the server did not say where it listens: %w", cmd.Wait())
}

// Usage is what a process took.
type Usage struct {
	CPU  time.Duration // of all its threads, in user mode and in the kernel
	Peak int64         // bytes of memory resident at most; zero if the system does not say
}

// Stop ends the server and returns what it took in its whole life.
func (p *Process) Stop() (Usage, error) {
	_ = p.stdin.Close()
	err := p.cmd.Wait()
	state := p.cmd.ProcessState
	return Usage{CPU: state.UserTime() + state.SystemTime(), Peak: peakOf(state)}, err
}
