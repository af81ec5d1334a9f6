package verify_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
	"github.com/wherefrom-network/wherefrom/verify"
)

// The spots in a receipt file in which a byte can change and the answer may still be Shown. A
// change in any other spot must be noticed.
var harmless = []struct {
	spot, why string
	in        func(text []byte) (from, to int)
}{
	{
		"the log line", "it is a hint; the key in the reader's own list is used",
		func(text []byte) (from, to int) { return lineOf(text, "log ") },
	},
	{
		"the log's COSE signature", "no policy knows that key, and a signature by an unknown key is passed over (signed-note)",
		func(text []byte) (from, to int) {
			_, first := lineOf(text, "— example.org/town ")
			from, to = lineOf(text[first:], "— example.org/town ")
			return first + from, first + to
		},
	},
}

func lineOf(text []byte, begin string) (from, to int) {
	from = bytes.Index(text, []byte("\n"+begin)) + 1
	return from, from + bytes.IndexByte(text[from:], '\n') + 1
}

// recorded returns a question about a photo that Alice recorded, under two witnesses of which the
// reader asks for both, and the log.
func recorded() (verify.Input, *tlogtest.Log) {
	log := tlogtest.New("example.org/town").Grow(100)
	content := []byte("the bytes of a photo")
	r := receipttest.Record(log, receipttest.Content(receipttest.Signer("alice"), "photo.jpg", content), "w1", "w2")
	return verify.Input{
		Digest: statement.Sum(content), Size: int64(len(content)), Name: "photo.jpg", At: tlogtest.Time,
		Receipts: []*receipt.Receipt{r},
		Trust:    verify.Trust{Policies: []verify.NamedPolicy{{Name: "demo", Policy: log.Policy(2, "w1", "w2")}}},
	}, log
}

// ask answers for a receipt file given as text.
func ask(in verify.Input, text []byte) verify.Answer {
	in.Receipts, in.Unreadable = receipt.Parse(text)
	return verify.Check(in)
}

// mutants calls f with the text changed at each byte: each of the bits flipped, the byte dropped,
// said twice, or put after another.
func mutants(text, bits []byte, f func(at int, changed []byte)) {
	for i := range text {
		for _, bit := range bits {
			changed := bytes.Clone(text)
			changed[i] ^= bit
			f(i, changed)
		}
		f(i, slices.Delete(bytes.Clone(text), i, i+1))
		f(i, slices.Insert(bytes.Clone(text), i, text[i]))
		f(i, slices.Insert(bytes.Clone(text), i, 'A'))
	}
}

func TestNoByteThatMattersCanChangeUnnoticed(t *testing.T) {
	in, _ := recorded()
	text := receipt.Marshal(in.Receipts...)
	if a := ask(in, text); a.Verdict != verify.Shown {
		t.Fatal(a.Summary)
	}
	survived := make([]int, len(harmless))
	mutants(text, []byte{1, 2, 4, 8, 16, 32, 64, 128}, func(at int, changed []byte) {
		a := ask(in, changed)
		if a.Verdict != verify.Shown || bytes.Equal(changed, text) {
			return
		}
		for i, h := range harmless {
			if from, to := h.in(text); at >= from && at < to {
				survived[i]++
				return
			}
		}
		t.Errorf("byte %d (%q) changed, and it is still shown", at, text[max(0, at-10):min(len(text), at+10)])
	})
	for i, h := range harmless {
		t.Logf("%s: %d changes are harmless, because %s", h.spot, survived[i], h.why)
	}
}

// TestNoByteOfARevocationCanChangeToItsBenefit alters the file of a statement and its revocation.
func TestNoByteOfARevocationCanChangeToItsBenefit(t *testing.T) {
	in, log := recorded()
	revoke := receipttest.Revoke(receipttest.Signer("alice"), in.Receipts[0].Envelope, statement.Mistake)
	in.Receipts = append(in.Receipts, receipttest.Record(log, revoke, "w1", "w2"))
	text := receipt.Marshal(in.Receipts...)
	if a := ask(in, text); a.Code != verify.CodeRevoked {
		t.Fatal(a.Summary)
	}
	mutants(text, []byte{1, 32}, func(at int, changed []byte) {
		if a := ask(in, changed); a.Verdict == verify.Shown {
			t.Errorf("byte %d (%q) changed, and it is no longer revoked", at, text[max(0, at-10):min(len(text), at+10)])
		}
	})
}

// FuzzCheck alters a file of receipts and the question about it. Whatever comes, the answer must be
// one that the specification knows, and only the very statement that Alice signed can be shown.
func FuzzCheck(f *testing.F) {
	in, log := recorded()
	envelope := in.Receipts[0].Envelope
	revoke := receipttest.Record(log, receipttest.Revoke(receipttest.Signer("alice"), envelope, statement.Legal), "w1", "w2")
	fork := log.Fork(50).Grow(20)
	forked := receipttest.Record(fork, envelope, "w1")
	f.Add(receipt.Marshal(in.Receipts...), int64(0), "photo.jpg")
	f.Add(receipt.Marshal(in.Receipts[0], revoke), int64(1)<<40, "")
	f.Add(receipt.Marshal(forked, in.Receipts[0]), int64(-1)<<40, "a'b \x00\xff\n")
	f.Fuzz(func(t *testing.T, text []byte, at int64, name string) {
		in, in2 := in, in
		in.Name, in.At = name, tlogtest.Time.AddDate(0, 0, int(at%10_000_000))
		a := ask(in, text)
		if _, err := json.Marshal(a); err != nil {
			t.Errorf("cannot be written as JSON: %v", err)
		}
		if a.Summary == "" || a.Next == "" || a.Code == "" {
			t.Errorf("an answer without words: %+v", a)
		}
		if a.Verdict == verify.Shown && !slices.ContainsFunc(a.Statements, func(f verify.Finding) bool {
			return f.Verdict == verify.Shown && f.ID == statement.Sum(envelope)
		}) {
			t.Errorf("shown, but by no statement of Alice's: %s", a.Summary)
		}
		in2.Trust = verify.Trust{}
		if a := ask(in2, text); a.Verdict == verify.Shown {
			t.Errorf("shown to a reader who trusts nobody: %s", a.Summary)
		}
	})
}
