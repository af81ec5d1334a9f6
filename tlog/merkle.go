package tlog

import (
	"errors"
	"fmt"
	"math/bits"
)

// Errors of [VerifyInclusion] and [VerifyConsistency].
var (
	// ErrProofShape says that a proof cannot belong to these sizes: an index outside the tree, or
	// too few or too many hashes.
	ErrProofShape = errors.New("proof does not fit the tree")
	// ErrProofMismatch says that a proof of the right shape leads to another root.
	ErrProofMismatch = errors.New("proof leads to another root")
)

// VerifyInclusion checks that the tree of the given size and root has leaf at index.
//
// The check is exact for every size up to 2^64-1 (RFC 9162, section 2.1.3.2): the number of
// hashes must be the one that index and size demand, and each must be used.
func VerifyInclusion(leaf Hash, index, size uint64, hashes []Hash, root Hash) error {
	if index >= size {
		return fmt.Errorf("inclusion of entry %d in a tree of %d: %w", index, size, ErrProofShape)
	}
	inner, border := proofShape(index, size)
	if len(hashes) != inner+border {
		return fmt.Errorf("inclusion of entry %d in a tree of %d needs %d hashes, not %d: %w",
			index, size, inner+border, len(hashes), ErrProofShape)
	}
	got := climbInner(leaf, index, hashes[:inner])
	for _, h := range hashes[inner:] {
		got = NodeHash(h, got)
	}
	if got != root {
		return fmt.Errorf("inclusion of entry %d in a tree of %d: %w", index, size, ErrProofMismatch)
	}
	return nil
}

// VerifyConsistency checks that the tree of newSize leaves begins with the tree of oldSize leaves
// (RFC 9162, section 2.1.4.2). A proof from the empty tree, or between equal sizes, has no hashes.
func VerifyConsistency(oldSize, newSize uint64, oldRoot, newRoot Hash, hashes []Hash) error {
	wrap := func(err error) error {
		return fmt.Errorf("consistency of trees of %d and %d: %w", oldSize, newSize, err)
	}
	switch {
	case oldSize > newSize:
		return wrap(ErrProofShape)
	case oldSize == newSize || oldSize == 0:
		if len(hashes) != 0 {
			return wrap(ErrProofShape)
		}
		if oldSize == newSize && oldRoot != newRoot || oldSize == 0 && oldRoot != EmptyRoot {
			return wrap(ErrProofMismatch)
		}
		return nil
	}
	old, grown, ok := climbBoth(oldSize, newSize, oldRoot, hashes)
	if !ok {
		return wrap(ErrProofShape)
	}
	if old != oldRoot || grown != newRoot {
		return wrap(ErrProofMismatch)
	}
	return nil
}

// climbBoth rebuilds both roots from a consistency proof between two different sizes, the smaller
// of which is not zero. It reports false when the number of hashes is wrong.
func climbBoth(oldSize, newSize uint64, oldRoot Hash, hashes []Hash) (old, grown Hash, ok bool) {
	// The proof is an inclusion proof of the old tree's last complete subtree: below its height
	// nothing is known, so the climb starts there.
	height := bits.TrailingZeros64(oldSize)
	inner, border := proofShape(oldSize-1, newSize)
	inner -= height
	seed := oldRoot
	if oldSize&(oldSize-1) != 0 { // the seed is the old root itself when that tree is complete
		if len(hashes) == 0 {
			return old, grown, false
		}
		seed, hashes = hashes[0], hashes[1:]
	}
	if len(hashes) != inner+border {
		return old, grown, false
	}
	index := (oldSize - 1) >> height
	old, grown = seed, climbInner(seed, index, hashes[:inner])
	for i, h := range hashes[:inner] {
		if index>>i&1 == 1 {
			old = NodeHash(h, old)
		}
	}
	for _, h := range hashes[inner:] {
		old, grown = NodeHash(h, old), NodeHash(h, grown)
	}
	return old, grown, true
}

// climbInner hashes from a node up while the path may turn either way: bit i of index says on
// which side hashes[i] stands.
func climbInner(h Hash, index uint64, hashes []Hash) Hash {
	for i, sibling := range hashes {
		if index>>i&1 == 0 {
			h = NodeHash(h, sibling)
		} else {
			h = NodeHash(sibling, h)
		}
	}
	return h
}

// proofShape splits the path of a leaf into the levels below the point where it meets the path of
// the tree's last leaf (inner), and the left siblings above it (border).
func proofShape(index, size uint64) (inner, border int) {
	inner = bits.Len64(index ^ (size - 1))
	return inner, bits.OnesCount64(index >> inner)
}
