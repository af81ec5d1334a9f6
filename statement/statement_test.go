package statement_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/statement/statementtest"
)

var (
	alice = statementtest.Signer("alice")
	bob   = statementtest.Signer("bob")
	carol = statementtest.P256Signer("carol")
)

func mustOpen(t *testing.T, raw []byte) *statement.Envelope {
	t.Helper()
	e, err := statement.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestWhatIsSignedIsWhatIsRead(t *testing.T) {
	digest := statement.Sum([]byte("hello"))
	content := &statement.Content{
		Issuer: alice.Issuer(), IssuedAt: statementtest.At, MediaType: "text/plain; charset=utf-8", Size: 5, Title: "Greeting",
		Made: "Typed.\n\tTwice.", DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits",
		Fingerprints: []statement.Fingerprint{{Algorithm: "iscc", Value: "ISCC:K"}}, Credential: &digest, Supersedes: &digest,
	}
	st, err := statement.New(content, statement.NewSubject(digest, "hello.txt"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := statement.Sign(st, alice, carol)
	if err != nil {
		t.Fatal(err)
	}
	e := mustOpen(t, raw)
	if d := cmp.Diff(content, e.Predicate()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]statement.Issuer{alice.Issuer(), carol.Issuer()}, e.Issuers()); d != "" {
		t.Error(d)
	}
	if got, ok := e.Statement().Subjects[0].SHA256(); !ok || got != digest || e.Statement().Subjects[0].Name != "hello.txt" {
		t.Errorf("the subject is %+v", e.Statement().Subjects[0])
	}
	if at, ok := statement.Issued(e); !ok || !at.Equal(statementtest.At) {
		t.Errorf("issued at %v, %v", at, ok)
	}
	if e.ID() != statement.Sum(raw) || e.PayloadDigest() != statement.Sum(e.Payload()) || !bytes.Equal(e.Raw(), raw) {
		t.Error("the envelope is not named by its bytes")
	}
	if bytes.ContainsAny(raw, " \n") || !bytes.HasPrefix(raw, []byte(`{"payload":"`)) {
		t.Errorf("the envelope is not on one line: %s", raw)
	}
}

func TestSigningAnOpenedStatementAgainGivesTheSameBytes(t *testing.T) {
	for _, v := range readVectors(t) {
		if v.Want != "ok" {
			continue
		}
		e := mustOpen(t, v.Raw())
		signers := []statement.Signer{alice, carol, bob}
		if e.Predicate() != nil && e.Issuers()[0] == carol.Issuer() {
			signers = []statement.Signer{carol}
		}
		once, err := statement.Sign(e.Statement(), signers...)
		if errors.Is(err, statement.ErrTooLarge) {
			continue // members that are not ours are kept, and more signatures are longer
		}
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		again := mustOpen(t, once)
		if d := cmp.Diff(e.Statement().Subjects, again.Statement().Subjects); d != "" {
			t.Errorf("%s: %s", v.Name, d)
		}
		twice, err := statement.Sign(again.Statement(), signers...)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		if !bytes.Equal(mustOpen(t, twice).Payload(), again.Payload()) {
			t.Errorf("%s: the payload changed when it was signed again", v.Name)
		}
	}
}

func TestParseChecksNoSignature(t *testing.T) {
	raw := statementtest.Content(alice, "hello")
	sig := bytes.Index(raw, []byte(`"sig":"`)) + len(`"sig":"`)
	raw[sig] = 'A' + (raw[sig]-'A'+1)%26
	e, err := statement.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if e.Verified() || e.Issuers()[0] != alice.Issuer() {
		t.Error("an envelope that was only parsed is verified, or lost its signer")
	}
	if err := e.Verify(); !errors.Is(err, statement.ErrSignature) || e.Verified() {
		t.Errorf("Verify: %v", err)
	}
	if !strings.Contains(e.Verify().Error(), "signature 1 of 1, by did:key:z6Mk") {
		t.Errorf("the error does not say which signature: %v", e.Verify())
	}
}

func TestSignRefusesBeforeItSigns(t *testing.T) {
	good := func() *statement.Statement {
		st, err := statement.New(&statement.Content{Issuer: alice.Issuer(), IssuedAt: statementtest.At}, statementtest.Subject("", ""))
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	tests := []struct {
		name    string
		change  func(*statement.Statement)
		signers []statement.Signer
		want    error
	}{
		{"nobody to sign", nil, nil, statement.ErrNoSignature},
		{"the same signer twice", nil, []statement.Signer{alice, alice}, statement.ErrRepeatedSignature},
		{"not the issuer", nil, []statement.Signer{bob}, statement.ErrIssuer},
		{"too many signers", nil, nineSigners(), statement.ErrTooMany},
		{"no subject", func(s *statement.Statement) { s.Subjects = nil }, []statement.Signer{alice}, statement.ErrNoSubject},
		{"a subject without a digest", func(s *statement.Statement) { s.Subjects[0].Digest = nil }, []statement.Signer{alice}, statement.ErrSubject},
		{"no predicate type", func(s *statement.Statement) { s.PredicateType = "" }, []statement.Signer{alice}, statement.ErrMissing},
		{"another type of statement", func(s *statement.Statement) { s.Type = "x" }, []statement.Signer{alice}, statement.ErrStatementType},
		{"no predicate", func(s *statement.Statement) { s.Predicate = nil }, []statement.Signer{alice}, statement.ErrMissing},
		{"a predicate that is no JSON", func(s *statement.Statement) { s.Predicate = jsontext.Value("{") }, []statement.Signer{alice}, statement.ErrTruncated},
		{"a predicate that is no object", func(s *statement.Statement) { s.Predicate = jsontext.Value("1") }, []statement.Signer{alice}, statement.ErrWrongType},
		{"a predicate that names a member twice", func(s *statement.Statement) { s.Predicate = jsontext.Value(`{"a":1,"a":1}`) }, []statement.Signer{alice}, statement.ErrDuplicateKey},
		{"text that is not UTF-8", func(s *statement.Statement) { s.Subjects[0].Name = "\xff" }, []statement.Signer{alice}, statement.ErrEncoding},
		{"too large", func(s *statement.Statement) { s.Subjects[0].Name = strings.Repeat("a", 50<<10) }, []statement.Signer{alice}, statement.ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st := good()
			if tt.change != nil {
				tt.change(st)
			}
			if raw, err := statement.Sign(st, tt.signers...); !errors.Is(err, tt.want) || raw != nil {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func nineSigners() []statement.Signer {
	signers := []statement.Signer{alice}
	for i := range statement.MaxSignatures {
		signers = append(signers, statementtest.Signer(fmt.Sprint(i)))
	}
	return signers
}

// faulty is a signer whose device gives back nonsense.
type faulty struct{ statement.Signer }

func (faulty) Sign([]byte) ([]byte, error) { return make([]byte, 64), nil }

// unplugged is a signer whose device is gone.
type unplugged struct{ statement.Signer }

var errUnplugged = errors.New("no such device")

func (unplugged) Sign([]byte) ([]byte, error) { return nil, errUnplugged }

func TestAFaultySignerIsFoundOut(t *testing.T) {
	st, err := statement.New(&statement.Content{Issuer: alice.Issuer(), IssuedAt: statementtest.At}, statementtest.Subject("", ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := statement.Sign(st, faulty{alice}); !errors.Is(err, statement.ErrSignature) {
		t.Errorf("got %v", err)
	}
	if _, err := statement.Sign(st, unplugged{alice}); !errors.Is(err, errUnplugged) {
		t.Errorf("got %v", err)
	}
}

func TestForeignStatementsHaveNoPredicateOfOurs(t *testing.T) {
	st := &statement.Statement{
		Subjects:      []statement.Subject{statementtest.Subject("hello", "")},
		PredicateType: "https://example.org/note/v1",
		Predicate:     jsontext.Value(`{"n":1.0}`),
	}
	raw, err := statement.Sign(st, alice)
	if err != nil {
		t.Fatal(err)
	}
	e := mustOpen(t, raw)
	p, err := e.Statement().Decode()
	if p != nil || err != nil || e.Predicate() != nil {
		t.Errorf("decoded to %v, %v", p, err)
	}
	if at, ok := statement.Issued(e); ok {
		t.Errorf("issued at %v", at)
	}
	if string(e.Statement().Predicate) != `{"n":1.0}` {
		t.Errorf("the predicate became %s", e.Statement().Predicate)
	}
}

func TestNewRefuses(t *testing.T) {
	at := statementtest.At
	tests := []struct {
		name string
		p    statement.Predicate
		want error
	}{
		{"no issuer", &statement.Content{IssuedAt: at}, statement.ErrMissing},
		{"an issuer that is no key", &statement.Content{Issuer: "alice", IssuedAt: at}, statement.ErrKey},
		{"no time", &statement.Content{Issuer: alice.Issuer()}, statement.ErrMissing},
		{"a time in another place", &statement.Content{Issuer: alice.Issuer(), IssuedAt: at.In(time.FixedZone("", 3600))}, statement.ErrPredicate},
		{"a part of a second", &statement.Content{Issuer: alice.Issuer(), IssuedAt: at.Add(1)}, statement.ErrPredicate},
		{"a year of five digits", &statement.Content{Issuer: alice.Issuer(), IssuedAt: at.AddDate(8000, 0, 0)}, statement.ErrPredicate},
		{"a negative size", &statement.Content{Issuer: alice.Issuer(), IssuedAt: at, Size: -2}, statement.ErrPredicate},
		{"a title that is not UTF-8", &statement.Content{Issuer: alice.Issuer(), IssuedAt: at, Title: "\xff"}, statement.ErrPredicate},
		{"a preference that is no preference", &statement.Rights{Issuer: alice.Issuer(), IssuedAt: at, Vocabulary: "v", Search: "Y"}, statement.ErrPredicate},
		{"a holder of two lines", &statement.Rights{Issuer: alice.Issuer(), IssuedAt: at, Holder: "a\nb"}, statement.ErrPredicate},
		{"a vocabulary with spaces", &statement.Rights{Issuer: alice.Issuer(), IssuedAt: at, Holder: "a", Vocabulary: "a b"}, statement.ErrPredicate},
		{"a revocation of nothing", &statement.Revoke{Issuer: alice.Issuer(), IssuedAt: at, Reason: statement.Legal}, statement.ErrMissing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := statement.New(tt.p, statementtest.Subject("hello", "")); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	good := &statement.Content{Issuer: alice.Issuer(), IssuedAt: at}
	if _, err := statement.New(good); !errors.Is(err, statement.ErrNoSubject) {
		t.Errorf("without a subject: %v", err)
	}
	many := make([]statement.Subject, statement.MaxSubjects+1)
	if _, err := statement.New(good, many...); !errors.Is(err, statement.ErrTooMany) {
		t.Errorf("with too many subjects: %v", err)
	}
}
