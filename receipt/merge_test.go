package receipt_test

import (
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// The rules of Merge are shown by vectors, see TestVectorsOfMerges.

func TestMergeOfWhatIsNoCheckpointKeepsBoth(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(5)
	r := receipttest.Record(log, content("one"), "a")
	odd := *r
	odd.Proof.Checkpoint = []byte(strings.Replace(string(r.Proof.Checkpoint), "6\n", "six\n", 1))
	if got := receipt.Merge([]*receipt.Receipt{r}, []*receipt.Receipt{&odd, &odd}); len(got) != 2 {
		t.Errorf("got %d receipts, want both", len(got))
	}
}
