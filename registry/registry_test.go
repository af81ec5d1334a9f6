package registry_test

import (
	"testing"

	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
)

func open(t *testing.T, opts registry.Options) *registry.Registry {
	t.Helper()
	r, err := registry.Open(t.TempDir(), opts)
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

func subject(text string) registry.Query {
	return registry.Query{Subject: registry.SubjectOf(statement.Sum([]byte(text)))}
}

func TestStatementIsFoundByWhatItSays(t *testing.T) {
	r := open(t, registry.Options{})
	raw := registrytest.Content("alice", "hello")
	appendAll(t, r, registrytest.Content("bob", "other"), raw)
	for name, q := range map[string]registry.Query{
		"subject":   subject("hello"),
		"issuer":    {Issuer: registrytest.Issuer("alice")},
		"predicate": {PredicateType: statement.ContentType, Issuer: registrytest.Issuer("alice")},
	} {
		t.Run("by "+name, func(t *testing.T) {
			res := find(t, r, q, registry.Page{})
			if len(res.Records) != 1 || res.Records[0].ID != statement.Sum(raw) || res.Records[0].Index != 1 || res.Covers != 2 || res.Next != "" {
				t.Errorf("found %+v", res)
			}
		})
	}
}

func TestFollowTakesInALog(t *testing.T) {
	log := registrytest.NewLog().Grow(600)
	r := open(t, registry.Options{Log: log.Key()})
	if err := r.Follow(t.Context(), log); err != nil {
		t.Fatal(err)
	}
	if r.Next() != 600 {
		t.Errorf("next is %d", r.Next())
	}
	if res := find(t, r, subject("text 599"), registry.Page{}); len(res.Records) != 1 {
		t.Errorf("found %+v", res)
	}
}
