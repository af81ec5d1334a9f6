package logserver

import (
	"encoding/binary"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// The edge and what it tells its visitor agree with an independent implementation, at each size.
func TestEdge(t *testing.T) {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	theirs := factory.NewEmptyRange(0)
	var ours edge
	for i := range uint64(1100) {
		var visited, want []compact.NodeID
		leaf := tlog.LeafHash(binary.BigEndian.AppendUint64(nil, i))
		ours.append(leaf, func(level uint, index uint64, _ tlog.Hash) {
			visited = append(visited, compact.NewNodeID(level, index))
		})
		if err := theirs.Append(leaf[:], func(id compact.NodeID, _ []byte) { want = append(want, id) }); err != nil {
			t.Fatal(err)
		}
		root, err := theirs.GetRootHash(nil)
		if err != nil {
			t.Fatal(err)
		}
		if tlog.Hash(root) != ours.root() {
			t.Fatalf("another root at %d", i+1)
		}
		if len(visited) != len(want) || visited[len(visited)-1] != want[len(want)-1] {
			t.Fatalf("visited %v, want %v", visited, want)
		}
		if floor := ours.floor(); floor.size != ours.size/256*256 {
			t.Fatalf("floor of %d is %d", ours.size, floor.size)
		}
	}
	if (&edge{}).root() != tlog.EmptyRoot {
		t.Error("the empty tree has another root")
	}
}
