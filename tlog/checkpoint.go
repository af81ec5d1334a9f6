package tlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// ErrCheckpoint says that a text is not a checkpoint.
var ErrCheckpoint = errors.New("not a checkpoint")

// Checkpoint is what a log says about itself at one moment: so many entries, with this root.
type Checkpoint struct {
	Origin     Origin
	Size       uint64
	Root       Hash
	Extensions []string // further lines, opaque; ours has none
}

// ParseCheckpoint reads a checkpoint's text, without signatures (tlog-checkpoint, "Note text").
func ParseCheckpoint(text string) (Checkpoint, error) {
	fail := func(what string) (Checkpoint, error) {
		return Checkpoint{}, fmt.Errorf("%s: %w", what, ErrCheckpoint)
	}
	body, ok := strings.CutSuffix(text, "\n")
	if !ok {
		return fail("no newline at the end")
	}
	if bad := func(r rune) bool { return r < 0x20 && r != '\n' }; strings.ContainsFunc(body, bad) {
		return fail("control character")
	}
	if !utf8.ValidString(body) {
		return fail("not UTF-8")
	}
	lines := strings.Split(body, "\n")
	if len(lines) < 3 {
		return fail("fewer than three lines")
	}
	size, err := parseSize(lines[1])
	if err != nil {
		return fail("tree size: " + err.Error())
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return fail("root hash: " + err.Error())
	}
	c := Checkpoint{Origin: Origin(lines[0]), Size: size, Root: root}
	if c.Origin == "" {
		return fail("empty origin")
	}
	for _, line := range lines[3:] {
		if line == "" {
			return fail("empty extension line")
		}
		c.Extensions = append(c.Extensions, line)
	}
	return c, nil
}

// Text returns the checkpoint as a log signs it. [ParseCheckpoint] reads it back.
func (c Checkpoint) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
	for _, line := range c.Extensions {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// Sign returns the checkpoint as a signed note.
func (c Checkpoint) Sign(signers ...note.Signer) ([]byte, error) {
	if _, err := ParseCheckpoint(c.Text()); err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return note.Sign(&note.Note{Text: c.Text()}, signers...)
}

// UnverifiedCheckpoint reads a signed checkpoint without checking any signature. Use it to find
// out which log to ask about; trust nothing in it.
func UnverifiedCheckpoint(raw []byte) (Checkpoint, error) {
	n, err := openNote(raw)
	if err != nil {
		return Checkpoint{}, err
	}
	return ParseCheckpoint(n.Text)
}

// parseSize reads a decimal number without sign or leading zeroes, at most [MaxSize].
func parseSize(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || strconv.FormatUint(n, 10) != s {
		return 0, fmt.Errorf("%.40q is not a decimal number below 2^63", s)
	}
	return n, nil
}

// parseHash reads a hash in canonical base64.
func parseHash(s string) (Hash, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != HashSize || len(s) != 44 {
		return Hash{}, fmt.Errorf("%.60q is not 32 bytes in base64", s)
	}
	return Hash(b), nil
}
