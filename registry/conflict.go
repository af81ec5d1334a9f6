package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// The CONFLICT file is evidence, written for readers that are not this program: spec/conflict.md.
const conflictName = "wherefrom.network/conflict/v1"

var factNames = map[string]error{"forked": ErrForked, "rolled-back": ErrRolledBack}

// Conflict returns the fork that Follow has found, as a [*ConflictError], until an operator removes the CONFLICT
// file. A roll-back is kept in that file too, but does not stop Follow from trying again: the log may have been
// read from an old copy.
func (r *Registry) Conflict() error {
	raw, err := r.readFile(conflictFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := parseConflict(raw, r.opts.Log)
	if err != nil {
		return fmt.Errorf("read %s: %w: %w", r.path(conflictFile), ErrDamaged, err)
	}
	if c.Fact != ErrForked {
		return nil
	}
	c.File = r.path(conflictFile)
	return c
}

// keepConflict stores the evidence and returns it.
func (r *Registry) keepConflict(c *ConflictError) error {
	if err := r.writeFile(conflictFile, marshalConflict(c)); err != nil {
		r.opts.Logger.Error("evidence against the log could not be stored", slog.Any("error", err))
	} else {
		c.File = r.path(conflictFile)
	}
	r.opts.Logger.Error("log contradicts itself", slog.Any("error", c), slog.String("evidence", c.File))
	return c
}

func marshalConflict(c *ConflictError) []byte {
	var b bytes.Buffer
	fact := ""
	for n, err := range factNames {
		if err == c.Fact {
			fact = n
		}
	}
	fmt.Fprintf(&b, "%s\n%s\nold %d\n%snew %d\n%s", conflictName, fact, len(c.OldSigned), c.OldSigned, len(c.NewSigned), c.NewSigned)
	return b.Bytes()
}

func parseConflict(raw []byte, log tlog.Key) (*ConflictError, error) {
	head, rest, _ := strings.Cut(string(raw), "\n")
	if head != conflictName {
		return nil, fmt.Errorf("first line is not %q", conflictName)
	}
	fact, rest, _ := strings.Cut(rest, "\n")
	c := &ConflictError{Fact: factNames[fact]}
	if c.Fact == nil {
		return nil, fmt.Errorf("%.40q is no fact", fact)
	}
	var err error
	if c.OldSigned, c.Old, rest, err = cutCheckpoint(rest, "old ", log); err != nil {
		return nil, err
	}
	if c.NewSigned, c.New, _, err = cutCheckpoint(rest, "new ", log); err != nil {
		return nil, err
	}
	if !bytes.Equal(marshalConflict(c), raw) {
		return nil, errors.New("it is not written as specified")
	}
	return c, nil
}

func cutCheckpoint(text, label string, log tlog.Key) (signed []byte, c tlog.Checkpoint, rest string, err error) {
	line, rest, _ := strings.Cut(text, "\n")
	number, ok := strings.CutPrefix(line, label)
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 0 || n > len(rest) {
		return nil, c, "", fmt.Errorf("no checkpoint after %q", label)
	}
	signed = []byte(rest[:n])
	c, _, err = tlog.OpenCheckpoint(signed, log)
	return signed, c, rest[n:], err
}
