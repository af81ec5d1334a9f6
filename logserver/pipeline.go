package logserver

import (
	"context"
	"time"
)

// dispatch passes the calls to the sequencer, one after the other. Once the log has stopped it
// passes nothing on: the sequencer would write over what is left of the tree.
func (l *Log) dispatch(ctx context.Context) {
	var seen treeWatch
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-l.queue:
			if err := seen.look(ctx, l); err != nil {
				l.fail(err)
				return
			}
			for _, f := range c.fresh {
				f.future = l.sequencer.add(ctx, f.entry)
				f.entry = nil
			}
			l.sequenced <- c
		}
	}
}

// treeWatch looks, before statements go to the sequencer, whether the tree's state is still there
// and has not become smaller. Tessera takes a missing state for an empty tree and begins to write
// over the first entries; the guard would refuse to sign that, but the entries would be gone.
type treeWatch struct {
	size   uint64
	looked time.Time
}

// lookEvery bounds what the watch costs. A batch takes longer to gather.
const lookEvery = 10 * time.Millisecond

func (w *treeWatch) look(ctx context.Context, l *Log) error {
	if time.Since(w.looked) < lookEvery {
		return nil
	}
	w.looked = time.Now()
	tree, err := l.storage.Tree(ctx)
	switch {
	case err != nil && lasting(err):
		return err
	case err != nil:
		return nil // the sequencer will meet the same and say so
	case tree.Size < w.size:
		return rolledBack(tree.Size, w.size)
	}
	w.size = tree.Size
	return nil
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
