package logserver

import (
	"context"
	"sync"
)

// board shows the newest checkpoint of one kind, and wakes those who wait for a larger one.
type board struct {
	stopped <-chan struct{} // closed when no larger one will come
	reason  func() error    // why not

	mu      sync.Mutex
	tree    *signedTree   // guarded by mu
	changed chan struct{} // guarded by mu; closed when tree changes
}

func newBoard(stopped <-chan struct{}, reason func() error) *board {
	return &board{stopped: stopped, reason: reason, changed: make(chan struct{})}
}

// post shows a checkpoint, unless a larger one is shown already.
func (b *board) post(t *signedTree) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tree != nil && t.Size < b.tree.Size {
		return
	}
	b.tree = t
	close(b.changed)
	b.changed = make(chan struct{})
}

// read returns what is shown, nil if nothing is, and a channel that is closed when that changes.
func (b *board) read() (*signedTree, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tree, b.changed
}

// wait returns a checkpoint of at least the given size.
func (b *board) wait(ctx context.Context, size uint64) (*signedTree, error) {
	for {
		tree, changed := b.read()
		if tree != nil && tree.Size >= size {
			return tree, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-b.stopped:
			return nil, b.reason()
		}
	}
}

// expect says that a tree of the given size lies there and should be signed soon.
func (l *Log) expect(size uint64) {
	select {
	case l.expected <- size:
	default: // unstick has not looked at the last one yet
	}
}

// unstick looks after publication. Tessera decides by the age of the checkpoint file, by the wall
// clock, whether the next one is due, and reads that file first: a clock that was set back, or a
// file that somebody damaged, stops it. Writing the file anew is the cure for both.
func (l *Log) unstick(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case size := <-l.expected:
			l.unstickUntil(ctx, size)
		}
	}
}

func (l *Log) unstickUntil(ctx context.Context, size uint64) {
	for {
		limit, cancel := context.WithTimeout(ctx, l.patience.signing)
		_, err := l.fast.wait(limit, size)
		cancel()
		if err == nil || ctx.Err() != nil || l.Err() != nil {
			return
		}
		tree, _ := l.fast.read()
		l.logger.Warn("no checkpoint for entries that lie in the tree; writing the checkpoint file anew", "signed", tree.Size, "tree", size)
		if err := l.storage.SetCheckpoint(ctx, tree.raw); err != nil {
			l.logger.Warn("write checkpoint", "err", err)
		}
	}
}

// show returns the bytes of what is shown, nil if nothing is.
func (b *board) show() ([]byte, <-chan struct{}) {
	tree, changed := b.read()
	if tree == nil {
		return nil, changed
	}
	return tree.raw, changed
}
