package term

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// clock is moved by hand: nothing here waits.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func screen(terminal bool) (*IO, *bytes.Buffer, *bytes.Buffer, *clock) {
	c := &clock{time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	var out, errs bytes.Buffer
	t := New(strings.NewReader("yes\n"), &out, &errs, func(string) string { return "" }, c.Now)
	t.InTerminal, t.OutTerminal, t.ErrTerminal = terminal, terminal, terminal
	return t, &out, &errs, c
}

func TestTableOnATerminalAndInAPipe(t *testing.T) {
	for _, tt := range []struct {
		terminal bool
		want     string
	}{
		{true, "NAME   TYPE\nalice  ed25519\nö      p256\n"},
		{false, "alice\ted25519\nö\tp256\n"},
	} {
		io, out, _, _ := screen(tt.terminal)
		table := io.Table("name", "type")
		table.Row("alice", "ed25519")
		table.Row("ö", "p256")
		table.Flush()
		if out.String() != tt.want {
			t.Errorf("terminal %v:\n%q, want\n%q", tt.terminal, out, tt.want)
		}
	}
}

func TestARowStaysARow(t *testing.T) {
	io, out, _, _ := screen(false)
	table := io.Table()
	table.Row("a\tb\nc", "\x1b[31mred")
	table.Flush()
	if got, want := out.String(), "a?b?c\t?[31mred\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProgressIsSilentForASecondThenTellsBytesAndTimeLeft(t *testing.T) {
	io, _, errs, c := screen(true)
	p := io.Progress("photo.jpg", 4_000_000)
	c.now = c.now.Add(900 * time.Millisecond)
	p.Add(500_000)
	if errs.Len() != 0 {
		t.Fatalf("wrote %q in the first second", errs)
	}
	c.now = c.now.Add(1100 * time.Millisecond)
	p.Add(500_000)
	if got, want := errs.String(), "\rphoto.jpg  1.0 MB of 4.0 MB, 6 s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	errs.Reset()
	p.Add(1)
	if errs.Len() != 0 {
		t.Errorf("rewrote the line at once: %q", errs)
	}
	p.Close()
	if !strings.HasSuffix(errs.String(), " \r") {
		t.Errorf("the line was left on the screen: %q", errs)
	}
}

func TestProgressNeverMovesInAPipe(t *testing.T) {
	for name, change := range map[string]func(*IO){
		"pipe": func(io *IO) { io.ErrTerminal = false },
		"dumb": func(io *IO) { io.Dumb = true },
	} {
		io, _, errs, c := screen(true)
		change(io)
		p := io.Progress("x", 10)
		c.now = c.now.Add(time.Minute)
		p.Add(5)
		p.Close()
		if errs.Len() != 0 {
			t.Errorf("%s: wrote %q", name, errs)
		}
	}
}

func TestProgressFitsTheScreenAndKeepsItsNumbers(t *testing.T) {
	io, _, errs, c := screen(true)
	io.Columns = 30
	p := io.Progress(strings.Repeat("long", 20), 0)
	c.now = c.now.Add(2 * time.Second)
	p.Add(1500)
	line := strings.TrimPrefix(errs.String(), "\r")
	if len(line) != 29 || !strings.HasSuffix(line, "1.5 kB") {
		t.Errorf("line %q", line)
	}
	errs.Reset()
	p.Note("a word")
	if !strings.HasSuffix(errs.String(), "\ra word\n") {
		t.Errorf("note %q", errs)
	}
}

func TestColourOnlyWhereItIsShownAndWanted(t *testing.T) {
	io, _, _, _ := screen(true)
	if got := io.Styled(Red, "no"); got != "\x1b[31mno\x1b[0m" {
		t.Errorf("terminal: %q", got)
	}
	for name, change := range map[string]func(*IO){
		"pipe":     func(io *IO) { io.OutTerminal = false },
		"NO_COLOR": func(io *IO) { io.NoColour = true },
		"dumb":     func(io *IO) { io.Dumb = true },
	} {
		io, _, _, _ := screen(true)
		change(io)
		if got := io.Styled(Red, "no"); got != "no" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestEnvironmentIsObeyed(t *testing.T) {
	env := map[string]string{"NO_COLOR": "1", "TERM": "dumb"}
	io := New(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, func(k string) string { return env[k] }, time.Now)
	if !io.NoColour || !io.Dumb || io.InTerminal || io.OutTerminal || io.Columns != 80 {
		t.Errorf("%+v", io)
	}
}

func TestQuestionsNeedATerminal(t *testing.T) {
	io, _, _, _ := screen(false)
	if _, err := io.Passphrase(t.Context(), "? "); !errors.Is(err, ErrNoTerminal) {
		t.Errorf("passphrase: %v", err)
	}
}

func TestNumbersAsPeopleSayThem(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 9951: "10 kB", 999_499: "999 kB",
		999_500: "1.0 MB", 12_345_678: "12 MB", 1 << 40: "1.1 TB", 9_223_372_036_854_775_807: "9.2 EB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "1 s", 59 * time.Second: "59 s", 200 * time.Second: "3 min 20 s",
		2*time.Hour + 5*time.Minute: "2 h 05 min", 50 * time.Hour: "2 days",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestTextFromOutsideCannotMoveTheCursor(t *testing.T) {
	if got, want := Clean("a\x1b[2Jb\u202egpj.exe\u009b\u2066é漢"), "a?[2Jb?gpj.exe??é漢"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
