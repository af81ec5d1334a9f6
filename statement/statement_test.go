package statement_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

func TestSignedStatementsOpen(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	alice, err := statement.NewSigner(ed)
	if err != nil {
		t.Fatal(err)
	}
	bob, err := statement.NewSigner(ec)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	st, err := statement.New(&statement.Content{Issuer: alice.Issuer(), IssuedAt: at, Size: 5, MediaType: "text/plain", Title: "x"},
		statement.NewSubject(statement.Sum([]byte("hello")), "hello.txt"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := statement.Sign(st, alice, bob)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", raw)
	e, err := statement.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(e.Issuers(), string(e.Payload()))
	rv, err := statement.NewRevoke(e, statement.Revoke{Issuer: alice.Issuer(), IssuedAt: at, Reason: statement.Mistake})
	if err != nil {
		t.Fatal(err)
	}
	rraw, err := statement.Sign(rv, alice)
	if err != nil {
		t.Fatal(err)
	}
	es, errs := statement.OpenBatch([][]byte{raw, rraw, raw[:20]})
	t.Log(es, errs)
	if !es[1].Revokes(e) {
		t.Error("revocation does not count")
	}
}
