package logserver

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/bits"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// edge is the right edge of a tree: the roots of the full subtrees that the tree of size leaves
// splits into, largest first (RFC 6962, section 2.1). It is all one needs to know of the past in
// order to append, and to say which root the tree has. The zero edge is the empty tree.
type edge struct {
	size  uint64
	nodes []tlog.Hash // one for each set bit of size, highest bit first
}

// visitor is told each finished full subtree: its level (0 for leaves), its index in that level,
// and its hash.
type visitor func(level uint, index uint64, hash tlog.Hash)

// append adds a leaf and tells visit, if not nil, every subtree that becomes complete by it.
func (e *edge) append(leaf tlog.Hash, visit visitor) {
	if visit != nil {
		visit(0, e.size, leaf)
	}
	hash, level := leaf, uint(0)
	for ; e.size>>level&1 == 1; level++ {
		last := len(e.nodes) - 1
		hash = tlog.NodeHash(e.nodes[last], hash)
		e.nodes = e.nodes[:last]
		if visit != nil {
			visit(level+1, e.size>>(level+1), hash)
		}
	}
	e.nodes = append(e.nodes, hash)
	e.size++
}

// root returns the root of the tree.
func (e *edge) root() tlog.Hash {
	if e.size == 0 {
		return tlog.EmptyRoot
	}
	last := len(e.nodes) - 1
	root := e.nodes[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(e.nodes[i], root)
	}
	return root
}

// clone returns a copy that shares no memory with e.
func (e *edge) clone() edge {
	return edge{size: e.size, nodes: append([]tlog.Hash(nil), e.nodes...)}
}

// floor returns the edge of the same tree at its last full bundle.
func (e *edge) floor() edge {
	full := e.size &^ (tlog.TileWidth - 1)
	c := e.clone()
	c.size, c.nodes = full, c.nodes[:bits.OnesCount64(full)]
	return c
}

func (e *edge) equal(other *edge) bool {
	if e.size != other.size || len(e.nodes) != len(other.nodes) {
		return false
	}
	for i := range e.nodes {
		if e.nodes[i] != other.nodes[i] {
			return false
		}
	}
	return true
}

// readEdge computes the edge of the tree of the given size from the tiles at its right edge. It
// proves nothing by itself: compare the root with one that is known.
func readEdge(ctx context.Context, r Reader, size uint64) (edge, error) {
	e := edge{size: size}
	for level := topTile(size); level >= 0; level-- {
		hashes, err := readEdgeTile(ctx, r, uint64(level), size)
		if err != nil {
			return edge{}, err
		}
		var part edge
		for _, h := range hashes {
			part.append(h, nil)
		}
		e.nodes = append(e.nodes, part.nodes...)
	}
	return e, nil
}

// topTile returns the highest tile level of a tree, -1 for the empty one.
func topTile(size uint64) int {
	if size == 0 {
		return -1
	}
	return (bits.Len64(size) - 1) / 8
}

// readEdgeTile returns the hashes that a tree of the given size has in its partial tile of a level;
// none if it has no partial tile there.
func readEdgeTile(ctx context.Context, r Reader, level, size uint64) ([]tlog.Hash, error) {
	width := size >> (8 * level) % tlog.TileWidth
	if width == 0 {
		return nil, nil
	}
	return readTile(ctx, r, level, size>>(8*level)/tlog.TileWidth, uint8(width))
}

// readTile returns the hashes of a tile, width of them; width 0 means a full tile. The storage may
// hold a larger tile than the one asked for.
func readTile(ctx context.Context, r Reader, level, index uint64, partial uint8) ([]tlog.Hash, error) {
	path := tlog.TilePath(level, index, partial)
	raw, err := r.ReadTile(ctx, level, index, partial)
	if err != nil {
		return nil, readFault(path, err)
	}
	want := tileWidth(partial)
	if len(raw) != want*sha256.Size && len(raw) != tlog.TileWidth*sha256.Size {
		return nil, damaged(path, fmt.Errorf("has %d bytes, a tile of %d hashes has %d", len(raw), want, want*sha256.Size))
	}
	hashes := make([]tlog.Hash, want)
	for i := range hashes {
		copy(hashes[i][:], raw[i*sha256.Size:])
	}
	return hashes, nil
}

func tileWidth(partial uint8) int {
	if partial == 0 {
		return tlog.TileWidth
	}
	return int(partial)
}

// partialAt returns the width in the name of the tile at index of a level in a tree of the given
// size: 0 if the tile is full.
func partialAt(level, index, size uint64) uint8 {
	n := size >> (8 * level)
	if n/tlog.TileWidth > index {
		return 0
	}
	return uint8(n % tlog.TileWidth)
}
