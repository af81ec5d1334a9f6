package witness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// DefaultTimeout is how long a [Client] waits for one witness unless told otherwise.
const DefaultTimeout = 5 * time.Second

// Prover builds the consistency proofs that a [Client] sends. A [tlog.Prover] is one.
type Prover interface {
	Consistency(ctx context.Context, oldSize, newSize uint64) ([]tlog.Hash, error)
}

// ClientOptions says whom a [Client] asks and how.
type ClientOptions struct {
	Policy  *tlog.Policy  // knows the log; its witnesses that have a URL are asked
	Prover  Prover        // over the log's own tiles
	HTTP    *http.Client  // nil for one that follows no redirects
	Timeout time.Duration // for each witness; zero for [DefaultTimeout]
}

// Client asks witnesses to cosign a log's checkpoints. It remembers what each witness cosigned
// last, asks all of them at once, and never lets one of them hold up the others. It is safe for
// concurrent use; each witness is asked one thing at a time.
type Client struct {
	opts  ClientOptions
	logs  []tlog.Key
	peers []*peer
	// newest is the largest tree that this client was asked to have cosigned.
	newest atomic.Uint64
}

// NewClient returns a client for one log.
func NewClient(opts ClientOptions) (*Client, error) {
	if opts.HTTP == nil {
		opts.HTTP = newHTTPClient()
	}
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultTimeout
	}
	c := &Client{opts: opts}
	for _, l := range opts.Policy.Logs() {
		c.logs = append(c.logs, l.Key)
	}
	for _, w := range opts.Policy.Witnesses() {
		if w.URL == "" {
			continue
		}
		u, err := url.Parse(w.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("witness %s: %q is not an http address", w.Name, w.URL)
		}
		c.peers = append(c.peers, &peer{WitnessEntry: w, client: c})
	}
	return c, nil
}

func newHTTPClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxResponseHeaderBytes = 16 << 10
	t.MaxIdleConnsPerHost = 2
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Ask sends a checkpoint to every witness at once and returns immediately. The requests end when
// they are answered, when their time is up, or with ctx.
//
// It returns an error only if the checkpoint is not one of the policy's log.
func (c *Client) Ask(ctx context.Context, checkpoint []byte) (*Round, error) {
	claim, err := tlog.UnverifiedCheckpoint(checkpoint)
	if err != nil {
		return nil, fmt.Errorf("ask witnesses: %w", err)
	}
	var logs, known []tlog.Key
	for _, k := range c.logs {
		if k.Origin() == claim.Origin {
			logs = append(logs, k)
		}
	}
	for _, w := range c.opts.Policy.Witnesses() {
		known = append(known, w.Key)
	}
	o, err := tlog.Open(checkpoint, logs, known)
	if err != nil {
		return nil, fmt.Errorf("ask witnesses: %w", err)
	}
	for old := c.newest.Load(); old < o.Checkpoint.Size; old = c.newest.Load() {
		c.newest.CompareAndSwap(old, o.Checkpoint.Size)
	}
	base := string(checkpoint)
	for _, s := range o.Cosigned { // asked for afresh
		base = strings.Replace(base, s.Line, "", 1)
	}
	r := &Round{
		client:  c,
		base:    base,
		opened:  o,
		waiting: len(c.peers),
		decided: make(chan struct{}),
		done:    make(chan struct{}),
	}
	r.judge()
	for _, p := range c.peers {
		go func() { r.answer(p.cosign(ctx, r)) }()
	}
	return r, nil
}

// Probe asks every witness about a checkpoint that the log has signed before, and waits for all
// of them. It returns an error wrapping [ErrWitnessAhead] or [ErrWitnessForked] if a witness knows
// a tree that the log does not have: then the log has lost or changed its past and must not sign.
// A witness that cannot be asked is no error; the outcomes say so.
func (c *Client) Probe(ctx context.Context, checkpoint []byte) ([]Outcome, error) {
	r, err := c.Ask(ctx, checkpoint)
	if err != nil {
		return nil, err
	}
	outcomes, err := r.Wait(ctx)
	if err != nil {
		return outcomes, err
	}
	for _, o := range outcomes {
		if errors.Is(o.Err, ErrWitnessAhead) || errors.Is(o.Err, ErrWitnessForked) {
			return outcomes, o.Err
		}
	}
	return outcomes, nil
}
