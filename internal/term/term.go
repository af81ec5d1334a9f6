// Package term is the tool's view of the terminal: tables, one line of progress, hints, passphrases.
//
// A result goes to Out, everything else to Err. On a terminal columns are aligned and long work shows
// its progress; in a pipe columns are tabs and nothing moves. Colour only underlines what the words say.
package term

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// ErrNoTerminal says that a question could not be asked because nobody is there to answer it.
var ErrNoTerminal = errors.New("no terminal to ask on")

// IO is where a command reads and writes. Its zero fields are safe: no terminal, no colour.
type IO struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
	// InTerminal, OutTerminal and ErrTerminal tell which of the three is a terminal.
	InTerminal, OutTerminal, ErrTerminal bool
	// NoColour says that NO_COLOR is set; Dumb that TERM is dumb, where nothing moves either.
	NoColour, Dumb bool
	// Columns is the width of the terminal, 80 if unknown.
	Columns int
	// Now is the clock that progress goes by.
	Now func() time.Time
}

// New looks at the streams and the environment once.
func New(in io.Reader, out, err io.Writer, getenv func(string) string, now func() time.Time) *IO {
	t := &IO{
		In: in, Out: out, Err: err, Now: now, Columns: 80,
		InTerminal: isTerminal(in), OutTerminal: isTerminal(out), ErrTerminal: isTerminal(err),
		NoColour: getenv("NO_COLOR") != "", Dumb: getenv("TERM") == "dumb",
	}
	for _, w := range []io.Writer{err, out} {
		if f, ok := w.(*os.File); ok {
			if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
				t.Columns = columns
			}
		}
	}
	return t
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Style is a way to underline words. A reader without colour loses nothing.
type Style string

// The styles in use.
const (
	Bold   Style = "1"
	Faint  Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
)

// Styled returns words in a style if they are for a terminal that shows colour, else unchanged.
func (t *IO) Styled(style Style, words string) string {
	if !t.OutTerminal || t.NoColour || t.Dumb {
		return words
	}
	return "\x1b[" + string(style) + "m" + words + "\x1b[0m"
}

// Printf writes a line of the result.
func (t *IO) Printf(format string, args ...any) {
	fmt.Fprintf(t.Out, format+"\n", args...)
}

// Note writes a line that is not part of the result.
func (t *IO) Note(format string, args ...any) {
	fmt.Fprintf(t.Err, format+"\n", args...)
}

// Passphrase asks for a secret without showing it. It returns [ErrNoTerminal] at once if nobody can answer, and
// [context.Canceled] at Ctrl-C. However it ends, the terminal is as it was before.
func (t *IO) Passphrase(ctx context.Context, prompt string) ([]byte, error) {
	f, ok := t.In.(*os.File)
	if !ok || !t.InTerminal || !t.ErrTerminal {
		return nil, ErrNoTerminal
	}
	// The terminal stops showing what is typed before it asks, so that not even quick fingers are seen.
	before, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return nil, err
	}
	type answer struct {
		secret string
		err    error
	}
	answered := make(chan answer, 1)
	go func() {
		terminal := term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{f, t.Err}, "")
		secret, err := terminal.ReadPassword(prompt)
		answered <- answer{secret, err}
	}()
	var a answer
	select {
	case a = <-answered:
	case <-ctx.Done():
		a.err = ctx.Err()
	}
	if errors.Is(a.err, io.EOF) { // Ctrl-C or Ctrl-D
		a.err = context.Canceled
	}
	err = errors.Join(a.err, term.Restore(int(f.Fd()), before))
	if a.err != nil {
		fmt.Fprintln(t.Err)
	}
	return []byte(a.secret), err
}

// Clean makes text from outside fit for a terminal: control characters, which could move the cursor or
// recolour what stands around them, become question marks.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || isBidi(r) || r == 0xfffd {
			return '?'
		}
		return r
	}, text)
}

// isBidi reports the characters that change the direction of what follows (Unicode TR 36, section 2.4).
func isBidi(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// Wrap writes words after a label. On a terminal they are broken between words to fit its width, with the
// following lines indented; in a pipe they stay on one line.
func (t *IO) Wrap(label, indent, words string) {
	line := label
	for i, word := range strings.Fields(Clean(words)) {
		tooLong := utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > t.Columns
		switch {
		case i == 0:
			line += word
		case t.OutTerminal && tooLong:
			t.Printf("%s", line)
			line = indent + word
		default:
			line += " " + word
		}
	}
	t.Printf("%s", line)
}
