package server

import (
	"fmt"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

func TestQuotaFillsWithTime(t *testing.T) {
	now := fixed()
	q := newQuotas(Limits{IssuerRate: 10, IssuerBurst: 3, Issuers: 100}, func() time.Time { return now })
	take := func(want bool) time.Duration {
		t.Helper()
		wait, ok := q.take([]statement.Issuer{"alice"})
		if ok != want {
			t.Errorf("taken: %v", ok)
		}
		return wait
	}
	for range 3 {
		take(true)
	}
	if wait := take(false); wait != 100*time.Millisecond {
		t.Errorf("wait %v", wait)
	}
	now = now.Add(100 * time.Millisecond)
	take(true)
	take(false)
	now = now.Add(time.Hour)
	for range 3 {
		take(true)
	}
	take(false)
}

// A statement with several signers is charged to all of them, or to none.
func TestQuotaOfSeveralSigners(t *testing.T) {
	q := newQuotas(Limits{IssuerRate: 1, IssuerBurst: 1, Issuers: 100}, fixed)
	if _, ok := q.take([]statement.Issuer{"alice"}); !ok {
		t.Fatal("alice has none")
	}
	if _, ok := q.take([]statement.Issuer{"bob", "alice"}); ok {
		t.Error("taken although alice has none left")
	}
	if _, ok := q.take([]statement.Issuer{"bob"}); !ok {
		t.Error("bob was charged for what was refused")
	}
}

func TestQuotaTableIsBounded(t *testing.T) {
	q := newQuotas(Limits{IssuerRate: 1, IssuerBurst: 1, Issuers: 10}, fixed)
	busy := []statement.Issuer{"busy"}
	q.take(busy)
	for i := range 1000 {
		q.take([]statement.Issuer{statement.Issuer(fmt.Sprint("stranger ", i))})
		if _, ok := q.take(busy); ok {
			t.Fatalf("after %d strangers, a busy issuer was forgotten", i)
		}
	}
	if q.size() != 10 || len(q.issuer) != 10 {
		t.Errorf("%d and %d issuers are remembered", q.size(), len(q.issuer))
	}
}
