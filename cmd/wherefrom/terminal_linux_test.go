package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// sitting is a person at a terminal: the tool runs on the other side of a pseudo-terminal.
type sitting struct {
	*testing.T
	master *os.File
	cmd    *exec.Cmd
	said   *spoken
	before uint32 // the terminal's settings when the tool began
}

// sit starts the tool on a terminal of 60 columns.
func sit(t *testing.T, home string, args ...string) *sitting {
	t.Helper()
	master, slave := openTerminal(t)
	s := &sitting{t, master, exec.Command("wherefrom", args...), newSpoken(), flags(t, master)}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, slave, slave
	s.cmd.Env = append(os.Environ(), "WHEREFROM_HOME="+home, "TERM=xterm", "NO_COLOR=")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	go func() {
		_, _ = io.Copy(s.said, master) // ends with an error when the tool has ended
		s.said.end()
	}()
	t.Cleanup(func() { s.cmd.Process.Kill(); s.cmd.Wait(); master.Close() })
	return s
}

func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	err = errors.Join(err, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	err = errors.Join(err, unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 25, Col: 60}))
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	if slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Skip("no terminals here: ", err)
	}
	return master, slave
}

// answer waits for a question and types an answer.
func (s *sitting) answer(question, answer string) {
	s.Helper()
	if m, text := s.said.wait(regexp.MustCompile(regexp.QuoteMeta(question))); m == nil {
		s.Fatalf("never asked %q:\n%s", question, text)
	}
	if _, err := io.WriteString(s.master, answer); err != nil {
		s.Fatal(err)
	}
}

// end waits for the end and returns the exit code and everything that stood on the screen.
func (s *sitting) end() (int, string) {
	s.Helper()
	_, text := s.said.wait(regexp.MustCompile(`\z.`)) // never said: waits for the end
	_ = s.cmd.Wait()                                  // the code tells
	return s.cmd.ProcessState.ExitCode(), strings.ReplaceAll(text, "\r\n", "\n")
}

func TestAPassphraseIsAskedForTwiceAndNotShown(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	s := sit(t, home, "key", "new", "alice")
	s.answer("Passphrase for the new key alice: ", "open sesame\n")
	s.answer("The same again: ", "open sesame\n")
	code, text := s.end()
	if code != 0 || !strings.Contains(text, "made key alice") {
		t.Errorf("exit %d:\n%s", code, text)
	}
	if strings.Contains(text, "sesame") {
		t.Errorf("the passphrase stands on the screen:\n%s", text)
	}

	s = sit(t, home, "key", "new", "bob")
	s.answer("Passphrase for the new key bob: ", "one\n")
	s.answer("The same again: ", "two\n")
	if code, text := s.end(); code != 5 || !strings.Contains(text, "the two passphrases differ, so no key was made") {
		t.Errorf("exit %d:\n%s", code, text)
	}
}

func TestCtrlCAtAQuestionLeavesTheTerminalAsItWas(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	s := sit(t, home, "key", "new", "alice")
	s.answer("Passphrase for the new key alice: ", "half a pass\x03")
	code, text := s.end()
	if code != 1 || !strings.Contains(text, "wherefrom: error: interrupted") || strings.Contains(text, "half") {
		t.Errorf("exit %d:\n%s", code, text)
	}
	if _, err := os.Stat(filepath.Join(home, "keys", "alice.key")); err == nil {
		t.Error("a key was made")
	}
	if after := flags(t, s.master); after != s.before || after&unix.ECHO == 0 {
		t.Errorf("the terminal's settings are %#x and were %#x", after, s.before)
	}
}

func flags(t *testing.T, terminal *os.File) uint32 {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag
}

func TestATerminalGetsHeadsColoursAndItsOwnWidth(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	code, text := sit(t, home, "key", "new", "alice", "--no-passphrase").end()
	if code != 0 {
		t.Fatalf("exit %d:\n%s", code, text)
	}
	code, text = sit(t, home, "key", "list").end()
	if want := "NAME   TYPE     PASSPHRASE  CREATED               ISSUER\nalice  ed25519  no          "; code != 0 || !strings.HasPrefix(text, want) {
		t.Errorf("exit %d:\n%s", code, text)
	}
	file := filepath.Join(t.TempDir(), "photo.jpg")
	if err := os.WriteFile(file, []byte("photo"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, text = sit(t, home, "verify", file).end()
	if code != 4 || !strings.Contains(text, "\x1b[33mno record found\x1b[0m") {
		t.Errorf("exit %d:\n%q", code, text)
	}
	for _, line := range strings.Split(text, "\n")[1:] {
		if len(line) > 60 && strings.Contains(line, " ") && !strings.Contains(line, file) {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	code, text = sit(t, home, "version", "--json").end()
	if code != 0 || !strings.HasPrefix(text, "{\n  \"schema\": ") {
		t.Errorf("JSON for a reader, exit %d:\n%s", code, text)
	}
}
