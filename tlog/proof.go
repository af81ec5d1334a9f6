package tlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// proofHeader is the first line of every proof.
const proofHeader = "c2sp.org/tlog-proof@v1"

// MaxExtra is the largest extra data, in bytes, that a [Proof] may carry.
const MaxExtra = 64 << 10

// MaxProofFile is the largest proof, in bytes, that we read.
const MaxProofFile = MaxCheckpoint + 2*MaxExtra + 64*(MaxProof+3)

// ErrProof says that bytes are not a tlog-proof.
var ErrProof = errors.New("not a tlog-proof")

// Proof is an offline proof that a log has an entry (c2sp.org/tlog-proof@v1).
type Proof struct {
	Extra      []byte // opaque, not authenticated; nil when absent
	Index      uint64
	Hashes     []Hash
	Checkpoint []byte // signed, verbatim
}

// ParseProof reads a proof. Nothing in it is verified: see [Proof.Verify].
func ParseProof(raw []byte) (*Proof, error) {
	if len(raw) > MaxProofFile {
		return nil, fmt.Errorf("proof of %d bytes: %w of %d", len(raw), ErrTooLarge, MaxProofFile)
	}
	head, checkpoint, ok := strings.Cut(string(raw), "\n\n")
	if !ok {
		return nil, fmt.Errorf("no empty line before the checkpoint: %w", ErrProof)
	}
	lines := strings.Split(head, "\n")
	if lines[0] != proofHeader {
		return nil, fmt.Errorf("first line %.40q: %w", lines[0], ErrProof)
	}
	lines = lines[1:]
	p := &Proof{Checkpoint: []byte(checkpoint)}
	if b64, ok := strings.CutPrefix(first(lines), "extra "); ok {
		extra, err := base64.StdEncoding.Strict().DecodeString(b64)
		if err != nil || base64.StdEncoding.EncodeToString(extra) != b64 {
			return nil, fmt.Errorf("extra data is not base64: %w", ErrProof)
		}
		if len(extra) == 0 || len(extra) > MaxExtra {
			return nil, fmt.Errorf("extra data of %d bytes: %w", len(extra), ErrProof)
		}
		p.Extra, lines = extra, lines[1:]
	}
	index, ok := strings.CutPrefix(first(lines), "index ")
	if !ok {
		return nil, fmt.Errorf("no index line: %w", ErrProof)
	}
	var err error
	if p.Index, err = parseSize(index); err != nil {
		return nil, fmt.Errorf("index: %s: %w", err.Error(), ErrProof)
	}
	if p.Hashes, err = parseHashes(lines[1:]); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrProof)
	}
	if _, err := UnverifiedCheckpoint(p.Checkpoint); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrProof)
	}
	return p, nil
}

// first returns the first line, or an empty one.
func first(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// Marshal returns the proof's text. [ParseProof] reads it back.
func (p *Proof) Marshal() []byte {
	b := []byte(proofHeader + "\n")
	if len(p.Extra) > 0 {
		b = append(b, "extra "...)
		b = base64.StdEncoding.AppendEncode(b, p.Extra)
		b = append(b, '\n')
	}
	b = append(b, "index "...)
	b = strconv.AppendUint(b, p.Index, 10)
	b = append(b, '\n')
	b = appendHashes(b, p.Hashes)
	b = append(b, '\n')
	return append(b, p.Checkpoint...)
}

// Verify checks the proof in the order of the specification: the policy must know the log and
// accept the checkpoint, and the proof must lead from leaf to the checkpoint's root.
func (p *Proof) Verify(leaf Hash, policy *Policy) (Verdict, error) {
	v, err := policy.Check(p.Checkpoint)
	if err != nil {
		return v, err
	}
	return v, VerifyInclusion(leaf, p.Index, v.Checkpoint.Size, p.Hashes, v.Checkpoint.Root)
}

// parseHashes reads one hash a line, at most [MaxProof].
func parseHashes(lines []string) ([]Hash, error) {
	if len(lines) > MaxProof {
		return nil, fmt.Errorf("%d hashes: %w of %d", len(lines), ErrTooLarge, MaxProof)
	}
	var hashes []Hash
	for _, line := range lines {
		h, err := parseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, h)
	}
	return hashes, nil
}

func appendHashes(b []byte, hashes []Hash) []byte {
	for _, h := range hashes {
		b = base64.StdEncoding.AppendEncode(b, h[:])
		b = append(b, '\n')
	}
	return b
}
