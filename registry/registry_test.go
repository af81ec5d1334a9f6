package registry_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
)

func open(t *testing.T, opts registry.Options) *registry.Registry {
	t.Helper()
	return openIn(t, t.TempDir(), opts)
}

func openIn(t *testing.T, dir string, opts registry.Options) *registry.Registry {
	t.Helper()
	r, err := registry.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func appendAll(t *testing.T, r *registry.Registry, entries ...[]byte) {
	t.Helper()
	if err := r.Append(t.Context(), r.Next(), registrytest.Open(entries...)); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, r *registry.Registry, q registry.Query, p registry.Page) registry.Results {
	t.Helper()
	res, err := r.Find(t.Context(), q, p)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func indexes(records []registry.Record) (list []uint64) {
	for _, rec := range records {
		list = append(list, rec.Index)
	}
	return list
}

func subject(text string) registry.Query {
	return registry.Query{Subject: registry.SubjectOf(statement.Sum([]byte(text)))}
}

func TestStatementIsFoundByWhatItSays(t *testing.T) {
	r := open(t, registry.Options{})
	raw := registrytest.Content("alice", "hello")
	appendAll(t, r, registrytest.Content("bob", "other"), raw)
	for name, q := range map[string]registry.Query{
		"subject":    subject("hello"),
		"issuer":     {Issuer: registrytest.Issuer("alice")},
		"two things": {PredicateType: statement.ContentType, Issuer: registrytest.Issuer("alice")},
	} {
		t.Run("by "+name, func(t *testing.T) {
			res := find(t, r, q, registry.Page{})
			if len(res.Records) != 1 || res.Records[0].ID != statement.Sum(raw) || res.Records[0].Index != 1 || res.Covers != 2 || res.Next != "" {
				t.Errorf("found %+v", res)
			}
			if !res.Records[0].IssuedAt.Equal(registrytest.Time) {
				t.Errorf("issued at %v", res.Records[0].IssuedAt)
			}
		})
	}
	if res := find(t, r, subject("nothing"), registry.Page{}); len(res.Records) != 0 || res.Covers != 2 {
		t.Errorf("found %+v", res)
	}
}

func TestForeignStatementIsFoundByEveryDigestAndSigner(t *testing.T) {
	r := open(t, registry.Options{})
	raw := registrytest.Foreign("https://slsa.dev/provenance/v1", map[string]string{
		"sha512": strings.Repeat("ab", 64), "gitCommit": "0123", "sha256": strings.Repeat("cd", 32),
	}, "alice", "bob")
	appendAll(t, r, raw)
	for _, text := range []string{"sha512:" + strings.Repeat("ab", 64), "gitCommit:0123", strings.Repeat("cd", 32)} {
		s, err := registry.ParseSubject(text)
		if err != nil {
			t.Fatal(err)
		}
		if res := find(t, r, registry.Query{Subject: s, Issuer: registrytest.Issuer("bob")}, registry.Page{}); len(res.Records) != 1 {
			t.Errorf("%s: found %+v", text, res)
		}
	}
	rec, ok, err := r.ByID(statement.Sum(raw))
	if err != nil || !ok || len(rec.Issuers) != 2 || !rec.IssuedAt.IsZero() {
		t.Errorf("record %+v, %v, %v", rec, ok, err)
	}
}

func TestSubjectsThatCannotBeRead(t *testing.T) {
	for _, text := range []string{"", "hello", "sha256:", "sha256:ABCD", ":00", "sha512:"} {
		if s, err := registry.ParseSubject(text); !errors.Is(err, registry.ErrQuery) {
			t.Errorf("%q: %q, %v", text, s, err)
		}
	}
}

func TestPagesHaveEveryRecordOnceInOrder(t *testing.T) {
	r := open(t, registry.Options{})
	var want []uint64
	for i := range 25 {
		issuer := "alice"
		if i%3 == 0 {
			issuer = "bob"
		} else {
			want = append(want, uint64(i))
		}
		appendAll(t, r, registrytest.Content(issuer, fmt.Sprint("text ", i)))
	}
	q := registry.Query{Issuer: registrytest.Issuer("alice"), PredicateType: statement.ContentType}
	for _, newest := range []bool{false, true} {
		for _, limit := range []int{1, 4, 16, 1000} {
			var got []uint64
			page := registry.Page{Limit: limit, Newest: newest}
			for {
				res := find(t, r, q, page)
				if len(res.Records) > limit {
					t.Fatalf("%d records on a page of %d", len(res.Records), limit)
				}
				got = append(got, indexes(res.Records)...)
				if res.Next == "" {
					break
				}
				page.After = res.Next
			}
			if newest {
				slices.Reverse(got)
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d, newest %v: %v", limit, newest, got)
			}
		}
	}
}

// A page is cut short where its memory would not be bounded, and goes on after it.
func TestPageOfLongStatementsIsBounded(t *testing.T) {
	r := open(t, registry.Options{})
	const n = 60
	for i := range n {
		appendAll(t, r, registrytest.Foreign("https://example.org/"+strings.Repeat("x", 25_000), map[string]string{"n": fmt.Sprint(i)}, "alice"))
	}
	q := registry.Query{Issuer: registrytest.Issuer("alice")}
	first := find(t, r, q, registry.Page{})
	second := find(t, r, q, registry.Page{After: first.Next})
	if len(first.Records) == n || len(first.Records)+len(second.Records) != n || second.Next != "" {
		t.Errorf("pages of %d and %d records", len(first.Records), len(second.Records))
	}
}

func TestQueriesThatCannotBeAnswered(t *testing.T) {
	r := open(t, registry.Options{})
	q := subject("hello")
	for name, try := range map[string]struct {
		q registry.Query
		p registry.Page
	}{
		"nothing asked":   {},
		"limit too large": {q, registry.Page{Limit: registry.MaxLimit + 1}},
		"limit negative":  {q, registry.Page{Limit: -1}},
		"cursor made up":  {q, registry.Page{After: "here"}},
		"cursor too far":  {q, registry.Page{After: "18446744073709551615"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := r.Find(t.Context(), try.q, try.p); !errors.Is(err, registry.ErrQuery) {
				t.Error(err)
			}
		})
	}
}

func TestRevocation(t *testing.T) {
	target := registrytest.Content("alice", "hello")
	joint := registrytest.Foreign("https://example.org/p", map[string]string{"sha256": strings.Repeat("00", 32)}, "alice", "bob")
	revoke := registrytest.Revoke("alice", target)
	for name, try := range map[string]struct {
		entries [][]byte
		of      []byte
		by      []byte // nil if of is not revoked
	}{
		"by its issuer":                   {[][]byte{target, revoke}, target, revoke},
		"before the statement":            {[][]byte{revoke, target}, target, revoke},
		"by somebody else":                {[][]byte{target, registrytest.Revoke("mallory", target)}, target, nil},
		"by any signer, if none is named": {[][]byte{joint, registrytest.Revoke("bob", joint)}, joint, registrytest.Revoke("bob", joint)},
		"the first one counts":            {[][]byte{joint, registrytest.Revoke("bob", joint), registrytest.Revoke("alice", joint)}, joint, registrytest.Revoke("bob", joint)},
		"cannot itself be revoked":        {[][]byte{target, revoke, registrytest.Revoke("alice", revoke)}, revoke, nil},
		"stays although it is revoked":    {[][]byte{target, revoke, registrytest.Revoke("alice", revoke)}, target, revoke},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, registry.Options{})
			appendAll(t, r, try.entries...)
			rec, ok, err := r.ByID(statement.Sum(try.of))
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			if (rec.Revoked != nil) != (try.by != nil) || rec.Revoked != nil && rec.Revoked.ID != statement.Sum(try.by) {
				t.Errorf("revoked: %+v", rec.Revoked)
			}
		})
	}
}

// Anybody can put the same signed text into another envelope. A revocation holds for that one, too.
func TestRevocationHoldsForTheTextInAnotherEnvelope(t *testing.T) {
	r := open(t, registry.Options{})
	target := registrytest.Content("alice", "hello")
	wrapped := append([]byte(" "), target...)
	appendAll(t, r, registrytest.Revoke("alice", target), wrapped)
	rec, ok, err := r.ByID(statement.Sum(wrapped))
	if err != nil || !ok || rec.Revoked == nil || rec.Revoked.Reason != statement.Mistake {
		t.Errorf("record %+v, %v, %v", rec, ok, err)
	}
}

func TestRepeatedAndForeignEntriesAreCounted(t *testing.T) {
	r := open(t, registry.Options{})
	raw := registrytest.Content("alice", "hello")
	appendAll(t, r, raw, []byte("noise"), raw)
	appendAll(t, r, raw)
	if s := r.State(); s != (registry.State{Next: 4, Repeated: 2, Skipped: 1}) {
		t.Errorf("state %+v", s)
	}
	if index, ok, err := r.Lookup(statement.Sum(raw)); index != 0 || !ok || err != nil {
		t.Errorf("lookup %d, %v, %v", index, ok, err)
	}
	if res := find(t, r, subject("hello"), registry.Page{}); len(res.Records) != 1 {
		t.Errorf("found %+v", res)
	}
}

func TestAppendKeepsTheOrderOfTheLog(t *testing.T) {
	r := open(t, registry.Options{})
	entries := registrytest.Open(registrytest.Content("alice", "0"), registrytest.Content("alice", "1"), registrytest.Content("alice", "2"))
	if err := r.Append(t.Context(), 1, entries[1:]); !errors.Is(err, registry.ErrGap) {
		t.Errorf("gap: %v", err)
	}
	if err := r.Append(t.Context(), 0, entries[:2]); err != nil {
		t.Fatal(err)
	}
	if err := r.Append(t.Context(), 0, entries); err != nil || r.Next() != 3 {
		t.Errorf("overlap: %v, next %d", err, r.Next())
	}
	if err := r.Append(t.Context(), 1, entries[1:]); err != nil || r.Next() != 3 {
		t.Errorf("again: %v, next %d", err, r.Next())
	}
	if err := r.Append(t.Context(), 1, entries[2:]); !errors.Is(err, registry.ErrConflict) {
		t.Errorf("conflict: %v", err)
	}
	if err := r.Append(t.Context(), 1, []*statement.Envelope{nil}); !errors.Is(err, registry.ErrConflict) {
		t.Errorf("conflict with what is no statement: %v", err)
	}
}

func TestClosedRegistrySaysSo(t *testing.T) {
	r := open(t, registry.Options{})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	_, find := r.Find(t.Context(), subject("hello"), registry.Page{})
	_, _, lookup := r.Lookup(statement.Digest{})
	_, _, byID := r.ByID(statement.Digest{})
	_, _, digest := r.Digest(t.Context())
	for name, err := range map[string]error{
		"find": find, "lookup": lookup, "by id": byID, "digest": digest, "append": r.Append(t.Context(), 0, nil),
		"follow": r.Follow(t.Context(), registrytest.NewLog()), "reset": r.Reset(t.Context()),
	} {
		if !errors.Is(err, registry.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
