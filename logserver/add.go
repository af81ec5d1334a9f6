package logserver

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/transparency-dev/tessera"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Wait says which checkpoint a caller wants to see its statements in.
type Wait int

const (
	// Fast waits for the log's own signature: about 0.1 to 0.2 seconds.
	Fast Wait = iota
	// Final waits until the witnesses of the log's policy have cosigned too. Without witnesses it is
	// the same as Fast.
	Final
)

// Batch is what came of one Add: one checkpoint, and a proof for each statement that leads to it.
type Batch struct {
	Checkpoint []byte // signed
	Size       uint64 // of the checkpoint's tree
	Entries    []Entry
}

// Entry is one statement's place in the log.
type Entry struct {
	Index uint64
	ID    statement.Digest
	Known bool        // it was recorded before, by another call at the same time, or earlier in this one
	Proof []tlog.Hash // that the batch's checkpoint covers it
}

// Add records statements and waits until a checkpoint covers them all. Each must have been opened:
// the log takes nothing whose signatures were not verified ([ErrNotVerified]).
//
// Add is idempotent. A statement that the log has already, byte for byte, gets its first index
// again, also when two calls bring it at the same time.
//
// When Add returns an error, some of the statements may be recorded all the same, or may be a
// moment later: also when ctx ended while it waited. Adding them again is always safe and finds
// them. [ErrBusy] means that nothing of the call was taken.
func (l *Log) Add(ctx context.Context, wait Wait, envelopes ...*statement.Envelope) (*Batch, error) {
	started := l.now()
	batch, err := l.add(ctx, wait, envelopes)
	l.metrics.added(batch, err, l.now().Sub(started))
	return batch, err
}

func (l *Log) add(ctx context.Context, wait Wait, envelopes []*statement.Envelope) (*Batch, error) {
	for i, e := range envelopes {
		if !e.Verified() {
			return nil, fmt.Errorf("statement %d: %w", i, ErrNotVerified)
		}
	}
	slots, err := l.admit(wait, envelopes)
	if err != nil {
		return nil, err
	}
	leave := sync.OnceFunc(slots.drop)
	defer leave()
	if wait == Final {
		defer slots.doneWaiting()
	}
	c := l.submit(slots, envelopes)
	size, err := l.settled(ctx, c)
	if err != nil {
		return nil, err
	}
	tree, err := l.fast.wait(ctx, size)
	leave()
	if err == nil && wait == Final {
		tree, err = l.final.wait(ctx, size)
	}
	if err != nil {
		return nil, err
	}
	return l.batch(ctx, c, tree)
}

// admit takes room for a call, unless the log is closing, has stopped, or is full.
func (l *Log) admit(wait Wait, envelopes []*statement.Envelope) (*slots, error) {
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closing {
		return nil, ErrClosed
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	return l.budget.take(envelopes, wait)
}

// submit reserves the call's statements and sends those that are new to the sequencer.
//
// The order matters: first the reservation, then the question to the index. A flight ends only
// after the index has it, so whatever is in neither place at that moment was never here.
func (l *Log) submit(slots *slots, envelopes []*statement.Envelope) *call {
	c := &call{done: make(chan struct{}), slots: slots}
	l.flights.reserve(c, envelopes)
	if err := l.lookup(c); err != nil {
		for _, f := range c.own {
			f.err = err
		}
		c.fresh = nil
	}
	if len(c.fresh) == 0 {
		l.flights.land(c.own...)
		close(c.done)
		return c
	}
	c.landing = len(c.fresh)
	slots.hold()
	l.queue <- c // has room for every call the budget admits
	return c
}

// lookup fills c.fresh with what the index does not know, ready for the sequencer.
func (l *Log) lookup(c *call) error {
	for _, f := range c.own {
		index, known, err := l.index.Lookup(f.id)
		if err != nil {
			return fmt.Errorf("ask the index: %w", err)
		}
		if known {
			f.index = index
			continue
		}
		f.entry = tessera.NewEntry(f.envelope.Raw())
		c.fresh = append(c.fresh, f)
	}
	return nil
}

// settled waits until all statements of a call have their index, and returns the size of the
// smallest tree that has them all.
func (l *Log) settled(ctx context.Context, c *call) (uint64, error) {
	size := uint64(0)
	for _, f := range c.flights {
		select {
		case <-f.call.done:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-l.failed:
			return 0, l.Err()
		}
		if f.err != nil {
			return 0, f.err
		}
		size = max(size, f.index+1)
	}
	return size, nil
}

// batch builds the proofs of a call in a tree.
func (l *Log) batch(ctx context.Context, c *call, tree *signedTree) (*Batch, error) {
	b := &Batch{Checkpoint: tree.raw, Size: tree.Size, Entries: make([]Entry, len(c.flights))}
	fresh := c.fresh // in the order in which they first appear among the flights
	for i, f := range c.flights {
		proof, err := l.prover.Inclusion(ctx, f.index, tree.Size)
		if err != nil {
			return nil, fmt.Errorf("prove entry %d: %w", f.index, err)
		}
		b.Entries[i] = Entry{Index: f.index, ID: f.id, Known: true, Proof: proof}
		if len(fresh) > 0 && fresh[0] == f {
			b.Entries[i].Known, fresh = false, fresh[1:]
		}
	}
	return b, nil
}

// storeError is what a caller gets to see of an error of the sequencer.
func storeError(err error) error {
	if errors.Is(err, tessera.ErrPushback) {
		return &BusyError{Reason: err.Error(), RetryAfter: busyRetry}
	}
	return fmt.Errorf("%w: %w", ErrStorage, err)
}
