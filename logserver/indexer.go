package logserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Index knows where each statement is. It can always be made anew from the log, so it need not be
// durable: after a crash Open brings it up to the tree. The registry is one.
type Index interface {
	// Lookup returns the index of the entry with this id.
	Lookup(id statement.Digest) (index uint64, ok bool, err error)
	// Next returns how many entries the index has: those before Next, without a gap.
	Next() uint64
	// Append adds the entries from first on. Those that it has already it passes over. An entry that
	// this version cannot read as a statement, because an earlier one was less strict, is nil; it
	// takes its place. Append is called by one goroutine at a time.
	Append(ctx context.Context, first uint64, entries []*statement.Envelope) error
}

// indexRun is the largest number of entries given to the index at once.
const indexRun = 4096

// indexer tells the index what was recorded, in order, and ends the flights. Its fields belong to
// its goroutine.
type indexer struct {
	log   *Log
	ready map[uint64]*flight // recorded, not yet in the index, by entry
	swept time.Time          // when leftovers of failed writes were last removed
}

func (x *indexer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-x.log.indexing:
			x.take(ctx, c)
			for more := true; more; {
				select {
				case c := <-x.log.indexing:
					x.take(ctx, c)
				default:
					more = false
				}
			}
			x.flush(ctx)
		}
	}
}

// take receives a call whose statements were recorded, or not.
func (x *indexer) take(ctx context.Context, c *call) {
	stored := 0
	for _, f := range c.fresh {
		if f.err == nil {
			x.ready[f.index] = f
			stored++
		}
	}
	if stored > 0 {
		x.log.health.set(storing, nil)
	}
	if stored < len(c.fresh) {
		x.resolve(ctx, c)
	}
}

// resolve finds out what became of statements whose writing ended in an error. Some may lie in the
// tree all the same: the state was written, and what failed came after it. The index, brought up to
// the tree, knows.
func (x *indexer) resolve(ctx context.Context, c *call) {
	x.insist(ctx, reindexing, func() error {
		size, err := x.log.sequencer.size(ctx)
		if err != nil {
			return err
		}
		return x.catchUp(ctx, size)
	})
	for _, f := range c.fresh {
		if f.err == nil {
			continue
		}
		if index, ok, err := x.log.index.Lookup(f.id); ok && err == nil {
			f.index, f.err = index, nil
		} else {
			f.err = storeError(f.err)
			if errors.Is(f.err, ErrStorage) {
				x.log.health.set(storing, f.err)
			}
		}
		x.land(f)
	}
	close(c.done)
	x.log.expect(x.log.index.Next())
	x.sweep(ctx)
}

// sweepAge is how old a temporary file is when nobody writes it any more.
const sweepAge = time.Minute

// sweep removes what failed writes left behind, so that a full disk is not filled further with it.
func (x *indexer) sweep(ctx context.Context) {
	if time.Since(x.swept) < sweepAge {
		return
	}
	x.swept = time.Now()
	if n, err := x.log.storage.Sweep(ctx, x.log.index.Next(), sweepAge); n > 0 || err != nil {
		x.log.logger.Info("removed leftovers of failed writes", "files", n, "err", err)
	}
}

// catchUp brings the index to the given size; what is not ready is read from the tree.
func (x *indexer) catchUp(ctx context.Context, size uint64) error {
	for {
		x.flush(ctx)
		next := x.log.index.Next()
		if next >= size || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := indexBundle(ctx, x.log.reader, x.log.index, size); err != nil {
			return err
		}
	}
}

// flush gives the index all entries that follow the ones it has.
func (x *indexer) flush(ctx context.Context) {
	for ctx.Err() == nil {
		run := x.next()
		if len(run) == 0 {
			break
		}
		first, envelopes := run[0].index, make([]*statement.Envelope, len(run))
		for i, f := range run {
			envelopes[i] = f.envelope
		}
		x.insist(ctx, indexing, func() error {
			return x.log.index.Append(ctx, first, envelopes)
		})
		if ctx.Err() != nil {
			return
		}
		for _, f := range run {
			delete(x.ready, f.index)
		}
		x.land(run...)
	}
	for i, f := range x.ready { // the index may have read some from the tree
		if i < x.log.index.Next() {
			delete(x.ready, i)
			x.land(f)
		}
	}
}

// next returns the ready flights that follow what the index has, without a gap.
func (x *indexer) next() []*flight {
	var run []*flight
	for i := x.log.index.Next(); len(run) < indexRun; i++ {
		f := x.ready[i]
		if f == nil {
			break
		}
		run = append(run, f)
	}
	return run
}

// land ends flights and gives back the room of calls that have none left.
func (x *indexer) land(flights ...*flight) {
	x.log.flights.land(flights...)
	for _, f := range flights {
		c := f.call
		if c.landing--; c.landing > 0 {
			continue
		}
		if len(c.own) > len(c.fresh) {
			x.log.flights.land(c.own...) // those that were known
		}
		c.slots.drop()
	}
}

// insist tries again until it works or the log is closed. Meanwhile nothing lands, so the budget
// fills and new statements are refused as busy; health says why.
func (x *indexer) insist(ctx context.Context, what string, try func() error) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := try()
		x.log.health.set(what, err)
		if err == nil || ctx.Err() != nil {
			return
		}
		x.log.logger.Warn(what, "err", err, "retry_in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// indexBundle gives the index the entries that follow the ones it has, to the end of their bundle
// or to the given size of the tree.
func indexBundle(ctx context.Context, r Reader, index Index, size uint64) error {
	next := index.Next()
	a := audit{reader: r, tree: TreeState{Size: size}}
	if err := a.load(ctx, next/tlog.TileWidth); err != nil {
		return err
	}
	envelopes := parseEntries(a.bundle.entries[next%tlog.TileWidth:])
	if err := index.Append(ctx, next, envelopes); err != nil {
		return fmt.Errorf("index entries from %d: %w", next, err)
	}
	if index.Next() <= next {
		return errors.New("the index did not take the entries it was given")
	}
	return nil
}

// parseEntries reads entries back. Their signatures were verified before they were recorded. An
// entry that is no statement to this version is nil: it must not keep the log from starting.
func parseEntries(entries [][]byte) []*statement.Envelope {
	envelopes := make([]*statement.Envelope, len(entries))
	for i, raw := range entries {
		if e, err := statement.Parse(raw); err == nil {
			envelopes[i] = e
		}
	}
	return envelopes
}
