package statement_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/statement/statementtest"
)

// addVectors seeds a fuzz target with the vectors that are small enough to be changed usefully.
func addVectors(f *testing.F) {
	for _, v := range readVectors(f) {
		if raw := v.Raw(); len(raw) < 8<<10 {
			f.Add(raw)
		}
	}
}

// Parse never panics, and what it accepts keeps its promises.
func FuzzParse(f *testing.F) {
	addVectors(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		e, err := statement.Parse(raw)
		if !bytes.Equal(raw, before) {
			t.Fatal("Parse changed what it was given")
		}
		if err != nil {
			if e != nil || statement.Code(err) == "" {
				t.Fatalf("an error without a code, or an envelope with an error: %v", err)
			}
			return
		}
		checkParsed(t, e, raw)
	})
}

// checkParsed checks what holds for every envelope.
func checkParsed(t *testing.T, e *statement.Envelope, raw []byte) {
	t.Helper()
	n := len(e.Signatures())
	if e.ID() != statement.Sum(raw) || len(raw) > statement.MaxEnvelope || n == 0 || n > statement.MaxSignatures || n != len(e.Issuers()) {
		t.Fatal("the envelope breaks a rule")
	}
	st := e.Statement()
	if len(st.Subjects) == 0 || len(st.Subjects) > statement.MaxSubjects || st.PredicateType == "" {
		t.Fatal("the statement breaks a rule")
	}
	if st.Predicate != nil && (st.Predicate.Kind() != '{' || !st.Predicate.IsValid() || !bytes.Contains(e.Payload(), st.Predicate)) {
		t.Fatal("the predicate is not an object of the payload")
	}
	if p := e.Predicate(); p != nil {
		at, ok := statement.Issued(e)
		again, err := statement.New(p, st.Subjects...)
		if err != nil || !ok || at.Nanosecond() != 0 {
			t.Fatalf("the predicate would not be written: %v", err)
		}
		if _, err := again.Decode(); err != nil {
			t.Fatalf("the predicate was written and not read: %v", err)
		}
	}
}

// Any payload can be signed. Whatever then opens can be signed again and reads the same, and OpenBatch and Open agree.
func FuzzOpen(f *testing.F) {
	for _, v := range readVectors(f) {
		if e, err := statement.Parse(v.Raw()); err == nil && len(e.Payload()) < 4<<10 {
			f.Add(e.Payload())
		}
	}
	good := statementtest.Content(alice, "hello")
	f.Fuzz(func(t *testing.T, payload []byte) {
		raw := statementtest.Envelope(alice, string(payload))
		e, err := statement.Open(raw)
		envelopes, errs := statement.OpenBatch([][]byte{good, raw, good})
		if message(err) != message(errs[1]) || (e == nil) != (envelopes[1] == nil) || errs[0] != nil || errs[2] != nil {
			t.Fatalf("Open says %v, OpenBatch %v", err, errs)
		}
		if err != nil {
			return
		}
		if !e.Verified() || !bytes.Equal(e.Payload(), payload) {
			t.Fatal("opened and not verified, or to something else")
		}
		checkParsed(t, e, raw)
		checkRoundTrip(t, e)
	})
}

// checkRoundTrip signs a statement by alice again, and once more.
func checkRoundTrip(t *testing.T, e *statement.Envelope) {
	t.Helper()
	once, err := statement.Sign(e.Statement(), alice)
	if errors.Is(err, statement.ErrTooLarge) {
		return
	}
	if err != nil {
		t.Fatalf("what opened cannot be signed: %v", err)
	}
	again, err := statement.Open(once)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := statement.Sign(again.Statement(), alice)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(once, twice) {
		t.Fatalf("the statement changed when it was signed again:\n%s\n%s", once, twice)
	}
}

// Predicates of ours are read without a panic, and what is read can be written and read again.
func FuzzPredicate(f *testing.F) {
	for _, v := range readVectors(f) {
		e, err := statement.Parse(v.Raw())
		if err == nil && e.Predicate() != nil {
			f.Add(uint8(0), []byte(e.Statement().Predicate))
			f.Add(uint8(1), []byte(e.Statement().Predicate))
			f.Add(uint8(2), []byte(e.Statement().Predicate))
		}
	}
	types := []string{statement.ContentType, statement.RightsType, statement.RevokeType}
	subject := statementtest.Subject("hello", "")
	f.Fuzz(func(t *testing.T, kind uint8, predicate []byte) {
		st := statement.Statement{
			Subjects: []statement.Subject{subject}, PredicateType: types[int(kind)%len(types)], Predicate: jsontext.Value(predicate),
		}
		p, err := st.Decode()
		if err != nil {
			if p != nil || statement.Code(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		written, err := statement.New(p, subject)
		if errors.Is(err, statement.ErrKey) || errors.Is(err, statement.ErrAlgorithm) {
			return // Decode leaves it to the signatures to say whether the issuer is a key
		}
		if err != nil {
			t.Fatalf("read and not written: %v", err)
		}
		if _, err := written.Decode(); err != nil {
			t.Fatalf("written and not read: %v", err)
		}
	})
}

// A text is an issuer only if it is the one text of its key.
func FuzzParseIssuer(f *testing.F) {
	for _, s := range []statement.Signer{alice, bob, carol} {
		f.Add(string(s.Issuer()))
	}
	for _, c := range statementtest.EdgeCases() {
		f.Add(string(c.Issuer))
	}
	f.Fuzz(func(t *testing.T, text string) {
		issuer, err := statement.ParseIssuer(text)
		if err != nil {
			if issuer != "" || statement.Code(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		key, err := issuer.PublicKey()
		if err != nil || string(key.Issuer()) != text || key.Verify(nil, make([]byte, 64)) == nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// AddKeyID changes a hint, and only if the key has signed.
func FuzzAddKeyID(f *testing.F) {
	for _, v := range readVectors(f) {
		if raw := v.Raw(); v.Want == "ok" && len(raw) < 8<<10 {
			f.Add(bytes.Replace(raw, []byte(alice.Issuer()), []byte("alice"), 1))
			f.Add(bytes.Replace(raw, []byte(`"keyid":"`+alice.Issuer()+`",`), nil, 1))
		}
	}
	key, err := alice.Issuer().PublicKey()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		named, err := statement.AddKeyID(raw, key)
		if err != nil {
			if named != nil || statement.Code(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if !bytes.Contains(named, []byte(alice.Issuer())) {
			t.Fatal("the key was not added")
		}
		if e, err := statement.Parse(named); err == nil && e.Verify() == nil && !slices.Contains(e.Issuers(), alice.Issuer()) {
			t.Fatalf("it is signed by %v", e.Issuers())
		}
	})
}
