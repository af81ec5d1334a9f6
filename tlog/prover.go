package tlog

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
)

// ErrOutside says that a proof was asked for an entry or tree that the tree does not contain.
var ErrOutside = errors.New("outside the tree")

// TileReader reads hash tiles. partial is the tile's width, 0 for a full one. Tessera's LogReader
// is a TileReader.
type TileReader interface {
	ReadTile(ctx context.Context, level, index uint64, partial uint8) ([]byte, error)
}

// Prover builds proofs from tiles. It expands each tile it reads into all the nodes of its
// subtree and keeps the most used ones, so that the proofs for the entries of one batch cost
// copies, not hashes. It trusts its tiles: who does not, verifies the proofs.
//
// A Prover is safe for concurrent use. Its memory is bounded: 16 KiB for each cached tile and at
// most 4 KiB for each of the last 16 tree sizes.
type Prover struct {
	tiles *tileCache

	edges edgeCache
}

// DefaultTiles is the number of expanded tiles a [Prover] keeps unless told otherwise: 16 MiB.
const DefaultTiles = 1024

// NewProver returns a Prover over r that keeps at most maxTiles expanded tiles, or [DefaultTiles]
// if maxTiles is zero.
func NewProver(r TileReader, maxTiles int) *Prover {
	if maxTiles <= 0 {
		maxTiles = DefaultTiles
	}
	return &Prover{tiles: newTileCache(r, maxTiles)}
}

// Root returns the root of the tree's first size leaves.
func (p *Prover) Root(ctx context.Context, size uint64) (Hash, error) {
	if size == 0 {
		return EmptyRoot, nil
	}
	e, err := p.edge(ctx, size)
	if err != nil {
		return Hash{}, fmt.Errorf("root of the tree of %d: %w", size, err)
	}
	return e.merged[0], nil
}

// Inclusion returns the proof that the tree of the given size has its entry index. See
// [VerifyInclusion].
func (p *Prover) Inclusion(ctx context.Context, index, size uint64) ([]Hash, error) {
	proof, err := p.inclusion(ctx, index, size)
	if err != nil {
		return nil, fmt.Errorf("inclusion of entry %d in a tree of %d: %w", index, size, err)
	}
	return proof, nil
}

func (p *Prover) inclusion(ctx context.Context, index, size uint64) ([]Hash, error) {
	if index >= size || size > MaxSize {
		return nil, ErrOutside
	}
	e, err := p.edge(ctx, size)
	if err != nil {
		return nil, err
	}
	i := e.above(index)
	proof := make([]Hash, 0, e.heights[i]+len(e.peaks))
	if proof, err = p.climb(ctx, proof, index, size, 0, e.heights[i]); err != nil {
		return nil, err
	}
	return e.beside(proof, i), nil
}

// climb appends the siblings on the way up from the node index>>from at height from to the height
// to, inside one complete subtree.
func (p *Prover) climb(ctx context.Context, proof []Hash, index, size uint64, from, to int) ([]Hash, error) {
	var t *expanded
	for h := from; h < to; h++ {
		if t == nil || h%8 == 0 {
			var err error
			if t, err = p.tiles.at(ctx, h/8, index>>(8*(h/8)+8), size); err != nil {
				return nil, err
			}
		}
		sibling := index>>h ^ 1
		proof = append(proof, t.node(h%8, sibling))
	}
	return proof, nil
}

// Consistency returns the proof that the tree of newSize leaves begins with that of oldSize. See
// [VerifyConsistency].
func (p *Prover) Consistency(ctx context.Context, oldSize, newSize uint64) ([]Hash, error) {
	proof, err := p.consistency(ctx, oldSize, newSize)
	if err != nil {
		return nil, fmt.Errorf("consistency of trees of %d and %d: %w", oldSize, newSize, err)
	}
	return proof, nil
}

func (p *Prover) consistency(ctx context.Context, oldSize, newSize uint64) ([]Hash, error) {
	if oldSize > newSize || newSize > MaxSize {
		return nil, ErrOutside
	}
	if oldSize == newSize || oldSize == 0 {
		return nil, nil
	}
	// It is the inclusion proof of the old tree's last complete subtree, begun with the hash of
	// that subtree itself unless it is the whole old tree (RFC 6962, section 2.1.2).
	e, err := p.edge(ctx, newSize)
	if err != nil {
		return nil, err
	}
	last, height := oldSize-1, bits.TrailingZeros64(oldSize)
	var proof []Hash
	if oldSize&(oldSize-1) != 0 {
		h, err := p.node(ctx, height, last>>height, newSize)
		if err != nil {
			return nil, err
		}
		proof = append(proof, h)
	}
	i := e.above(last)
	if proof, err = p.climb(ctx, proof, last, newSize, height, e.heights[i]); err != nil {
		return nil, err
	}
	return e.beside(proof, i), nil
}

// node returns the root of a complete subtree of the tree of the given size.
func (p *Prover) node(ctx context.Context, height int, index, size uint64) (Hash, error) {
	t, err := p.tiles.at(ctx, height/8, index>>(8-height%8), size)
	if err != nil {
		return Hash{}, err
	}
	return t.node(height%8, index), nil
}
