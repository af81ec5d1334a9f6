package logserver

import "context"

// dispatch passes the calls to the sequencer, one after the other.
func (l *Log) dispatch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-l.queue:
			for _, f := range c.fresh {
				f.future = l.sequencer.add(ctx, f.entry)
				f.entry = nil
			}
			l.sequenced <- c
		}
	}
}

// collect waits for the index of each statement. A statement that has one lies durably in the tree.
// A call of which some statement got an error instead goes on to the indexer, which finds out what
// became of it.
func (l *Log) collect(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-l.sequenced:
			ok, size := true, uint64(0)
			for _, f := range c.fresh {
				index, err := f.future()
				f.index, f.err, f.future = index.Index, err, nil
				ok = ok && err == nil
				size = max(size, index.Index+1)
			}
			if ok {
				close(c.done)
				l.expect(size)
			}
			l.indexing <- c
		}
	}
}
