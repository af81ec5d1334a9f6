package tlog

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// MaxCheckpoint is the largest signed checkpoint, in bytes, that we read. It has room for 32
// post-quantum cosignatures.
const MaxCheckpoint = 128 << 10

// Errors of the checkpoint functions.
var (
	ErrNote          = errors.New("not a signed note")
	ErrTooLarge      = errors.New("larger than the limit")
	ErrCheckpoint    = errors.New("not a checkpoint")
	ErrOrigin        = errors.New("checkpoint is of another log")
	ErrLogUnsigned   = errors.New("checkpoint is not signed by the log")
	ErrLogSignature  = errors.New("the log's signature does not verify")
	ErrCosignature   = errors.New("a witness's cosignature does not verify")
	ErrAmbiguousKeys = errors.New("two different keys with one name and id")
)

// Checkpoint is what a log says about itself at one moment: so many entries, with this root.
type Checkpoint struct {
	Origin     Origin
	Size       uint64
	Root       Hash
	Extensions []string // further lines, opaque; ours has none
}

// Signature is a verified signature of a checkpoint.
type Signature struct {
	Key     Key
	Witness string    // the witness's name in the policy that knows it; empty without a policy
	Time    time.Time // by the witness's own clock; zero for a log's signature
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
	if u, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		return ParseCheckpoint(u.Note.Text)
	}
	if err == nil {
		return ParseCheckpoint(n.Text)
	}
	return Checkpoint{}, err
}

// OpenCheckpoint checks a signed checkpoint: it must be of this log and signed by it, and each
// signature that names one of the witnesses must verify. It returns the cosignatures found, in
// the order of the checkpoint. Signatures by other keys are passed over (signed-note).
func OpenCheckpoint(raw []byte, log Key, witnesses ...Key) (Checkpoint, []Signature, error) {
	c, sigs, err := openCheckpoint(raw, []Key{log}, witnesses)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	if sigs[0].Key != log {
		return Checkpoint{}, nil, fmt.Errorf("checkpoint of %q: %w", log.name, ErrLogUnsigned)
	}
	return c, sigs[1:], nil
}

// openCheckpoint opens raw with several keys of one log and any witnesses. The first signature it
// returns is the log's.
func openCheckpoint(raw []byte, logs, witnesses []Key) (Checkpoint, []Signature, error) {
	n, err := openNote(raw, append(append([]Key{}, logs...), witnesses...)...)
	if bad, ok := errors.AsType[*note.InvalidSignatureError](err); ok {
		fault := ErrCosignature
		for _, k := range logs {
			if k.name == bad.Name && k.id == bad.Hash {
				fault = ErrLogSignature
			}
		}
		return Checkpoint{}, nil, fmt.Errorf("signature of %q: %w", bad.Name, fault)
	}
	if u, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		n, err = u.Note, nil
	}
	if err != nil {
		return Checkpoint{}, nil, err
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	if origin := logs[0].Origin(); c.Origin != origin {
		return Checkpoint{}, nil, fmt.Errorf("checkpoint of %q, not of %q: %w", c.Origin, origin, ErrOrigin)
	}
	var log, cosigned []Signature
	for _, s := range n.Sigs {
		for _, k := range logs {
			if k.name == s.Name && k.id == s.Hash {
				log = append(log, Signature{Key: k})
			}
		}
		for _, k := range witnesses {
			if k.name == s.Name && k.id == s.Hash {
				cosigned = append(cosigned, Signature{Key: k, Time: sigTime(s)})
			}
		}
	}
	if len(log) == 0 {
		return Checkpoint{}, nil, fmt.Errorf("checkpoint of %q: %w", c.Origin, ErrLogUnsigned)
	}
	return c, append(log[:1:1], cosigned...), nil
}

// sigTime reads the time of a verified cosignature line.
func sigTime(s note.Signature) time.Time {
	raw, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(raw) != 4+cosignatureSize {
		return time.Time{}
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC()
}

// openNote opens a signed note of bounded size under the given keys.
func openNote(raw []byte, keys ...Key) (*note.Note, error) {
	if len(raw) > MaxCheckpoint {
		return nil, fmt.Errorf("checkpoint of %d bytes: %w of %d", len(raw), ErrTooLarge, MaxCheckpoint)
	}
	known := make([]note.Verifier, 0, len(keys))
	for _, k := range keys {
		known = append(known, k)
	}
	n, err := note.Open(raw, note.VerifierList(known...))
	if err == nil {
		return n, nil
	}
	_, unverified := errors.AsType[*note.UnverifiedNoteError](err)
	_, invalid := errors.AsType[*note.InvalidSignatureError](err)
	switch {
	case unverified, invalid:
		return nil, err
	case strings.HasPrefix(err.Error(), "ambiguous key"):
		return nil, fmt.Errorf("%w: %w", ErrAmbiguousKeys, err)
	}
	return nil, ErrNote
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
