package witness

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// maxAnswer is the largest answer, in bytes, that is read from a witness. Cosignatures of several
// keys and types fit.
const maxAnswer = 64 << 10

// maxRetries is how often one request follows the size that a witness names.
const maxRetries = 3

// peer is one witness, as the client knows it.
type peer struct {
	tlog.WitnessEntry
	client *Client

	busy sync.Mutex // held while a request is under way
	size uint64     // what the witness cosigned last, as far as we know; guarded by busy
}

// cosign gets this witness's cosignature for a round's checkpoint.
func (p *peer) cosign(ctx context.Context, r *Round) Outcome {
	start := time.Now()
	out := Outcome{Witness: p.WitnessEntry}
	if p.busy.TryLock() {
		defer p.busy.Unlock()
		ctx, cancel := context.WithTimeout(ctx, p.client.opts.Timeout)
		defer cancel()
		out.Signature, out.Err = p.ask(ctx, r)
	} else {
		out.Err = ErrWitnessBusy
	}
	out.Took = time.Since(start)
	if out.Err != nil {
		out.Err = fmt.Errorf("witness %s: %w", p.Name, out.Err)
	}
	return out
}

// ask posts the checkpoint with a proof from the size we believe the witness has, and again from
// the size that it names instead.
func (p *peer) ask(ctx context.Context, r *Round) (tlog.Signature, error) {
	size := r.opened.Checkpoint.Size
	for range maxRetries {
		if p.size > size {
			return tlog.Signature{}, ErrSuperseded
		}
		proof, err := p.client.opts.Prover.Consistency(ctx, p.size, size)
		if err != nil {
			return tlog.Signature{}, err
		}
		req := tlog.AddCheckpoint{OldSize: p.size, Proof: proof, Checkpoint: []byte(r.base)}
		status, body, err := p.do(ctx, http.MethodPost, "add-checkpoint", req.Marshal())
		if err != nil {
			return tlog.Signature{}, err
		}
		switch status {
		case http.StatusOK:
			sig, err := p.verify(r, body)
			if err == nil {
				p.size = size
			}
			return sig, err
		case http.StatusConflict:
			if err := p.follow(ctx, r, body); err != nil {
				return tlog.Signature{}, err
			}
		default:
			return tlog.Signature{}, p.refused(ctx, r, status, body)
		}
	}
	return tlog.Signature{}, fmt.Errorf("names another size each time: %w", ErrWitnessAnswer)
}

// follow takes over the size that a witness names in a conflict.
func (p *peer) follow(ctx context.Context, r *Round, body []byte) error {
	line, ok := strings.CutSuffix(string(body), "\n")
	told, err := strconv.ParseUint(line, 10, 63)
	if !ok || err != nil || strconv.FormatUint(told, 10) != line {
		if p.size == r.opened.Checkpoint.Size {
			// Before tlog-witness v1.0.0 that was the answer to another root of the same size.
			return p.conflict(ctx, r, ErrWitnessForked, p.size)
		}
		return fmt.Errorf("conflict without a size: %.80q: %w", body, ErrWitnessAnswer)
	}
	switch ours := r.opened.Checkpoint.Size; {
	case told == p.size:
		return fmt.Errorf("conflict over the size %d that it has itself: %w", told, ErrWitnessAnswer)
	case told <= ours:
		p.size = told
		return nil
	case told <= p.client.newest.Load():
		p.size = told
		return ErrSuperseded
	default:
		return p.conflict(ctx, r, ErrWitnessAhead, told)
	}
}

// verify finds this witness's cosignature among the lines of an answer and checks it.
func (p *peer) verify(r *Round, body []byte) (tlog.Signature, error) {
	signed := r.base + string(body)
	o, err := tlog.Open([]byte(signed), p.client.logs, []tlog.Key{p.Key})
	switch {
	case errors.Is(err, tlog.ErrCosignature):
		return tlog.Signature{}, fmt.Errorf("%w: %w", ErrWitnessSignature, err)
	case err != nil:
		return tlog.Signature{}, fmt.Errorf("%w: %w", ErrWitnessAnswer, err)
	case len(o.Cosigned) == 0:
		return tlog.Signature{}, fmt.Errorf("none by the key we know: %w", ErrWitnessSignature)
	case o.Cosigned[0].Time.Unix() == 0:
		return tlog.Signature{}, fmt.Errorf("cosignature without a time: %w", ErrWitnessAnswer)
	}
	sig := o.Cosigned[0]
	sig.Witness = p.Name
	return sig, nil
}

// refused turns a status into an error.
func (p *peer) refused(ctx context.Context, r *Round, status int, body []byte) error {
	if status == http.StatusUnprocessableEntity {
		return p.conflict(ctx, r, ErrWitnessForked, p.size)
	}
	return &RefusedError{Status: status, Body: printable(body)}
}

// conflict makes the error for a tree that the log does not have, and asks the witness for the
// log's own signature on it.
func (p *peer) conflict(ctx context.Context, r *Round, fact error, theirs uint64) error {
	e := &ConflictError{Fact: fact, Ours: r.opened.Checkpoint.Size, Theirs: theirs}
	hash := sha256.Sum256([]byte(r.opened.Checkpoint.Origin))
	status, body, err := p.do(ctx, http.MethodGet, hex.EncodeToString(hash[:])+"/checkpoint", nil)
	if err != nil || status != http.StatusOK {
		return e
	}
	o, err := tlog.Open(body, p.client.logs, nil)
	if err != nil {
		return e
	}
	larger := o.Checkpoint.Size > e.Ours
	other := o.Checkpoint.Size == e.Ours && o.Checkpoint.Root != r.opened.Checkpoint.Root
	if larger || other {
		e.Signed = body
	}
	return e
}

// do sends one request and reads a bounded answer.
func (p *peer) do(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
	url := strings.TrimSuffix(p.URL, "/") + "/" + path
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	resp, err := p.client.opts.HTTP.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrWitnessUnreachable, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return 0, nil, fmt.Errorf("%w: %w", ErrWitnessUnreachable, err)
	case len(data) > maxAnswer:
		return 0, nil, fmt.Errorf("more than %d bytes: %w", maxAnswer, ErrWitnessAnswer)
	}
	return resp.StatusCode, data, nil
}

// printable is the beginning of an answer, fit for an error message.
func printable(body []byte) string {
	line, _, _ := strings.Cut(string(body[:min(len(body), 200)]), "\n")
	return strings.Trim(strconv.Quote(line), `"`)
}
