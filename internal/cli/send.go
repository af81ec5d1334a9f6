package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// connect asks the log who it is, before anything is read or signed. Whoever mistyped an address learns it at once,
// unless they said how long to wait.
func (r *recorder) connect(ctx context.Context) (err error) {
	// One attempt each: what is worth another is announced, see insist.
	r.service, err = client.New(r.log, client.Options{Attempts: 1, UserAgent: userAgent()})
	if err != nil {
		return err
	}
	var policy *tlog.Policy
	ask := func() error {
		policy, err = fetchPolicy(ctx, r.service)
		return err
	}
	if r.options.patient {
		err = r.insist(ctx, ask)
	} else {
		err = ask()
	}
	if err != nil {
		return err
	}
	if logs := policy.Logs(); len(logs) == 1 {
		r.logKey = logs[0].Key
	}
	for _, w := range policy.Witnesses() {
		r.witnesses = append(r.witnesses, w.Name)
	}
	return nil
}

// connect returns a client that asks at most once more.
func (a *app) connect(address string) (*client.Client, error) {
	return client.New(address, client.Options{Attempts: 2, MaxDelay: time.Second, UserAgent: userAgent()})
}

func userAgent() string { return "wherefrom/" + buildVersion().Version }

// fetchPolicy asks a server for the key of its log and its witnesses.
func fetchPolicy(ctx context.Context, c *client.Client) (*tlog.Policy, error) {
	text, err := c.Policy(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask %s who it is: %w", c.URL(), err)
	}
	policy, err := tlog.ParsePolicy(text)
	if err != nil {
		return nil, &UserError{Code: codeServerAnswer, Msg: c.URL() + " does not answer like a log", Err: err, Hint: "check the address"}
	}
	return policy, nil
}

// send signs a batch, keeps the envelopes, sends them and writes the receipts, in that order.
func (r *recorder) send(ctx context.Context, batch []*task) error {
	var todo []*task
	for _, t := range batch {
		switch err := r.seal(t); {
		case err != nil:
			r.failFile(t.source.path, explain(err))
		case t.done != nil:
			if err := r.journal.Done(t.key); err != nil { // a run that was killed may not have come to say so
				return err
			}
			r.add(t, statusSkipped, t.done)
		default:
			todo = append(todo, t)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	if err := r.journal.Sync(); err != nil {
		return err
	}
	for _, part := range requests(todo) {
		if err := r.deliver(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// seal makes sure that a task has its envelope: the one an earlier run signed, or a new one.
func (r *recorder) seal(t *task) error {
	if t.done != nil || t.envelope != nil {
		return nil
	}
	if kept, ok := r.journal.Envelope(t.key); ok {
		t.envelope = kept
		return nil
	}
	raw, err := statement.Sign(t.unsigned, r.signer)
	if err != nil {
		return err
	}
	t.envelope = raw
	return r.journal.Put(t.key, raw)
}

// requests divides a batch into what is sent at once: all of it if each envelope is one line, else one by one.
func requests(todo []*task) (parts [][]*task) {
	manyLines := func(t *task) bool { return bytes.ContainsAny(t.envelope, "\r\n") }
	if !slices.ContainsFunc(todo, manyLines) {
		return [][]*task{todo}
	}
	for _, t := range todo {
		parts = append(parts, []*task{t})
	}
	return parts
}

// deliver has statements recorded. If all that is missing in the end is the witnesses, the run goes on without them:
// a receipt that only the log has signed is worth more than none, and can be renewed.
func (r *recorder) deliver(ctx context.Context, part []*task) error {
	do := func() error { return r.submit(ctx, part) }
	err := r.insist(ctx, do)
	if r.wait() == client.Fast || !late(err) || ctx.Err() != nil {
		return err
	}
	r.gaveUp = true
	return r.insist(ctx, do)
}

// wait says which receipts are asked for.
func (r *recorder) wait() client.Wait {
	if r.gaveUp {
		return client.Fast
	}
	return client.Wait(r.options.wait)
}

// insist repeats a request while the log is busy or cannot be reached, and says so. The time that requests take counts.
func (r *recorder) insist(ctx context.Context, do func() error) error {
	deadline := r.a.now().Add(r.options.retry)
	for {
		err := do()
		left := deadline.Sub(r.a.now())
		delay, passing := retryDelay(err, left)
		if err == nil || !passing || ctx.Err() != nil || left <= 0 || delay > left {
			return err
		}
		r.progress.Note("%s; trying again in %s (Ctrl-C stops, and nothing is lost)", r.busyWords(err), term.Duration(delay))
		if err := r.a.pause(ctx, delay); err != nil {
			return err
		}
	}
}

// retryDelay says whether it is worth asking again, and when. Only the log's own word makes it later than the end of
// the time that is left.
func retryDelay(err error, left time.Duration) (time.Duration, bool) {
	var p *client.Problem
	if errors.As(err, &p) {
		switch p.Status {
		case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
			return max(p.RetryAfter, time.Second), true
		}
		return 0, false
	}
	return min(5*time.Second, left), isNetwork(err)
}

func (r *recorder) busyWords(err error) string {
	var p *client.Problem
	switch {
	case notFinal(err) && len(r.witnesses) > 0:
		return "recorded, but too few of the log's witnesses (" + strings.Join(r.witnesses, ", ") + ") have cosigned yet"
	case errors.As(err, &p) && p.Title != "":
		return "the log says: " + p.Title
	}
	return "the log cannot be reached"
}

// late reports whether the log has the statements, or may have them, and could not say in time that they are final.
func late(err error) bool {
	var p *client.Problem
	return notFinal(err) || errors.As(err, &p) && p.Code == "timeout"
}

// notFinal reports whether statements are recorded, and only the log's witnesses have not cosigned yet.
func notFinal(err error) bool {
	var p *client.Problem
	return errors.As(err, &p) && Code(p.Code) == codeNotFinal
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// submit sends envelopes in one request and writes a receipt for each that was recorded.
func (r *recorder) submit(ctx context.Context, part []*task) error {
	if len(part) == 1 {
		return r.submitOne(ctx, part[0])
	}
	envelopes := make([][]byte, len(part))
	for i, t := range part {
		envelopes[i] = t.envelope
	}
	answer, err := r.service.SubmitBatch(ctx, envelopes, r.wait())
	if err != nil {
		return err
	}
	var fresh []arrival
	for i, t := range part {
		line := answer.Lines[i]
		if line.Status == client.Refused {
			r.refuse(t, line.Error.Code, line.Error.Detail, line.Error.Hint)
			continue
		}
		got, err := answer.Receipt(i, t.envelope)
		if err != nil {
			return err
		}
		fresh = append(fresh, arrival{t, got, line.Status == client.Known})
	}
	return r.keep(fresh...)
}

func (r *recorder) submitOne(ctx context.Context, t *task) error {
	answer, err := r.service.Submit(ctx, t.envelope, r.wait())
	var p *client.Problem
	if errors.As(err, &p) && p.Status >= 400 && p.Status < 500 && p.Status != http.StatusTooManyRequests {
		r.refuse(t, p.Code, p.Detail, p.Hint)
		return nil
	}
	if err != nil {
		return err
	}
	receipts, err := receipt.Parse(answer.Receipt)
	if err != nil || len(receipts) != 1 {
		return &UserError{Code: codeServerAnswer, Msg: "the log's answer is not a receipt", Err: err, Hint: "nothing was written; run wherefrom doctor"}
	}
	return r.keep(arrival{t, receipts[0], answer.Known})
}

// refuse notes that the log does not take a statement. What it will never take need not be kept.
func (r *recorder) refuse(t *task, code, detail, hint string) {
	e := refusal(code, fmt.Sprintf("the log refused %s: %s", t.source.path, detail), hint)
	r.failFile(t.source.path, e)
	if e.Code == codeRefused || e.Code == codeStatement {
		// The journal's own error would be found by its Close; the refusal is what matters here.
		_ = r.journal.Done(t.key)
	}
}
