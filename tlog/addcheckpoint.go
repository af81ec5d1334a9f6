package tlog

import (
	"errors"
	"fmt"
	"strings"
)

// MaxAddCheckpoint is the largest add-checkpoint request, in bytes, that we read.
const MaxAddCheckpoint = MaxCheckpoint + 64*(MaxProof+1)

// ErrAddCheckpoint says that bytes are not an add-checkpoint request.
var ErrAddCheckpoint = errors.New("not an add-checkpoint request")

// AddCheckpoint is what a log posts to a witness: its newest checkpoint, and the proof that it
// grew from the one the witness cosigned last (tlog-witness, add-checkpoint).
type AddCheckpoint struct {
	OldSize    uint64
	Proof      []Hash
	Checkpoint []byte // signed, verbatim
}

// ParseAddCheckpoint reads the body of a request. Nothing in it is verified.
func ParseAddCheckpoint(body []byte) (*AddCheckpoint, error) {
	if len(body) > MaxAddCheckpoint {
		return nil, fmt.Errorf("request of %d bytes: %w of %d", len(body), ErrTooLarge, MaxAddCheckpoint)
	}
	head, checkpoint, ok := strings.Cut(string(body), "\n\n")
	if !ok {
		return nil, fmt.Errorf("no empty line before the checkpoint: %w", ErrAddCheckpoint)
	}
	lines := strings.Split(head, "\n")
	size, ok := strings.CutPrefix(lines[0], "old ")
	if !ok {
		return nil, fmt.Errorf("first line is not \"old SIZE\": %w", ErrAddCheckpoint)
	}
	old, err := parseSize(size)
	if err != nil {
		return nil, fmt.Errorf("old size: %s: %w", err.Error(), ErrAddCheckpoint)
	}
	proof, err := parseHashes(lines[1:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrAddCheckpoint)
	}
	if _, err := UnverifiedCheckpoint([]byte(checkpoint)); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrAddCheckpoint)
	}
	return &AddCheckpoint{OldSize: old, Proof: proof, Checkpoint: []byte(checkpoint)}, nil
}

// Marshal returns the body of the request. [ParseAddCheckpoint] reads it back.
func (a *AddCheckpoint) Marshal() []byte {
	b := fmt.Appendf(nil, "old %d\n", a.OldSize)
	b = appendHashes(b, a.Proof)
	b = append(b, '\n')
	return append(b, a.Checkpoint...)
}
