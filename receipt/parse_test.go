package receipt_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// What Parse says about damaged files is shown by vectors, see TestVectorsOfFiles.

func TestParseRefusesTooMuch(t *testing.T) {
	if _, err := receipt.Parse(bytes.Repeat([]byte("x"), receipt.MaxFile+1)); !errors.Is(err, receipt.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

// TestEveryTruncationIsNoticed cuts a file of two receipts at each byte.
func TestEveryTruncationIsNoticed(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(5)
	one := receipttest.Record(log, content("one"), "w1")
	two := receipttest.Record(log, content("two"))
	text := receipt.Marshal(one, two)
	for n := range text {
		cut := text[:n]
		last := bytes.LastIndexByte(bytes.TrimSuffix(cut, []byte("\n")), '\n') + 1
		// A cut after a whole signature line cannot be seen: it is a receipt with fewer signatures.
		whole := bytes.HasSuffix(cut, []byte("\n")) && bytes.HasPrefix(cut[last:], []byte("— "))
		if _, err := receipt.Parse(cut); (err == nil) != whole {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	log := tlogtest.New("example.org/log").Grow(5)
	one := receipttest.Record(log, content("one"), "w1", "w2")
	two := receipttest.Record(log, content("two"))
	two.Log = tlog.Key{}
	f.Add(receipt.Marshal(one))
	f.Add(receipt.Marshal(one, two))
	f.Add([]byte(receipt.Header + "\nstatement 1\nx\nc2sp.org/tlog-proof@v1\nindex 0\n\no\n1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		receipts, err := receipt.Parse(text)
		if err != nil {
			if receipt.Code(err) == "" {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		if again := receipt.Marshal(receipts...); !bytes.Equal(again, text) {
			t.Errorf("parsed\n%q\nand wrote\n%q", text, again)
		}
		for _, r := range receipts {
			_, _ = r.COSE()
		}
		receipt.Merge(receipts, receipts)
	})
}
