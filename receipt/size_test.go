package receipt_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// maxReceipt is what we promise for a receipt from a log of a thousand million entries.
const maxReceipt = 3500

// TestSizeOfAReceipt holds the promise for a photo's statement as `wherefrom record` makes it.
func TestSizeOfAReceipt(t *testing.T) {
	alice := receipttest.Signer("alice")
	photo := receipttest.Sign(alice, &statement.Content{
		Issuer: alice.Issuer(), IssuedAt: receipttest.Issued, MediaType: "image/jpeg", Size: 4_812_733,
	}, statement.NewSubject(statement.Sum([]byte("a photo")), "IMG_20261122_093012.jpg"))
	kilobyte := padded(t, 1024)
	for _, c := range []struct {
		name      string
		envelope  []byte
		witnesses int
	}{
		{"typical statement, 3 witnesses", photo, 3},
		{"typical statement, 5 witnesses", photo, 5},
		{"1 KB statement, 3 witnesses", kilobyte, 3},
	} {
		log := tlogtest.New("log.example.org/2026")
		var witnesses []string
		for i := range c.witnesses {
			witnesses = append(witnesses, fmt.Sprintf("witness%d.example.net", i+1))
		}
		text := receipt.Marshal(receipttest.Deep(log, 30, c.envelope, witnesses...))
		t.Logf("%-32s %4d bytes, of which the statement is %d", c.name, len(text), len(c.envelope))
		if len(text) > maxReceipt {
			t.Errorf("%s: %d bytes, and we promise %d", c.name, len(text), maxReceipt)
		}
	}
}

// padded returns a content statement whose envelope has n bytes, give or take one.
func padded(t *testing.T, n int) []byte {
	t.Helper()
	alice := receipttest.Signer("alice")
	for length := range 300 {
		env := receipttest.Sign(alice, &statement.Content{
			Issuer: alice.Issuer(), IssuedAt: receipttest.Issued, MediaType: "image/jpeg", Size: 4_812_733,
			Title: strings.Repeat("x", length),
		}, statement.NewSubject(statement.Sum([]byte("a photo")), "IMG_20261122_093012.jpg"))
		if len(env) >= n {
			return env
		}
	}
	t.Fatal("cannot pad")
	return nil
}
