package tlog_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// counting counts the tiles that are read, and may refuse partial ones.
type counting struct {
	tlog.TileReader
	reads     atomic.Int64
	onlyFull  bool
	makeWider bool
}

func (c *counting) ReadTile(ctx context.Context, level, index uint64, partial uint8) ([]byte, error) {
	c.reads.Add(1)
	if c.onlyFull && partial != 0 {
		return nil, fs.ErrNotExist
	}
	if c.makeWider && partial != 0 {
		partial++
	}
	return c.TileReader.ReadTile(ctx, level, index, partial)
}

func TestHotTilesAreNotReadAgain(t *testing.T) {
	ctx := context.Background()
	log := tlogtest.New("example.org/log").Grow(1000)
	r := &counting{TileReader: log}
	p := tlog.NewProver(r, 0)
	for range 3 {
		for index := range uint64(1000) {
			if _, err := p.Inclusion(ctx, index, 1000); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := r.reads.Load(); n != 5 { // three full tiles, a partial one, and the one above
		t.Errorf("%d tiles read", n)
	}
}

func TestCacheStaysBounded(t *testing.T) {
	ctx := context.Background()
	log := tlogtest.New("example.org/log").Grow(20 * tlog.TileWidth)
	p, root := tlog.NewProver(log, 4), log.Root(log.Size())
	for range 2 {
		for index := uint64(0); index < log.Size(); index += 7 {
			proof, err := p.Inclusion(ctx, index, log.Size())
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.VerifyInclusion(tlog.LeafHash(log.Entry(index)), index, log.Size(), proof, root); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := tlog.CachedTiles(p); n != 4 {
		t.Errorf("%d tiles are cached", n)
	}
}

// A log may delete its partial tiles once the full one is there, and a reader may answer with a
// wider tile than it was asked for.
func TestProofsFromOtherTilesThanAskedFor(t *testing.T) {
	ctx := context.Background()
	log := tlogtest.New("example.org/log").Grow(512)
	for name, c := range map[string]struct {
		r     *counting
		sizes []uint64
	}{
		"only full tiles": {&counting{TileReader: log, onlyFull: true}, []uint64{3, 100, 255}},
		"wider tiles":     {&counting{TileReader: log, makeWider: true}, []uint64{3, 100, 255, 256, 300, 400}},
	} {
		p := tlog.NewProver(c.r, 0)
		for _, size := range c.sizes {
			if root, err := p.Root(ctx, size); err != nil || root != log.Root(size) {
				t.Errorf("%s: root of %d: %v", name, size, err)
			}
		}
	}
}

// broken serves something else than tiles.
type broken struct{ data []byte }

func (b broken) ReadTile(context.Context, uint64, uint64, uint8) ([]byte, error) { return b.data, nil }

func TestProverErrors(t *testing.T) {
	ctx := context.Background()
	log := tlogtest.New("example.org/log").Grow(300)
	p := log.Prover()
	inclusion := func(p *tlog.Prover, index, size uint64) error {
		_, err := p.Inclusion(ctx, index, size)
		return err
	}
	consistency := func(old, size uint64) error {
		_, err := p.Consistency(ctx, old, size)
		return err
	}
	root := func(size uint64) error { _, err := p.Root(ctx, size); return err }
	for name, c := range map[string]struct{ got, want error }{
		"entry outside":           {inclusion(p, 300, 300), tlog.ErrOutside},
		"size no log can have":    {inclusion(p, 1, tlog.MaxSize+1), tlog.ErrOutside},
		"root of no log":          {root(tlog.MaxSize + 1), tlog.ErrOutside},
		"shrinking":               {consistency(300, 299), tlog.ErrOutside},
		"tiles are not there":     {inclusion(p, 400, 500), fs.ErrNotExist},
		"root beyond the log":     {root(5000), fs.ErrNotExist},
		"proof beyond the log":    {consistency(257, 5000), fs.ErrNotExist},
		"tile is cut off":         {inclusion(tlog.NewProver(broken{make([]byte, 31)}, 0), 0, 1), tlog.ErrTile},
		"tile is too long":        {inclusion(tlog.NewProver(broken{make([]byte, 257*32)}, 0), 0, 1), tlog.ErrTile},
		"tile is no whole number": {inclusion(tlog.NewProver(broken{make([]byte, 2*32+1)}, 0), 0, 2), tlog.ErrTile},
		"tile is empty":           {inclusion(tlog.NewProver(broken{}, 0), 0, 1), tlog.ErrTile},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

func TestProverIsConcurrent(t *testing.T) {
	ctx := context.Background()
	log := tlogtest.New("example.org/log").Grow(3000)
	p := tlog.NewProver(log, 3)
	roots := map[uint64]tlog.Hash{}
	for size := uint64(1); size <= log.Size(); size += 97 {
		roots[size] = log.Root(size)
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range uint64(300) {
				size := 1 + (i*37+uint64(worker)*411)%uint64(len(roots))*97
				index := (i * 97) % size
				proof, err := p.Inclusion(ctx, index, size)
				if err == nil {
					err = tlog.VerifyInclusion(tlog.LeafHash(log.Entry(index)), index, size, proof, roots[size])
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// The proofs of the 1,024 entries that a log has just added, at several sizes of the log. A batch
// begins cold at its own tiles, as it does in a log.
func BenchmarkInclusionOfABatch(b *testing.B) {
	ctx := context.Background()
	const batch = 1024
	for _, size := range []uint64{1 << 14, 1<<20 + 12345, 1<<30 + 123456789, 1<<40 + 987654321} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			p := tlog.NewProver(newSparse(size-1, size-2), 0)
			next := size
			for b.Loop() {
				for index := next - batch; index < next; index++ {
					if _, err := p.Inclusion(ctx, index, next); err != nil {
						b.Fatal(err)
					}
				}
				next += batch
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/proof")
		})
	}
}

func BenchmarkInclusionHot(b *testing.B) {
	ctx := context.Background()
	for _, size := range []uint64{1 << 20, 1<<30 - 1} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			p := tlog.NewProver(newSparse(size-1), 0)
			b.ReportAllocs()
			for i := uint64(0); b.Loop(); i++ {
				if _, err := p.Inclusion(ctx, size-1-i%1024, size); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkConsistencyHot(b *testing.B) {
	ctx := context.Background()
	p := tlog.NewProver(newSparse(5), 0)
	for b.Loop() {
		if _, err := p.Consistency(ctx, 1<<30+12345, 1<<30+13369); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyInclusion(b *testing.B) {
	const size = 1<<30 - 1
	s := newSparse(size-1, 12345)
	proof, err := tlog.NewProver(s, 0).Inclusion(context.Background(), 12345, size)
	if err != nil {
		b.Fatal(err)
	}
	leaf, root := s.leaf(12345), s.root(size)
	for b.Loop() {
		if err := tlog.VerifyInclusion(leaf, 12345, size, proof, root); err != nil {
			b.Fatal(err)
		}
	}
}
