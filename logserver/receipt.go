package logserver

import (
	"context"
	"fmt"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Receipt returns the receipt of an entry, under the newest checkpoint of the kind asked for. It
// waits if that does not cover the entry yet. [ErrNotRecorded] means that the tree has no such entry.
// What it returns was verified.
func (l *Log) Receipt(ctx context.Context, index uint64, wait Wait) (*receipt.Receipt, error) {
	size, err := l.sequencer.size(ctx)
	if err != nil {
		return nil, fmt.Errorf("read tree size: %w", err)
	}
	if index >= size {
		return nil, fmt.Errorf("entry %d: %w: it has %d", index, ErrNotRecorded, size)
	}
	shown := l.fast
	if wait == Final {
		shown = l.final
	}
	tree, err := shown.wait(ctx, index+1)
	if err != nil {
		return nil, err
	}
	entry, err := readEntry(ctx, l.reader, index, tree.Size)
	if err != nil {
		return nil, err
	}
	proof, err := l.prover.Inclusion(ctx, index, tree.Size)
	if err != nil {
		return nil, fmt.Errorf("prove entry %d: %w", index, err)
	}
	if err := tlog.VerifyInclusion(tlog.LeafHash(entry), index, tree.Size, proof, tree.Root); err != nil {
		return nil, damaged(tlog.EntriesPath(index/tlog.TileWidth, 0), fmt.Errorf("entry %d: %w", index, err))
	}
	return &receipt.Receipt{
		Log: l.key, Envelope: entry,
		Proof: tlog.Proof{Index: index, Hashes: proof, Checkpoint: tree.raw},
	}, nil
}
