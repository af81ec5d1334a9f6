package statement_test

import (
	"errors"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/statement/statementtest"
)

// revoke returns the revocation of target by the signer.
func revoke(t *testing.T, target *statement.Envelope, by statement.Signer) *statement.Envelope {
	t.Helper()
	st, err := statement.NewRevoke(target, statement.Revoke{Issuer: by.Issuer(), IssuedAt: statementtest.At, Reason: statement.Mistake})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := statement.Sign(st, by)
	if err != nil {
		t.Fatal(err)
	}
	return mustOpen(t, raw)
}

func TestARevocationHoldsForEveryEnvelopeOfTheSameText(t *testing.T) {
	raw := statementtest.Content(alice, "hello")
	target := mustOpen(t, raw)
	revocation := revoke(t, target, alice)
	if !revocation.Revokes(target) {
		t.Error("a revocation does not revoke")
	}
	if id, _ := revocation.Statement().Subjects[0].SHA256(); id != target.ID() {
		t.Errorf("it names %s, not %s", id, target.ID())
	}
	rewrapped := mustOpen(t, append(raw[:len(raw):len(raw)], '\n'))
	if rewrapped.ID() == target.ID() || !revocation.Revokes(rewrapped) {
		t.Error("a space after the envelope undoes its revocation")
	}
	if other := mustOpen(t, statementtest.Content(alice, "bye")); revocation.Revokes(other) {
		t.Error("it revokes another statement")
	}
	if target.Revokes(revocation) || revocation.Revokes(revocation) {
		t.Error("a statement revokes that is no revocation, or one revokes itself")
	}
}

func TestOnlyTheIssuerRevokes(t *testing.T) {
	st, err := statement.New(&statement.Content{Issuer: alice.Issuer(), IssuedAt: statementtest.At, Size: 5}, statementtest.Subject("hello", ""))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := statement.Sign(st, alice, bob)
	if err != nil {
		t.Fatal(err)
	}
	target := mustOpen(t, raw)
	if _, err := statement.NewRevoke(target, statement.Revoke{Issuer: bob.Issuer(), IssuedAt: statementtest.At, Reason: statement.Mistake}); !errors.Is(err, statement.ErrIssuer) {
		t.Errorf("a co-signer revokes: %v", err)
	}
	forged := mustOpen(t, statementtest.Sign(&statement.Revoke{
		Issuer: bob.Issuer(), IssuedAt: statementtest.At, Reason: statement.Mistake, PayloadDigest: target.PayloadDigest(),
	}, bob, statement.NewSubject(target.ID(), "")))
	if forged.Revokes(target) {
		t.Error("a stranger's revocation counts")
	}
	revocation := revoke(t, target, alice)
	if _, err := statement.NewRevoke(revocation, statement.Revoke{Issuer: alice.Issuer(), IssuedAt: statementtest.At, Reason: statement.Mistake}); !errors.Is(err, statement.ErrIssuer) {
		t.Errorf("a revocation is revoked: %v", err)
	}
}

func TestEachSignerOfAForeignStatementRevokes(t *testing.T) {
	raw, err := statement.Sign(&statement.Statement{
		Subjects:      []statement.Subject{statementtest.Subject("hello", "")},
		PredicateType: "https://example.org/note/v1", Predicate: jsontext.Value(`{}`),
	}, alice, carol)
	if err != nil {
		t.Fatal(err)
	}
	target := mustOpen(t, raw)
	for _, s := range []statement.Signer{alice, carol} {
		if !revoke(t, target, s).Revokes(target) {
			t.Errorf("%s cannot revoke", s.Issuer())
		}
	}
}
