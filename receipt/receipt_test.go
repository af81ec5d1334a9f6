package receipt_test

import (
	"bytes"
	"testing"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// content returns alice's signed statement about a text.
func content(text string) []byte {
	return receipttest.Content(receipttest.Signer("alice"), text+".txt", []byte(text))
}

func TestParseGivesBackWhatMarshalWrote(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(5)
	one := receipttest.Record(log, content("one"), "w1", "w2")
	two := receipttest.Record(log, content("two"))
	two.Log = tlog.Key{}
	first := receipttest.Record(tlogtest.New("example.org/new"), []byte("{\r\n\r\nnot even JSON\n\n"))
	text := receipt.Marshal(one, two, first)
	got, err := receipt.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(got) != 3 || !bytes.Equal(receipt.Marshal(got...), text) {
		t.Errorf("got %d receipts, not the same text", len(got))
	}
	if got[0].Log != log.Key() || !got[1].Log.IsZero() || got[0].ID() != one.ID() || got[0].Leaf() != one.Leaf() {
		t.Error("fields changed")
	}
}

func TestTLogProofStandsAlone(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(20)
	r := receipttest.Record(log, content("one"), "w1")
	r.Proof.Extra = []byte("not part of a receipt")
	proof, err := tlog.ParseProof(r.TLogProof())
	if err != nil {
		t.Fatal(err)
	}
	if proof.Extra != nil {
		t.Error("extra data was exported")
	}
	if _, err := proof.Verify(r.Leaf(), log.Policy(1, "w1")); err != nil {
		t.Error(err)
	}
}
