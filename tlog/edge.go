package tlog

import (
	"context"
	"sync"
)

// edge is the right edge of a tree: the roots of the complete subtrees that it is made of, its
// peaks, the largest first. Every path from a leaf ends at one of them.
type edge struct {
	size    uint64
	heights []int  // of the peaks
	peaks   []Hash // from left to right
	merged  []Hash // merged[i] is the hash over peaks[i:], so merged[0] is the root
}

// above returns the peak under which a leaf stands.
func (e *edge) above(index uint64) int {
	i := 0
	for start := uint64(0); index-start >= 1<<e.heights[i]; i++ {
		start += 1 << e.heights[i]
	}
	return i
}

// beside appends the hashes that lead from the peak i to the root: all that stands to its right,
// merged, and then each peak on its left.
func (e *edge) beside(proof []Hash, i int) []Hash {
	if i+1 < len(e.peaks) {
		proof = append(proof, e.merged[i+1])
	}
	for i--; i >= 0; i-- {
		proof = append(proof, e.peaks[i])
	}
	return proof
}

// edge returns the right edge of the tree of the given size, which is not zero.
func (p *Prover) edge(ctx context.Context, size uint64) (*edge, error) {
	if e := p.edges.get(size); e != nil {
		return e, nil
	}
	if size > MaxSize {
		return nil, ErrOutside
	}
	e := &edge{size: size}
	for start, h := uint64(0), 62; h >= 0; h-- {
		if size>>h&1 == 0 {
			continue
		}
		peak, err := p.node(ctx, h, start>>h, size)
		if err != nil {
			return nil, err
		}
		e.heights, e.peaks = append(e.heights, h), append(e.peaks, peak)
		start += 1 << h
	}
	last := len(e.peaks) - 1
	e.merged = make([]Hash, len(e.peaks))
	e.merged[last] = e.peaks[last]
	for i := last - 1; i >= 0; i-- {
		e.merged[i] = NodeHash(e.peaks[i], e.merged[i+1])
	}
	p.edges.put(e)
	return e, nil
}

// edgeCache keeps the edges of the last sizes that were asked for.
type edgeCache struct {
	mu    sync.Mutex
	edges [16]*edge // guarded by mu
	next  int       // the place to overwrite; guarded by mu
}

func (c *edgeCache) get(size uint64) *edge {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.edges {
		if e != nil && e.size == size {
			return e
		}
	}
	return nil
}

func (c *edgeCache) put(e *edge) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.edges[c.next] = e
	c.next = (c.next + 1) % len(c.edges)
}
