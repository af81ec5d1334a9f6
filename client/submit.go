package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Limits of one batch; the server has the same.
const (
	MaxBatchBytes = 16 << 20
	MaxBatchLines = 10000
)

// Media types of what is submitted.
const (
	typeEnvelope = "application/vnd.dsse+json"
	typeBatch    = "application/x-ndjson"
)

// ErrBatch says that a batch cannot be sent as it is.
var ErrBatch = errors.New("not a batch")

// Submitted is the answer to one statement.
type Submitted struct {
	Known   bool   // the log had it already
	Receipt []byte // see package receipt; not verified
}

// Submit sends one envelope and returns its receipt.
func (c *Client) Submit(ctx context.Context, envelope []byte, wait Wait) (*Submitted, error) {
	a, err := c.do(ctx, request{
		method: http.MethodPost, path: "/v1/statements" + waitQuery(wait),
		body: envelope, contentType: typeEnvelope,
		limit: receipt.MaxFile, accept: []int{http.StatusOK, http.StatusCreated},
	})
	if err != nil {
		return nil, err
	}
	return &Submitted{Known: a.status == http.StatusOK, Receipt: a.body}, nil
}

// Status says what became of one line of a batch.
type Status string

// What can become of a line.
const (
	Recorded Status = "recorded"
	Known    Status = "known" // the log had it already
	Refused  Status = "refused"
)

// Line is the answer to one line of a batch.
type Line struct {
	Line   int              `json:"line"` // counted from 0
	Status Status           `json:"status"`
	ID     statement.Digest `json:"id,omitzero"`
	Index  uint64           `json:"index,omitzero"`
	Proof  []tlog.Hash      `json:"proof,omitzero"` // of inclusion, in the tree of the batch's checkpoint
	Error  *LineError       `json:"error,omitzero"` // if it was refused
}

// LineError says why one line was refused.
type LineError struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitzero"`
}

// Error says why.
func (e *LineError) Error() string { return e.Detail }

// Batch is the answer to a batch. Its parts make the receipts.
type Batch struct {
	Log        string // the log's verifier key; a hint, as in a receipt
	Checkpoint []byte // as the log signed it; empty if every line was refused
	Lines      []Line
}

// SubmitBatch sends many envelopes in one request. Each must be one line: without LF, and not ending in CR. The answer
// has a line for each, in order; bad ones are refused and the others go on.
func (c *Client) SubmitBatch(ctx context.Context, envelopes [][]byte, wait Wait) (*Batch, error) {
	body, err := joinLines(envelopes)
	if err != nil {
		return nil, err
	}
	a, err := c.do(ctx, request{
		method: http.MethodPost, path: "/v1/statements" + waitQuery(wait),
		body: body, contentType: typeBatch,
		limit: 64 << 20,
	})
	if err != nil {
		return nil, err
	}
	return parseBatch(a.body, len(envelopes))
}

// Receipt returns the receipt of line i, whose envelope the caller has kept.
func (b *Batch) Receipt(i int, envelope []byte) (*receipt.Receipt, error) {
	l := b.Lines[i]
	if l.Status == Refused {
		return nil, l.Error
	}
	r := &receipt.Receipt{Envelope: envelope}
	r.Proof = tlog.Proof{Index: l.Index, Hashes: l.Proof, Checkpoint: b.Checkpoint}
	if b.Log != "" {
		key, err := tlog.ParseKey(b.Log)
		if err != nil {
			return nil, fmt.Errorf("log of the batch: %w", err)
		}
		r.Log = key
	}
	return r, nil
}

func joinLines(envelopes [][]byte) ([]byte, error) {
	if len(envelopes) == 0 || len(envelopes) > MaxBatchLines {
		return nil, fmt.Errorf("%w: %d statements, 1 to %d can be sent at once", ErrBatch, len(envelopes), MaxBatchLines)
	}
	size := 0
	for i, e := range envelopes {
		if len(e) == 0 || bytes.IndexByte(e, '\n') >= 0 || e[len(e)-1] == '\r' {
			return nil, fmt.Errorf("%w: statement %d is not one line", ErrBatch, i)
		}
		size += len(e) + 1
	}
	if size > MaxBatchBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d can be sent at once", ErrBatch, size, MaxBatchBytes)
	}
	body := make([]byte, 0, size)
	for _, e := range envelopes {
		body = append(append(body, e...), '\n')
	}
	return body, nil
}

// parseBatch reads the lines of an answer. The last one has the checkpoint; without it the answer was cut off.
func parseBatch(body []byte, want int) (*Batch, error) {
	b := &Batch{Lines: make([]Line, 0, want)}
	lines := bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
	last := lines[len(lines)-1]
	for i, text := range lines[:len(lines)-1] {
		var l Line
		if err := unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrAnswer, i, err)
		}
		if l.Line != i || (l.Status == Refused) != (l.Error != nil) {
			return nil, fmt.Errorf("%w: line %d is about line %d, status %q", ErrAnswer, i, l.Line, l.Status)
		}
		b.Lines = append(b.Lines, l)
	}
	var end struct {
		Log        string  `json:"log"`
		Checkpoint *string `json:"checkpoint"`
	}
	if err := unmarshal(last, &end); err != nil || end.Checkpoint == nil || len(b.Lines) != want {
		return nil, fmt.Errorf("%w: cut off after %d of %d lines", ErrAnswer, len(b.Lines), want)
	}
	b.Log, b.Checkpoint = end.Log, []byte(*end.Checkpoint)
	return b, nil
}

func waitQuery(w Wait) string {
	if w == "" {
		return ""
	}
	return "?wait=" + url.QueryEscape(string(w))
}
