// Package logservertest makes small logs and statements for tests.
package logservertest

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/statement"
)

// Index is a [logserver.Index] in memory. The zero Index is empty and ready.
type Index struct {
	// Fail, if not nil, is asked before each Append whether it should fail.
	Fail func() error

	mu   sync.Mutex
	ids  map[statement.Digest]uint64 // guarded by mu
	next uint64                      // guarded by mu
}

// Lookup returns where an entry is.
func (x *Index) Lookup(id statement.Digest) (uint64, bool, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	i, ok := x.ids[id]
	return i, ok, nil
}

// Preload adds the id of the next entry, for an index that is kept in a file.
func (x *Index) Preload(id statement.Digest) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ids == nil {
		x.ids = map[statement.Digest]uint64{}
	}
	x.ids[id] = x.next
	x.next++
}

// Next returns the number of entries.
func (x *Index) Next() uint64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.next
}

// Append adds entries. It refuses a gap, and an entry that is there already at another place: a
// log must not hold a statement twice.
func (x *Index) Append(_ context.Context, first uint64, entries []*statement.Envelope) error {
	if x.Fail != nil {
		if err := x.Fail(); err != nil {
			return err
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if first > x.next {
		return fmt.Errorf("gap: have %d entries, got those from %d", x.next, first)
	}
	if x.ids == nil {
		x.ids = map[statement.Digest]uint64{}
	}
	for i, e := range entries {
		at := first + uint64(i)
		if at < x.next {
			continue
		}
		if e == nil { // no statement to this version
			x.next = at + 1
			continue
		}
		if was, ok := x.ids[e.ID()]; ok {
			return fmt.Errorf("entry %d is the same statement as %d", at, was)
		}
		x.ids[e.ID()] = at
		x.next = at + 1
	}
	return nil
}

// Author signs statements for tests.
type Author struct {
	signer statement.Signer
	random *rand.Rand
	mu     sync.Mutex
}

// NewAuthor returns an author whose statements depend on the seed alone.
func NewAuthor(seed uint64) *Author {
	var key [ed25519.SeedSize]byte
	binary.BigEndian.PutUint64(key[:], seed)
	signer, err := statement.NewSigner(ed25519.NewKeyFromSeed(key[:]))
	if err != nil {
		panic(err)
	}
	return &Author{signer: signer, random: rand.New(rand.NewPCG(seed, 0))}
}

// Sign returns n different envelopes of about 1 KB, unopened.
func (a *Author) Sign(n int) [][]byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	raws := make([][]byte, n)
	for i := range raws {
		var file [32]byte
		binary.BigEndian.PutUint64(file[:], a.random.Uint64())
		binary.BigEndian.PutUint64(file[8:], a.random.Uint64())
		digest := statement.Sum(file[:])
		st, err := statement.New(&statement.Content{
			Issuer: a.signer.Issuer(), IssuedAt: time.Unix(1_700_000_000, 0).UTC(), MediaType: "image/jpeg",
			Size: 1234, Title: "holiday.jpg", Made: "photographed from a small boat in the evening, with the tide going out; straightened and cropped a little, " +
				"nothing was added and nothing taken away",
		}, statement.Subject{Name: "holiday.jpg", Digest: map[string]string{"sha256": digest.Hex()}})
		if err == nil {
			raws[i], err = statement.Sign(st, a.signer)
		}
		if err != nil {
			panic(err)
		}
	}
	return raws
}

// Open returns n different envelopes of about 1 KB, verified.
func (a *Author) Open(n int) []*statement.Envelope {
	envelopes, errs := statement.OpenBatch(a.Sign(n))
	for _, err := range errs {
		if err != nil {
			panic(err)
		}
	}
	return envelopes
}

// New makes a log in a temporary directory, opens it, and closes it when the test ends. An empty
// origin means "log.example/test". The index is in memory unless opts has one.
func New(t testing.TB, cfg logserver.Config, opts logserver.Options) (*logserver.Log, string) {
	t.Helper()
	dir := t.TempDir() + "/log"
	if cfg.Origin == "" {
		cfg.Origin = "log.example/test"
	}
	if err := logserver.Init(dir, cfg); err != nil {
		t.Fatal(err)
	}
	if opts.Index == nil {
		opts.Index = &Index{}
	}
	log, err := logserver.Open(context.Background(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := log.Close(ctx); err != nil && err != logserver.ErrClosed {
			t.Errorf("close log: %v", err)
		}
	})
	return log, dir
}
