package logserver

import (
	"context"
	"errors"
	"fmt"
	"math/bits"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// audit reads a stretch of a log back from storage and checks that all of it fits together: the
// entries of each bundle hash to the leaf hashes in the tile above it, and each tile has the
// hashes of what lies below it. What comes out is the edge computed from the entries alone, whose
// root the caller compares with one that was signed.
//
// The guard audits what was added since the last signature; start-up, scrub and check audit more.
type audit struct {
	reader Reader
	tree   TreeState // that is read; its size names the partial tiles, its root settles doubts
	edge   edge      // of the entries read so far

	// entry, if not nil, is called with each entry, after the bundle's hashes were checked.
	entry func(index uint64, data []byte) error
	// paced, if not nil, is called with the number of bytes read and may wait.
	paced func(ctx context.Context, bytes int) error
	// report, if not nil, is told each fault, and the audit goes on where it can.
	report func(*Fault)

	bundle *bundle // the newest one read
}

// bundle is an entry bundle whose entries were found to match their hashes.
type bundle struct {
	index   uint64
	entries [][]byte // nil if the bundle is damaged and the audit goes on without
	hashes  []tlog.Hash
}

// to reads on until the edge has n entries.
func (a *audit) to(ctx context.Context, n uint64) error {
	for a.edge.size < n {
		if err := a.load(ctx, a.edge.size/tlog.TileWidth); err != nil {
			return err
		}
		if err := a.take(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// take appends the loaded bundle's entries to the edge, until the edge has n.
func (a *audit) take(ctx context.Context, n uint64) error {
	var tiles []visit
	collect := func(level uint, index uint64, hash tlog.Hash) {
		if level >= 16 && level%8 == 0 {
			tiles = append(tiles, visit{uint64(level)/8 - 1, index, hash})
		}
	}
	for i := a.edge.size % tlog.TileWidth; i < uint64(len(a.bundle.hashes)) && a.edge.size < n; i++ {
		if a.entry != nil && a.bundle.entries != nil {
			if err := a.entry(a.edge.size, a.bundle.entries[i]); err != nil {
				return err
			}
		}
		a.edge.append(a.bundle.hashes[i], collect)
	}
	for _, v := range tiles {
		if err := a.fullTile(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// visit is a full tile above level 0 and the root that the subtree below it has.
type visit struct {
	level, index uint64
	root         tlog.Hash
}

// fullTile checks a full tile against the root of the subtree that it must have.
func (a *audit) fullTile(ctx context.Context, v visit) error {
	hashes, err := readTile(ctx, a.reader, v.level, v.index, 0)
	if err == nil && rootOf(hashes) != v.root {
		err = damaged(tlog.TilePath(v.level, v.index, 0), errors.New("has a hash that does not belong to the entries below it"))
	}
	return a.found(err)
}

// finish checks the tiles at the right edge. The edge must have all entries of the tree.
func (a *audit) finish(ctx context.Context) error {
	nodes := a.edge.nodes
	for level := topTile(a.edge.size); level >= 0; level-- {
		hashes, err := readEdgeTile(ctx, a.reader, uint64(level), a.edge.size)
		if err != nil {
			if err := a.found(err); err != nil {
				return err
			}
		}
		var want, part edge
		for _, h := range hashes {
			part.append(h, nil)
		}
		want.size = a.edge.size >> (8 * level) % tlog.TileWidth
		want.nodes, nodes = splitNodes(nodes, want.size)
		if err == nil && !part.equal(&want) {
			path := tlog.TilePath(uint64(level), a.edge.size>>(8*level)/tlog.TileWidth, uint8(want.size))
			if err := a.found(damaged(path, errors.New("has a hash that does not belong to the entries below it"))); err != nil {
				return err
			}
		}
	}
	return nil
}

// found passes on an error, or reports it so that the audit can go on.
func (a *audit) found(err error) error {
	var f *Fault
	if a.report == nil || !errors.As(err, &f) {
		return err
	}
	a.report(f)
	return nil
}

// load reads the bundle at index and the tile above it, and compares them.
func (a *audit) load(ctx context.Context, index uint64) error {
	if a.bundle != nil && a.bundle.index == index {
		return nil
	}
	partial := partialAt(0, index, a.tree.Size)
	entries, size, errB := readBundle(ctx, a.reader, index, partial)
	leaves, errT := readTile(ctx, a.reader, 0, index, partial)
	if a.paced != nil {
		if err := a.paced(ctx, size); err != nil {
			return err
		}
	}
	b := &bundle{index: index, entries: entries, hashes: hashEntries(entries)}
	switch {
	case errB != nil && errT != nil:
		return errors.Join(errB, errT)
	case errT != nil:
		if err := a.found(errT); err != nil {
			return err
		}
	case errB != nil:
		b.hashes = leaves
		if err := a.found(errB); err != nil {
			return err
		}
	default:
		var err error
		if b.hashes, err = a.compare(ctx, b, leaves); err != nil {
			if err := a.found(err); err != nil {
				return err
			}
		}
	}
	a.bundle = b
	return nil
}

// readBundle returns the entries of a bundle; partial 0 means a full one. The storage may answer
// with the full bundle when it no longer has the partial one.
func readBundle(ctx context.Context, r Reader, index uint64, partial uint8) ([][]byte, int, error) {
	path := tlog.EntriesPath(index, partial)
	raw, err := r.ReadEntryBundle(ctx, index, partial)
	if err != nil {
		return nil, 0, readFault(path, err)
	}
	entries, err := tlog.ParseBundle(raw, tlog.TileWidth)
	if err != nil {
		return nil, len(raw), damaged(path, err)
	}
	want := tileWidth(partial)
	if len(entries) != want && len(entries) != tlog.TileWidth {
		return nil, len(raw), damaged(path, fmt.Errorf("has %d entries instead of %d", len(entries), want))
	}
	return entries[:want], len(raw), nil
}

// compare finds out whether a bundle and the tile above it agree. If not, it says which of the two
// is damaged, as far as the rest of the tree can tell, and returns the hashes of the other.
func (a *audit) compare(ctx context.Context, b *bundle, leaves []tlog.Hash) ([]tlog.Hash, error) {
	differ := -1
	for i := range leaves {
		if leaves[i] != b.hashes[i] {
			differ = i
			break
		}
	}
	if differ < 0 {
		return leaves, nil
	}
	partial := partialAt(0, b.index, a.tree.Size)
	entry := b.index*tlog.TileWidth + uint64(differ)
	if a.fits(ctx, b.index, b.hashes) {
		return b.hashes, damaged(tlog.TilePath(0, b.index, partial), fmt.Errorf("does not have the hash of entry %d", entry))
	}
	b.entries = nil
	return leaves, damaged(tlog.EntriesPath(b.index, partial), fmt.Errorf("entry %d is not the one that was recorded", entry))
}

// fits reports whether the rest of the tree confirms the leaf hashes of a bundle: the tile of level
// 1 for a full bundle, the tree's root for the last one.
func (a *audit) fits(ctx context.Context, index uint64, leaves []tlog.Hash) bool {
	if partialAt(0, index, a.tree.Size) != 0 {
		last := a.edge.floor()
		for _, h := range leaves {
			last.append(h, nil)
		}
		return last.root() == a.tree.Root
	}
	above, err := readTile(ctx, a.reader, 1, index/tlog.TileWidth, partialAt(1, index/tlog.TileWidth, a.tree.Size))
	return err == nil && above[index%tlog.TileWidth] == rootOf(leaves)
}

func hashEntries(entries [][]byte) []tlog.Hash {
	hashes := make([]tlog.Hash, len(entries))
	for i, e := range entries {
		hashes[i] = tlog.LeafHash(e)
	}
	return hashes
}

func rootOf(hashes []tlog.Hash) tlog.Hash {
	var e edge
	for _, h := range hashes {
		e.append(h, nil)
	}
	return e.root()
}

// splitNodes cuts off the nodes that belong to the top bits of an edge, of which size has the bits.
func splitNodes(nodes []tlog.Hash, size uint64) (part, rest []tlog.Hash) {
	n := bits.OnesCount64(size)
	return nodes[:n], nodes[n:]
}
