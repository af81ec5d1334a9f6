package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// submit passes statements on to the log's own server. An envelope is recorded to the last byte, so that one which is
// not a line of a batch goes alone.
func (b *remote) submit(ctx context.Context, wait logserver.Wait, envelopes []*statement.Envelope) (*outcome, error) {
	if err := b.conflict(); err != nil {
		return nil, err
	}
	r := relay{b: b, wait: wait, envelopes: envelopes}
	r.out.Entries = make([]logserver.Entry, len(envelopes))
	var lines []int
	for i, e := range envelopes {
		if isLine(e.Raw()) {
			lines = append(lines, i)
		} else if err := r.one(ctx, i); err != nil {
			return nil, err
		}
	}
	alone := len(envelopes) - len(lines)
	if len(lines) > 0 {
		if err := r.batch(ctx, lines); err != nil {
			return nil, err
		}
	}
	if alone > 0 && len(envelopes) > 1 {
		if err := r.prove(ctx); err != nil {
			return nil, err
		}
	}
	return &r.out, nil
}

// isLine reports whether an envelope can be a line of a batch, whose end is LF or CRLF.
func isLine(raw []byte) bool {
	return bytes.IndexByte(raw, '\n') < 0 && !bytes.HasSuffix(raw, []byte("\r"))
}

// relay is a submission on its way to the log's own server.
type relay struct {
	b         *remote
	wait      logserver.Wait
	envelopes []*statement.Envelope
	out       outcome
}

// one sends one envelope by the route for one.
func (r *relay) one(ctx context.Context, i int) error {
	e := r.envelopes[i]
	answer, err := r.b.client.Submit(ctx, e.Raw(), clientWait(r.wait))
	if up, ok := errors.AsType[*client.Problem](err); ok && passedOn[up.Code] != nil && len(r.envelopes) > 1 {
		r.refuse(i, up.Code, up.Detail, up.Hint)
		return nil
	}
	if err != nil {
		return err
	}
	list, err := receipt.Parse(answer.Receipt)
	if err != nil || len(list) != 1 {
		return problemUpstream.with("the log's server answered with something that is not a receipt")
	}
	proof := list[0].Proof
	r.out.Entries[i] = logserver.Entry{Index: proof.Index, ID: e.ID(), Known: answer.Known, Proof: proof.Hashes}
	r.out.Checkpoint = proof.Checkpoint
	return nil
}

// batch sends those envelopes that are lines.
func (r *relay) batch(ctx context.Context, lines []int) error {
	raws := make([][]byte, len(lines))
	for n, i := range lines {
		raws[n] = r.envelopes[i].Raw()
	}
	answer, err := r.b.client.SubmitBatch(ctx, raws, clientWait(r.wait))
	if err != nil {
		return err
	}
	if len(answer.Checkpoint) > 0 {
		r.out.Checkpoint = answer.Checkpoint
	}
	for n, l := range answer.Lines {
		if l.Status == client.Refused {
			r.refuse(lines[n], l.Error.Code, l.Error.Detail, l.Error.Hint)
			continue
		}
		r.out.Entries[lines[n]] = logserver.Entry{Index: l.Index, ID: l.ID, Known: l.Status == client.Known, Proof: l.Proof}
	}
	return nil
}

// prove makes every proof anew in the tree of the newest checkpoint, as the answers had trees of their own.
func (r *relay) prove(ctx context.Context) error {
	if len(r.out.refused) == len(r.envelopes) {
		return nil
	}
	c, _, err := tlog.OpenCheckpoint(r.out.Checkpoint, r.b.key)
	if err != nil {
		return problemUpstream.with("checkpoint: %v", err)
	}
	for i := range r.out.Entries {
		if r.out.refused[i] != nil {
			continue
		}
		e := &r.out.Entries[i]
		if e.Proof, err = r.b.prover.Inclusion(ctx, e.Index, c.Size); err != nil {
			return fmt.Errorf("prove entry %d: %w", e.Index, err)
		}
		if err := tlog.VerifyInclusion(tlog.LeafHash(r.envelopes[i].Raw()), e.Index, c.Size, e.Proof, c.Root); err != nil {
			return problemUpstream.with("entry %d: %v", e.Index, err)
		}
	}
	return nil
}

// refuse notes that the log's own server does not take a statement, although its signatures are good here.
func (r *relay) refuse(i int, code, detail, hint string) {
	if r.out.refused == nil {
		r.out.refused = make(map[int]*problem)
	}
	if known := passedOn[code]; known != nil {
		p := known.with("%s", detail)
		p.hint = hint
		r.out.refused[i] = p
		return
	}
	r.out.refused[i] = problemUpstream.with("the log's own server refused the statement: %s", detail)
}

// passedOn are the refusals of the log's own server that are for whoever submitted the statement.
var passedOn = map[string]*problem{
	problemQuota.code: problemQuota.after(time.Second),
}
