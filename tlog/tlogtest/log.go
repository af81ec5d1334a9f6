// Package tlogtest gives tests a transparency log in memory: it serves tiles and entry bundles,
// signs checkpoints, makes witnesses, and can be made to misbehave.
//
//	log := tlogtest.New("example.org/log")
//	log.Append([]byte("first"), []byte("second"))
//	raw := log.Checkpoint(tlogtest.Cosigner("w1"))
//	proof := log.Proof(1, raw)
//
// Keys follow from names, so that the same test makes the same bytes each time.
package tlogtest

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// Time is the moment at which cosigners made by [Cosigner] sign: 2026-11-22 12:00:00 UTC.
var Time = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Log is a log in memory. It is safe for concurrent use.
type Log struct {
	Origin tlog.Origin
	Signer *tlog.Signer // the log's own Ed25519 signer
	COSE   *tlog.Signer // signs roots for COSE receipts

	mu      sync.RWMutex
	entries [][]byte      // guarded by mu
	rows    [][]tlog.Hash // guarded by mu; rows[h] has the complete nodes of height h
}

// New returns an empty log whose key follows from its origin.
func New(origin tlog.Origin) *Log {
	signer, err := tlog.NewLogSigner(origin, PrivateKey(string(origin)))
	if err != nil {
		panic(err)
	}
	cose, err := tlog.NewCOSERootSigner(origin, PrivateKey(string(origin)))
	if err != nil {
		panic(err)
	}
	return &Log{Origin: origin, Signer: signer, COSE: cose}
}

// PrivateKey returns the key that follows from a name. It is no secret.
func PrivateKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("tlogtest " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Cosigner returns a witness's signer that signs at [Time].
func Cosigner(name string) *tlog.Signer {
	return CosignerAt(name, func() time.Time { return Time })
}

// CosignerAt returns a witness's signer with a clock.
func CosignerAt(name string, now func() time.Time) *tlog.Signer {
	s, err := tlog.NewCosigner(name, PrivateKey(name), now)
	if err != nil {
		panic(err)
	}
	return s
}

// Key returns the log's key.
func (l *Log) Key() tlog.Key { return l.Signer.Key() }

// Size returns the number of entries.
func (l *Log) Size() uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return uint64(len(l.entries))
}

// Append adds entries and returns the index of the first.
func (l *Log) Append(entries ...[]byte) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := uint64(len(l.entries))
	for _, e := range entries {
		l.entries = append(l.entries, slices.Clone(e))
		h := tlog.LeafHash(e)
		for i := 0; ; i++ {
			if i == len(l.rows) {
				l.rows = append(l.rows, nil)
			}
			l.rows[i] = append(l.rows[i], h)
			if n := len(l.rows[i]); n%2 == 0 {
				h = tlog.NodeHash(l.rows[i][n-2], h)
				continue
			}
			break
		}
	}
	return first
}

// Grow appends n entries "entry N" and returns the log.
func (l *Log) Grow(n int) *Log {
	for range n {
		l.Append(fmt.Appendf(nil, "entry %d", l.Size()))
	}
	return l
}

// Fork returns another log with the same key that shares the first size entries and then goes its
// own way: what a dishonest operator would run.
func (l *Log) Fork(size uint64) *Log {
	l.mu.RLock()
	defer l.mu.RUnlock()
	f := New(l.Origin)
	f.Append(l.entries[:size]...)
	return f
}

// Entry returns an entry's bytes.
func (l *Log) Entry(index uint64) []byte {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.entries[index]
}

// Root returns the root of the tree of the first size entries. It is worked out by the definition
// in RFC 6962, section 2.1, from the leaves, on no path that the code under test uses.
func (l *Log) Root(size uint64) tlog.Hash {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if size == 0 {
		return tlog.EmptyRoot
	}
	return definition(l.rows[0][:size])
}

func definition(leaves []tlog.Hash) tlog.Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(definition(leaves[:k]), definition(leaves[k:]))
}

// Checkpoint returns the newest checkpoint, signed by the log, for COSE, and by the cosigners.
func (l *Log) Checkpoint(cosigners ...note.Signer) []byte {
	return l.CheckpointAt(l.Size(), cosigners...)
}

// CheckpointAt returns the checkpoint of the first size entries.
func (l *Log) CheckpointAt(size uint64, cosigners ...note.Signer) []byte {
	c := tlog.Checkpoint{Origin: l.Origin, Size: size, Root: l.Root(size)}
	raw, err := c.Sign(append([]note.Signer{l.Signer, l.COSE}, cosigners...)...)
	if err != nil {
		panic(err)
	}
	return raw
}

// Prover returns a prover over the log's tiles.
func (l *Log) Prover() *tlog.Prover { return tlog.NewProver(l, 0) }

// Proof returns the proof of an entry under a checkpoint of this log.
func (l *Log) Proof(index uint64, checkpoint []byte) *tlog.Proof {
	c, err := tlog.UnverifiedCheckpoint(checkpoint)
	if err != nil {
		panic(err)
	}
	hashes, err := l.Prover().Inclusion(context.Background(), index, c.Size)
	if err != nil {
		panic(err)
	}
	return &tlog.Proof{Index: index, Hashes: hashes, Checkpoint: checkpoint}
}

// Policy returns a policy that knows this log and the named [Cosigner] witnesses, of which
// threshold must have cosigned; none if threshold is 0.
func (l *Log) Policy(threshold int, witnesses ...string) *tlog.Policy {
	text := "log " + l.Key().String() + "\n"
	group := fmt.Sprintf("group all-witnesses %d", threshold)
	for i, name := range witnesses {
		text += fmt.Sprintf("witness w%d %s\n", i+1, Cosigner(name).Key())
		group += fmt.Sprintf(" w%d", i+1)
	}
	if threshold == 0 {
		text += "quorum none\n"
	} else {
		text += group + "\nquorum all-witnesses\n"
	}
	p, err := tlog.ParsePolicy([]byte(text))
	if err != nil {
		panic(err)
	}
	return p
}

// ReadTile serves a hash tile; the log is a [tlog.TileReader]. It serves partial tiles of any
// width that it has the hashes for.
func (l *Log) ReadTile(_ context.Context, level, index uint64, partial uint8) ([]byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	start, end := span(index, partial)
	if level > 7 || int(level*8) >= len(l.rows) || end > uint64(len(l.rows[level*8])) {
		return nil, fmt.Errorf("%s: %w", tlog.TilePath(level, index, partial), fs.ErrNotExist)
	}
	var data []byte
	for _, h := range l.rows[level*8][start:end] {
		data = append(data, h[:]...)
	}
	return data, nil
}

// ReadEntryBundle serves an entry bundle.
func (l *Log) ReadEntryBundle(_ context.Context, index uint64, partial uint8) ([]byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	start, end := span(index, partial)
	if end > uint64(len(l.entries)) {
		return nil, fmt.Errorf("%s: %w", tlog.EntriesPath(index, partial), fs.ErrNotExist)
	}
	var data []byte
	for _, e := range l.entries[start:end] {
		var err error
		if data, err = tlog.AppendBundle(data, e); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// Get serves a path of the tlog-tiles interface: "checkpoint", "tile/…". A test that needs it over
// HTTP wraps it in a handler of three lines.
func (l *Log) Get(path string) ([]byte, error) {
	if path == "checkpoint" {
		return l.Checkpoint(), nil
	}
	t, err := tlog.ParseTilePath(path)
	if err != nil {
		return nil, err
	}
	if t.Entries {
		return l.ReadEntryBundle(context.Background(), t.Index, t.Partial)
	}
	return l.ReadTile(context.Background(), t.Level, t.Index, t.Partial)
}

func span(index uint64, partial uint8) (start, end uint64) {
	width := uint64(partial)
	if width == 0 {
		width = tlog.TileWidth
	}
	start = index * tlog.TileWidth
	return start, start + width
}
