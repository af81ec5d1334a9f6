package verify_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
	"github.com/wherefrom-network/wherefrom/verify"
)

// deepInput is a question about a file whose receipt is from a log of 2^30 entries, cosigned by
// five witnesses, all of which the reader asks for.
func deepInput() verify.Input {
	log := tlogtest.New("log.example.org/2026")
	witnesses := []string{"w1", "w2", "w3", "w4", "w5"}
	content := []byte("the bytes of a photo")
	r := receipttest.Deep(log, 30, receipttest.Content(receipttest.Signer("alice"), "photo.jpg", content), witnesses...)
	return verify.Input{
		Digest: statement.Sum(content), Size: int64(len(content)), Name: "photo.jpg", At: tlogtest.Time.Add(time.Hour),
		Receipts: []*receipt.Receipt{r},
		Trust:    verify.Trust{Policies: []verify.NamedPolicy{{Name: "demo", Policy: log.Policy(5, witnesses...)}}},
	}
}

// BenchmarkCheck is one receipt with five cosignatures in a log of 2^30 entries: reading it, seven
// signatures, thirty hashes, and the words. Beside it, in the same run, it verifies seven
// signatures with crypto/ed25519 and nothing else, and reports how long the whole answer takes as a
// share of that. Of both it takes the best time, which other work on the machine does not lengthen.
func BenchmarkCheck(b *testing.B) {
	in := deepInput()
	text := receipt.Marshal(in.Receipts...)
	key := tlogtest.PrivateKey("alice")
	msg := make([]byte, 120)
	sig := ed25519.Sign(key, msg)
	pub := key.Public().(ed25519.PublicKey)
	ours, seven := time.Hour, time.Hour
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		var err error
		if in.Receipts, err = receipt.Parse(text); err != nil {
			b.Fatal(err)
		}
		if a := verify.Check(in); a.Verdict != verify.Shown {
			b.Fatal(a.Summary)
		}
		ours = min(ours, time.Since(start))
		start = time.Now()
		for range 7 {
			if !ed25519.Verify(pub, msg, sig) {
				b.Fatal("bad")
			}
		}
		seven = min(seven, time.Since(start))
	}
	b.ReportMetric(float64(ours.Nanoseconds())/1000, "best-µs")
	b.ReportMetric(float64(ours)/float64(seven), "of-7-signatures")
}
