package tlog_test

import (
	"context"
	"math/bits"
	"slices"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// sparse is a tree of any size up to 2^63-1 in which all leaves are equal but a few. It serves
// tiles of logs that nobody could keep.
type sparse struct {
	special []uint64 // indices of leaves that are unlike any other; sorted
	common  [64]tlog.Hash
}

func newSparse(special ...uint64) *sparse {
	s := &sparse{special: special}
	slices.Sort(s.special)
	s.common[0] = tlog.LeafHash(nil)
	for h := 1; h < len(s.common); h++ {
		s.common[h] = tlog.NodeHash(s.common[h-1], s.common[h-1])
	}
	return s
}

func (s *sparse) leaf(index uint64) tlog.Hash { return s.node(0, index) }

// node returns the root of the complete subtree of 2^h leaves at index.
func (s *sparse) node(h int, index uint64) tlog.Hash {
	i, _ := slices.BinarySearch(s.special, index<<h)
	if i == len(s.special) || s.special[i]>>h != index {
		return s.common[h]
	}
	if h == 0 {
		return tlog.LeafHash([]byte{byte(i) + 1})
	}
	return tlog.NodeHash(s.node(h-1, 2*index), s.node(h-1, 2*index+1))
}

// root returns the root of the first size leaves by the definition in RFC 6962, section 2.1.
func (s *sparse) root(size uint64) tlog.Hash {
	if size == 0 {
		return tlog.EmptyRoot
	}
	return s.hash(0, size)
}

// hash is MTH(D[start:end]) where start is a multiple of every power of two it is split by.
func (s *sparse) hash(start, end uint64) tlog.Hash {
	n := end - start
	if n&(n-1) == 0 {
		h := bits.TrailingZeros64(n)
		return s.node(h, start>>h)
	}
	k := uint64(1) << (bits.Len64(n) - 1)
	return tlog.NodeHash(s.hash(start, start+k), s.hash(start+k, end))
}

func (s *sparse) ReadTile(_ context.Context, level, index uint64, partial uint8) ([]byte, error) {
	width := uint64(partial)
	if width == 0 {
		width = tlog.TileWidth
	}
	var data []byte
	for i := range width {
		h := s.node(int(8*level), index*tlog.TileWidth+i)
		data = append(data, h[:]...)
	}
	return data, nil
}
