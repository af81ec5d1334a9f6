package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	sumdb "golang.org/x/mod/sumdb/tlog"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// tileHeight is the height of the tiles of C2SP logs.
const tileHeight = 8

// maxTree bounds the sizes that are believed, so that no sum of node numbers overflows.
const maxTree = 1 << 48

// keptTiles is how many tiles of the right edge and above the leaves are kept while a log is followed: 16 MiB, enough
// for the parents of everything that is read in order.
const keptTiles = 2048

// readError marks an error of reading, to tell it from one of what was read.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

// treeReader gives out hashes of one signed tree, each proven to be in it.
type treeReader struct {
	ctx     context.Context // of the one Follow it works for
	src     Source
	timeout time.Duration
	size    uint64
	root    tlog.Hash
	kept    map[sumdb.Tile][]byte // proven tiles that are needed more than once
}

func newTreeReader(ctx context.Context, src Source, timeout time.Duration, c tlog.Checkpoint) *treeReader {
	return &treeReader{ctx: ctx, src: src, timeout: timeout, size: c.Size, root: c.Root, kept: make(map[sumdb.Tile][]byte)}
}

// leaves returns the leaf hashes first to first+n-1.
func (t *treeReader) leaves(first uint64, n int) ([]tlog.Hash, error) {
	indexes := make([]int64, n)
	for i := range indexes {
		indexes[i] = sumdb.StoredHashIndex(0, int64(first)+int64(i))
	}
	hashes, err := t.hashes().ReadHashes(indexes)
	return hashes, t.judge(err)
}

// rootOf returns the root of the tree's first size leaves.
func (t *treeReader) rootOf(size uint64) (tlog.Hash, error) {
	if size == 0 {
		return tlog.EmptyRoot, nil
	}
	h, err := sumdb.TreeHash(int64(size), t.hashes())
	return h, t.judge(err)
}

func (t *treeReader) hashes() sumdb.HashReader {
	return sumdb.TileHashReader(sumdb.Tree{N: int64(t.size), Hash: t.root}, t)
}

// judge tells tiles that could not be read from tiles that are wrong.
func (t *treeReader) judge(err error) error {
	if _, ok := errors.AsType[readError](err); err == nil || ok {
		return err
	}
	return fmt.Errorf("%w (of %d entries): %w", ErrWrongTile, t.size, err)
}

// Height implements [sumdb.TileReader].
func (t *treeReader) Height() int { return tileHeight }

// ReadTiles implements [sumdb.TileReader].
func (t *treeReader) ReadTiles(tiles []sumdb.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, tile := range tiles {
		if data, ok := t.kept[tile]; ok {
			all[i] = data
			continue
		}
		data, err := t.read(tile)
		if err != nil {
			return nil, readError{fmt.Errorf("read %s: %w", tlog.TilePath(uint64(tile.L), uint64(tile.N), uint8(tile.W)), err)}
		}
		all[i] = data
	}
	return all, nil
}

func (t *treeReader) read(tile sumdb.Tile) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, t.timeout)
	defer cancel()
	// A width of 256 is a full tile, and written 0.
	data, err := t.src.ReadTile(ctx, uint64(tile.L), uint64(tile.N), uint8(tile.W))
	if err != nil {
		return nil, stalled(t.ctx, err)
	}
	// A partial tile may have been answered with a wider one, which begins with it.
	return data[:min(len(data), tile.W*tlog.HashSize)], nil
}

// SaveTiles implements [sumdb.TileReader]: it is called with tiles that are proven.
func (t *treeReader) SaveTiles(tiles []sumdb.Tile, data [][]byte) {
	for i, tile := range tiles {
		if tile.L > 0 || tile.W < tlog.TileWidth {
			if len(t.kept) == keptTiles {
				clear(t.kept)
			}
			t.kept[tile] = data[i]
		}
	}
}

// stalled says that a read took too long, unless it was the caller who had enough.
func stalled(ctx context.Context, err error) error {
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrStalled, err)
	}
	return err
}
