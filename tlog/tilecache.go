package tlog

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// expanded is a tile with every node of its subtree: 256 hashes, then the 128 above them, up to
// the one at the top. In a partial tile the nodes that are not complete are unused.
type expanded struct {
	nodes [2*TileWidth - 1]Hash
}

// expand checks the size of a tile and hashes its inner nodes. A reader may answer with a wider
// tile than was asked for, as Tessera's do; it begins with the one that was.
func expand(data []byte, width int) (*expanded, error) {
	if len(data) < width*HashSize || len(data) > TileWidth*HashSize || len(data)%HashSize != 0 {
		return nil, fmt.Errorf("%d bytes instead of %d: %w", len(data), width*HashSize, ErrTile)
	}
	t := &expanded{}
	for i := range width {
		t.nodes[i] = Hash(data[i*HashSize:])
	}
	for h, below, n := 1, 0, width/2; n > 0; h, n = h+1, n/2 {
		here := rowStart(h)
		for i := range n {
			t.nodes[here+i] = NodeHash(t.nodes[below+2*i], t.nodes[below+2*i+1])
		}
		below = here
	}
	return t, nil
}

// rowStart is where the nodes of height h begin.
func rowStart(h int) int { return 2*TileWidth - 2*TileWidth>>h }

// node returns the node at height h, 0 to 8, of the tile; only the low bits of index count.
func (t *expanded) node(h int, index uint64) Hash {
	return t.nodes[rowStart(h)+int(index&(TileWidth>>h-1))]
}

// tileKey names a cached tile. A full tile never changes and has width 256; partial ones are kept
// under each width that was read.
type tileKey struct {
	level, index uint64
	width        int
}

// tileCache keeps expanded tiles. When it is full it throws out, in the order they came, those
// that nobody has used since the last time round (second chance).
type tileCache struct {
	r   TileReader
	max int

	mu    sync.RWMutex
	tiles map[tileKey]*cached // guarded by mu
	queue []tileKey           // guarded by mu; a ring of the keys of tiles
	hand  int                 // guarded by mu
}

type cached struct {
	tile *expanded
	used atomic.Bool
}

func newTileCache(r TileReader, max int) *tileCache {
	return &tileCache{r: r, max: max, tiles: map[tileKey]*cached{}}
}

// at returns the tile at a level and index of the tree of the given size.
func (c *tileCache) at(ctx context.Context, level int, index, size uint64) (*expanded, error) {
	key := tileKey{level: uint64(level), index: index, width: TileWidth}
	if have := size >> (8 * level); have>>8 <= index {
		key.width = int(have & (TileWidth - 1))
	}
	if t := c.get(key); t != nil {
		return t, nil
	}
	t, err := c.read(ctx, key)
	if err != nil && key.width < TileWidth {
		// A log may delete a partial tile once it has the full one (tlog-tiles, "Partial Tiles").
		key.width = TileWidth
		if t := c.get(key); t != nil {
			return t, nil
		}
		if full, fullErr := c.read(ctx, key); fullErr == nil {
			t, err = full, nil
		}
	}
	if err != nil {
		return nil, err
	}
	c.put(key, t)
	return t, nil
}

// read reads a tile and expands it.
func (c *tileCache) read(ctx context.Context, key tileKey) (*expanded, error) {
	partial := uint8(key.width) // 256 becomes 0: full
	data, err := c.r.ReadTile(ctx, key.level, key.index, partial)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", TilePath(key.level, key.index, partial), err)
	}
	t, err := expand(data, key.width)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", TilePath(key.level, key.index, partial), err)
	}
	return t, nil
}

func (c *tileCache) get(key tileKey) *expanded {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e := c.tiles[key]
	if e == nil {
		return nil
	}
	if !e.used.Load() {
		e.used.Store(true)
	}
	return e.tile
}

func (c *tileCache) put(key tileKey, t *expanded) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tiles[key] != nil {
		return
	}
	c.tiles[key] = &cached{tile: t}
	if len(c.queue) < c.max {
		c.queue = append(c.queue, key)
		return
	}
	for c.tiles[c.queue[c.hand]].used.Swap(false) {
		c.hand = (c.hand + 1) % len(c.queue)
	}
	delete(c.tiles, c.queue[c.hand])
	c.queue[c.hand] = key
	c.hand = (c.hand + 1) % len(c.queue)
}
