package witness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// Outcome is what came of asking one witness.
type Outcome struct {
	Witness   tlog.WitnessEntry
	Signature tlog.Signature // verified; zero if Err is not nil
	Err       error
	Took      time.Duration
}

// Round is one checkpoint on its way to all witnesses.
type Round struct {
	client *Client
	base   string // the checkpoint without the cosignatures of the policy's witnesses
	opened tlog.Opened

	mu       sync.Mutex
	outcomes []Outcome     // guarded by mu
	waiting  int           // guarded by mu; witnesses that have not answered
	met      bool          // guarded by mu; whether the quorum is met
	settled  bool          // guarded by mu; whether decided is closed
	decided  chan struct{} // closed when the quorum is met or cannot be any more
	done     chan struct{} // closed when every witness has answered or failed
}

// Quorum waits until enough witnesses have cosigned and returns the checkpoint with their
// signatures. It returns an error wrapping [tlog.ErrQuorum] and every witness's own error when all
// have answered and they are too few.
func (r *Round) Quorum(ctx context.Context) ([]byte, error) {
	select {
	case <-r.decided:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for witnesses: %w", ctx.Err())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.met {
		return r.checkpoint(), nil
	}
	errs := []error{fmt.Errorf("checkpoint of %d entries: %w", r.opened.Checkpoint.Size, tlog.ErrQuorum)}
	for _, o := range r.outcomes {
		if o.Err != nil {
			errs = append(errs, o.Err)
		}
	}
	return nil, errors.Join(errs...)
}

// Wait waits until every witness has answered or failed, and returns what came of each.
func (r *Round) Wait(ctx context.Context) ([]Outcome, error) {
	select {
	case <-r.done:
	case <-ctx.Done():
		return r.Outcomes(), fmt.Errorf("wait for witnesses: %w", ctx.Err())
	}
	return r.Outcomes(), nil
}

// Done is closed when every witness has answered or failed. [Round.Checkpoint] then has the late
// cosignatures too.
func (r *Round) Done() <-chan struct{} { return r.done }

// Outcomes returns what came of the witnesses that have answered or failed so far.
func (r *Round) Outcomes() []Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Outcome{}, r.outcomes...)
}

// Checkpoint returns the checkpoint with the cosignatures so far, in the order of the policy.
func (r *Round) Checkpoint() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.checkpoint()
}

// checkpoint is called with mu held.
func (r *Round) checkpoint() []byte {
	text := r.base
	for _, p := range r.client.peers {
		for _, o := range r.outcomes {
			if o.Err == nil && o.Witness.Key == p.Key {
				text += o.Signature.Line
			}
		}
	}
	return []byte(text)
}

// answer records what came of one witness.
func (r *Round) answer(o Outcome) {
	r.mu.Lock()
	r.outcomes = append(r.outcomes, o)
	r.waiting--
	r.mu.Unlock()
	r.judge()
}

// judge closes decided and done when their time has come.
func (r *Round) judge() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.settled {
		_, err := r.client.opts.Policy.Check(r.checkpoint())
		r.met = err == nil
		if r.settled = r.met || r.waiting == 0; r.settled {
			close(r.decided)
		}
	}
	if r.waiting == 0 {
		close(r.done)
	}
}
