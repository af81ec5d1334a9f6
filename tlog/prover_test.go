package tlog_test

import (
	"context"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

func TestProofsOfEverySmallTreeVerify(t *testing.T) {
	ctx := context.Background()
	log := tlogtest.New("example.org/log").Grow(70)
	p := log.Prover()
	for size := range log.Size() + 1 {
		root := log.Root(size)
		got, err := p.Root(ctx, size)
		if err != nil || got != root {
			t.Fatalf("Root(%d) = %s, %v; want %s", size, got, err, root)
		}
		for index := range size {
			proof, err := p.Inclusion(ctx, index, size)
			if err != nil {
				t.Fatal(err)
			}
			leaf := tlog.LeafHash(log.Entry(index))
			if err := tlog.VerifyInclusion(leaf, index, size, proof, root); err != nil {
				t.Fatal(err)
			}
		}
		for old := range size + 1 {
			proof, err := p.Consistency(ctx, old, size)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.VerifyConsistency(old, size, log.Root(old), root, proof); err != nil {
				t.Fatal(err)
			}
		}
	}
}
