package tlog_test

import (
	"context"
	"errors"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	merkletest "github.com/transparency-dev/merkle/testonly"
	sumdb "golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// Every pair of sizes up to 70, and every entry: our proofs are the ones that the two other
// implementations make, and each of the three accepts them.
func TestProofsOfEverySmallTree(t *testing.T) {
	ctx := context.Background()
	log := tlogtest.New("example.org/log").Grow(70)
	other := merkletest.New(rfc6962.DefaultHasher)
	for i := range log.Size() {
		other.AppendData(log.Entry(i))
	}
	p := log.Prover()
	for size := range log.Size() + 1 {
		root := log.Root(size)
		if got, err := p.Root(ctx, size); err != nil || got != root || got != tlog.Hash(other.HashAt(size)) {
			t.Fatalf("Root(%d) = %s, %v; want %s", size, got, err, root)
		}
		for index := range size {
			ours, err := p.Inclusion(ctx, index, size)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := other.InclusionProof(index, size)
			if err != nil {
				t.Fatal(err)
			}
			same(t, ours, theirs)
			leaf := tlog.LeafHash(log.Entry(index))
			if err := tlog.VerifyInclusion(leaf, index, size, ours, root); err != nil {
				t.Error(err)
			}
			if err := sumdb.CheckRecord(ours, int64(size), root, int64(index), leaf); err != nil {
				t.Error(err)
			}
		}
		for old := range size + 1 {
			ours, err := p.Consistency(ctx, old, size)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := other.ConsistencyProof(old, size)
			if err != nil {
				t.Fatal(err)
			}
			same(t, ours, theirs)
			if err := tlog.VerifyConsistency(old, size, log.Root(old), root, ours); err != nil {
				t.Error(err)
			}
		}
	}
}

func same(t *testing.T, ours []tlog.Hash, theirs [][]byte) {
	t.Helper()
	if len(ours) != len(theirs) {
		t.Fatalf("%d hashes, theirs has %d", len(ours), len(theirs))
	}
	for i := range ours {
		if ours[i] != tlog.Hash(theirs[i]) {
			t.Fatalf("hash %d differs", i)
		}
	}
}

// sizes draws tree sizes of every magnitude, often beside a power of two.
func sizes(max uint64) *rapid.Generator[uint64] {
	return rapid.Custom(func(t *rapid.T) uint64 {
		n := uint64(1) << rapid.IntRange(0, 62).Draw(t, "magnitude")
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			n += rapid.Uint64Range(0, 2).Draw(t, "beside") - 1
		case 1:
			n += rapid.Uint64Range(0, n-1).Draw(t, "within")
		}
		return n % (max + 1)
	})
}

// In trees of up to 2^63-1 entries the proofs we build verify, the other implementation agrees,
// and whatever is done to a proof, a root, a leaf or a number, it no longer verifies.
func TestProofsOfHugeTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		size := max(1, sizes(tlog.MaxSize).Draw(t, "size"))
		old := sizes(size).Draw(t, "old")
		index := sizes(size-1).Draw(t, "index")
		s := newSparse(0, index, index^1, old, max(1, old)-1, size-1, size/2)
		p := tlog.NewProver(s, 32)

		inclusion, err := p.Inclusion(ctx, index, size)
		if err != nil {
			t.Fatal(err)
		}
		leaf, root := s.leaf(index), s.root(size)
		if err := tlog.VerifyInclusion(leaf, index, size, inclusion, root); err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, leaf[:], slicesOf(inclusion), root[:]); err != nil {
			t.Fatal(err)
		}
		bad := mangle(t, inclusion)
		if err := tlog.VerifyInclusion(leaf, index, size, bad, root); err == nil {
			t.Fatal("a changed inclusion proof verifies")
		}

		consistency, err := p.Consistency(ctx, old, size)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.VerifyConsistency(old, size, s.root(old), root, consistency); err != nil {
			t.Fatal(err)
		}
		bad = mangle(t, consistency)
		err = tlog.VerifyConsistency(old, size, s.root(old), root, bad)
		if err == nil {
			t.Fatal("a changed consistency proof verifies")
		}
		if err := tlog.VerifyConsistency(old, size, s.leaf(size-1), root, consistency); err == nil && s.leaf(size-1) != s.root(old) {
			t.Fatal("a wrong old root verifies")
		}
		if err := tlog.VerifyConsistency(old, size, s.root(old), s.node(0, 0), consistency); err == nil && size != 1 && old != 0 {
			t.Fatal("a wrong new root verifies")
		}
	})
}

// On any numbers, and any hashes, we and the other implementation say the same.
func TestVerdictsAgreeOnNonsense(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := sizes(tlog.MaxSize).Draw(t, "size")
		index := sizes(tlog.MaxSize).Draw(t, "index")
		n := rapid.IntRange(0, 64).Draw(t, "hashes")
		hashes := make([]tlog.Hash, n)
		for i := range hashes {
			hashes[i] = tlog.LeafHash([]byte{byte(i)})
		}
		leaf := tlog.LeafHash([]byte("leaf"))
		root, err := proof.RootFromInclusionProof(rfc6962.DefaultHasher, index, size, leaf[:], slicesOf(hashes))
		if err != nil {
			if err := tlog.VerifyInclusion(leaf, index, size, hashes, leaf); !errors.Is(err, tlog.ErrProofShape) {
				t.Fatalf("we say %v", err)
			}
			return
		}
		if err := tlog.VerifyInclusion(leaf, index, size, hashes, tlog.Hash(root)); err != nil {
			t.Fatal(err)
		}
		if err := tlog.VerifyInclusion(leaf, index, size, hashes, tlog.NodeHash(leaf, leaf)); !errors.Is(err, tlog.ErrProofMismatch) {
			t.Fatalf("we say %v", err)
		}
	})
}

func TestEdgesOfVerification(t *testing.T) {
	a, b := tlog.LeafHash([]byte("a")), tlog.LeafHash([]byte("b"))
	ab := tlog.NodeHash(a, b)
	inclusion := []struct {
		name        string
		index, size uint64
		hashes      []tlog.Hash
		root        tlog.Hash
		want        error
	}{
		{"only entry", 0, 1, nil, a, nil},
		{"nothing is in the empty tree", 0, 0, nil, tlog.EmptyRoot, tlog.ErrProofShape},
		{"index is the size", 1, 1, nil, a, tlog.ErrProofShape},
		{"one hash too many", 0, 1, []tlog.Hash{b}, ab, tlog.ErrProofShape},
		{"one hash too few", 0, 2, nil, ab, tlog.ErrProofShape},
		{"another root", 0, 2, []tlog.Hash{a}, ab, tlog.ErrProofMismatch},
		{"left of two", 0, 2, []tlog.Hash{b}, ab, nil},
		{"largest tree of all, nothing but shape", 1<<64 - 2, 1<<64 - 1, nil, a, tlog.ErrProofShape},
	}
	for _, c := range inclusion {
		if err := tlog.VerifyInclusion(a, c.index, c.size, c.hashes, c.root); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	consistency := []struct {
		name             string
		old, size        uint64
		oldRoot, newRoot tlog.Hash
		hashes           []tlog.Hash
		want             error
	}{
		{"two empty trees", 0, 0, tlog.EmptyRoot, tlog.EmptyRoot, nil, nil},
		{"empty tree with a root", 0, 0, tlog.EmptyRoot, a, nil, tlog.ErrProofMismatch},
		{"from the empty tree", 0, 2, tlog.EmptyRoot, ab, nil, nil},
		{"from an empty tree with a root", 0, 2, a, ab, nil, tlog.ErrProofMismatch},
		{"from the empty tree with a proof", 0, 2, tlog.EmptyRoot, ab, []tlog.Hash{a}, tlog.ErrProofShape},
		{"same tree", 2, 2, ab, ab, nil, nil},
		{"same size, other root", 2, 2, ab, a, nil, tlog.ErrProofMismatch},
		{"same tree with a proof", 2, 2, ab, ab, []tlog.Hash{a}, tlog.ErrProofShape},
		{"shrinking", 2, 1, ab, a, nil, tlog.ErrProofShape},
		{"one to two", 1, 2, a, ab, []tlog.Hash{b}, nil},
		{"one to two without a proof", 1, 2, a, ab, nil, tlog.ErrProofShape},
		{"one to two, other leaf", 1, 2, b, ab, []tlog.Hash{b}, tlog.ErrProofMismatch},
		{"three to four without a proof", 3, 4, a, ab, nil, tlog.ErrProofShape},
	}
	for _, c := range consistency {
		if err := tlog.VerifyConsistency(c.old, c.size, c.oldRoot, c.newRoot, c.hashes); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// mangle returns a proof that differs from p.
func mangle(t *rapid.T, p []tlog.Hash) []tlog.Hash {
	bad := append([]tlog.Hash{}, p...)
	kind := rapid.SampledFrom([]string{"flip", "cut", "grow", "swap"}).Draw(t, "damage")
	if len(p) < 2 || kind == "swap" && p[0] == p[1] {
		kind = "grow"
	}
	switch i := rapid.IntRange(0, max(0, len(p)-1)).Draw(t, "where"); kind {
	case "flip":
		bad[i][rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
	case "cut":
		bad = append(bad[:i], bad[i+1:]...)
	case "swap":
		bad[0], bad[1] = bad[1], bad[0]
	case "grow":
		bad = append(bad, tlog.LeafHash([]byte("extra")))
	}
	return bad
}

func slicesOf(hashes []tlog.Hash) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}
