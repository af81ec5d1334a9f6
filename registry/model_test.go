package registry_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
)

// model is a registry that looks through everything each time. It asks the statements themselves what revokes what.
type model []*statement.Envelope

// first returns where a statement is found first.
func (m model) first(id statement.Digest) (uint64, bool) {
	i := slices.IndexFunc(m, func(e *statement.Envelope) bool { return e != nil && e.ID() == id })
	return uint64(max(i, 0)), i >= 0
}

func (m model) find(q registry.Query) (list []registry.Record) {
	for i, e := range m {
		if e == nil || !speaksOf(e, q.Subject) ||
			q.Issuer != "" && !slices.Contains(e.Issuers(), q.Issuer) ||
			q.PredicateType != "" && q.PredicateType != e.Statement().PredicateType {
			continue
		}
		if first, _ := m.first(e.ID()); first == uint64(i) {
			at, _ := statement.Issued(e)
			list = append(list, registry.Record{
				Index: first, ID: e.ID(), Payload: e.PayloadDigest(), Issuers: e.Issuers(),
				PredicateType: e.Statement().PredicateType, IssuedAt: at, Revoked: m.revocation(e),
			})
		}
	}
	return list
}

func (m model) revocation(of *statement.Envelope) *registry.Revocation {
	for i, e := range m {
		if e != nil && e.Revokes(of) {
			p := e.Predicate().(*statement.Revoke)
			return &registry.Revocation{Index: uint64(i), ID: e.ID(), Issuer: p.Issuer, IssuedAt: p.IssuedAt, Reason: p.Reason}
		}
	}
	return nil
}

func speaksOf(e *statement.Envelope, s registry.Subject) bool {
	return s == "" || slices.ContainsFunc(e.Statement().Subjects, func(x statement.Subject) bool {
		for algorithm, value := range x.Digest {
			if string(s) == algorithm+":"+value {
				return true
			}
		}
		return false
	})
}

// pool is what the logs of the property test are drawn from: entries that have much to do with each other.
var pool = func() (list []*statement.Envelope) {
	var raws [][]byte
	for _, issuer := range []string{"alice", "bob"} {
		for _, text := range []string{"one", "two", "three"} {
			raws = append(raws, registrytest.Content(issuer, text))
		}
	}
	raws = append(raws, registrytest.Foreign("https://example.org/p", map[string]string{
		"sha256": statement.Sum([]byte("one")).Hex(), "sha512": "00",
	}, "alice", "bob"))
	for _, raw := range slices.Clone(raws) {
		raws = append(raws, registrytest.Revoke("alice", raw), registrytest.Revoke("bob", raw))
	}
	// The same revocation in another envelope, and the revocation of one.
	raws = append(raws, append([]byte(" "), raws[7]...), registrytest.Revoke("alice", raws[7]))
	return append(registrytest.Open(raws...), nil, nil)
}()

var queries = func() (list []registry.Query) {
	for _, text := range []string{"one", "two", "four"} {
		list = append(list, subject(text), registry.Query{Subject: subject(text).Subject, Issuer: registrytest.Issuer("bob")})
	}
	for _, kind := range []string{statement.ContentType, statement.RevokeType, "https://example.org/p"} {
		list = append(list, registry.Query{PredicateType: kind}, registry.Query{PredicateType: kind, Issuer: registrytest.Issuer("alice")})
	}
	return append(list, registry.Query{Issuer: registrytest.Issuer("bob")}, registry.Query{Subject: "sha512:00"})
}()

// However a log is cut into batches, and wherever the machine loses its power between them, the registry is that of
// some beginning of the log, and at the end it is the same registry to the last byte.
func TestRegistryIsAFunctionOfTheLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := model(rapid.SliceOfN(rapid.SampledFrom(pool), 1, 40).Draw(t, "log"))
		m := &machine{t: t, log: log, fs: vfs.NewCrashableMem()}
		m.open()
		defer func() { m.close() }()
		t.Repeat(map[string]func(*rapid.T){
			"append": m.append,
			"flush":  func(t *rapid.T) { noError(t, m.r.Flush(t.Context())) },
			"crash":  m.crash,
			"reopen": func(*rapid.T) { m.close(); m.open() },
			"reset":  func(t *rapid.T) { noError(t, m.r.Reset(t.Context())) },
			"":       m.check,
		})
		noError(t, m.r.Append(t.Context(), m.r.Next(), log[m.r.Next():]))
		m.compare(t)
		if got, want := digestOf(t, m.r), m.straight(); got != want {
			t.Errorf("digest %s, and %s of the log taken in at once", got, want)
		}
	})
}

// machine is a registry on a disk that forgets what was not synced.
type machine struct {
	t   *rapid.T
	log model
	fs  *vfs.MemFS
	r   *registry.Registry
}

func (m *machine) options(fs vfs.FS) (o registry.Options) {
	o.MemTableBytes = 8 << 10 // so that the store writes to disk in the middle of things
	o.SetFS(fs)
	return o
}

func (m *machine) open() {
	var err error
	m.r, err = registry.Open("registry", m.options(m.fs))
	noError(m.t, err)
}

func (m *machine) close() { noError(m.t, m.r.Close()) }

// append gives the registry the next entries, and perhaps some again that it has.
func (m *machine) append(t *rapid.T) {
	next := int(m.r.Next())
	first := rapid.IntRange(max(0, next-5), next).Draw(t, "first")
	end := rapid.IntRange(first, min(len(m.log), next+20)).Draw(t, "end")
	noError(t, m.r.Append(t.Context(), uint64(first), m.log[first:end]))
	if int(m.r.Next()) != max(next, end) {
		t.Errorf("next is %d after %d and an append up to %d", m.r.Next(), next, end)
	}
}

// crash takes the disk as it would be found after the power went, and begins again with that.
func (m *machine) crash(t *rapid.T) {
	had := m.r.Next()
	after := m.fs.CrashClone(vfs.CrashCloneCfg{
		UnsyncedDataPercent: rapid.SampledFrom([]int{0, 50, 100}).Draw(t, "kept"),
		RNG:                 rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)),
	})
	m.close()
	m.fs = after
	m.open()
	if m.r.Next() > had {
		t.Errorf("next is %d after a crash at %d", m.r.Next(), had)
	}
}

// check asks everything, and compares which records come, and what revoked them, with the model.
func (m *machine) check(t *rapid.T) {
	now := m.log[:m.r.Next()]
	for _, q := range queries {
		if want, got := outline(now.find(q)), outline(m.find(t, q)); want != got {
			t.Errorf("%+v of %d entries:\nmodel    %s\nregistry %s", q, len(now), want, got)
		}
	}
	for _, e := range pool {
		if e == nil {
			continue
		}
		want, known := now.first(e.ID())
		if got, ok, err := m.r.Lookup(e.ID()); got != want || ok != known || err != nil {
			t.Errorf("lookup: %d, %v, %v; in the model %d, %v", got, ok, err, want, known)
		}
	}
}

// compare does the same for all that is in the records.
func (m *machine) compare(t *rapid.T) {
	for _, q := range queries {
		if d := cmp.Diff(m.log.find(q), m.find(t, q), cmpopts.IgnoreUnexported(registry.Record{}), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%+v (-model +registry):\n%s", q, d)
		}
	}
}

func (m *machine) find(t *rapid.T, q registry.Query) []registry.Record {
	res, err := m.r.Find(t.Context(), q, registry.Page{Limit: registry.MaxLimit})
	noError(t, err)
	return res.Records
}

func outline(records []registry.Record) (s string) {
	for _, r := range records {
		s += fmt.Sprint(" ", r.Index)
		if r.Revoked != nil {
			s += fmt.Sprint(" revoked by ", r.Revoked.Index)
		}
	}
	return s
}

// straight returns the digest of a registry that takes in the log at once.
func (m *machine) straight() string {
	r, err := registry.Open("straight", m.options(vfs.NewMem()))
	noError(m.t, err)
	defer r.Close()
	noError(m.t, r.Append(m.t.Context(), 0, m.log))
	return digestOf(m.t, r)
}

func digestOf(t *rapid.T, r *registry.Registry) string {
	d, covers, err := r.Digest(t.Context())
	noError(t, err)
	if covers != r.Next() {
		t.Errorf("digest covers %d of %d", covers, r.Next())
	}
	return fmt.Sprint(d)
}

func noError(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}
