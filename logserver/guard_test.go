package logserver_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// memory is a tree and a guard's record in memory, that a test can change as it likes.
type memory struct {
	entries [][]byte
	record  []byte
	full    error
}

func (m *memory) Load() ([]byte, error) {
	if m.record == nil {
		return nil, fs.ErrNotExist
	}
	return m.record, nil
}

func (m *memory) Save(record []byte) error {
	if m.full != nil {
		return m.full
	}
	m.record = record
	return nil
}

func (m *memory) ReadCheckpoint(context.Context) ([]byte, error) { return nil, fs.ErrNotExist }

// ReadTile computes the tile from the entries.
func (m *memory) ReadTile(_ context.Context, level, index uint64, partial uint8) ([]byte, error) {
	var raw []byte
	width := uint64(partial)
	if partial == 0 {
		width = tlog.TileWidth
	}
	span := uint64(1) << (8 * level)
	for i := range width {
		from := (index*tlog.TileWidth + i) * span
		if from+span > uint64(len(m.entries)) {
			return nil, fs.ErrNotExist
		}
		h := root(m.entries[from : from+span])
		raw = append(raw, h[:]...)
	}
	return raw, nil
}

func (m *memory) ReadEntryBundle(_ context.Context, index uint64, partial uint8) ([]byte, error) {
	from, width := index*tlog.TileWidth, uint64(partial)
	if partial == 0 {
		width = tlog.TileWidth
	}
	if from+width > uint64(len(m.entries)) {
		return nil, fs.ErrNotExist
	}
	var raw []byte
	for _, e := range m.entries[from : from+width] {
		raw, _ = tlog.AppendBundle(raw, e)
	}
	return raw, nil
}

// root is the definition of RFC 6962, section 2.1.
func root(entries [][]byte) tlog.Hash {
	switch n := len(entries); n {
	case 0:
		return tlog.EmptyRoot
	case 1:
		return tlog.LeafHash(entries[0])
	default:
		k := 1
		for 2*k < n {
			k *= 2
		}
		return tlog.NodeHash(root(entries[:k]), root(entries[k:]))
	}
}

// grow adds n entries that say what they are.
func (m *memory) grow(n int, what string) {
	for range n {
		m.entries = append(m.entries, []byte(what+strings.Repeat("x", len(m.entries)%50)))
	}
}

const guarded = "log.example/guarded"

// text is the checkpoint of the tree as it is.
func (m *memory) text() string { return m.textAt(len(m.entries)) }

func (m *memory) textAt(n int) string {
	return tlog.Checkpoint{Origin: guarded, Size: uint64(n), Root: root(m.entries[:n])}.Text()
}

// guardOver makes a guard over an empty tree.
func guardOver(t *testing.T, m *memory) *logserver.Guard {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	g, err := logserver.NewGuard(t.Context(), guarded, key, m, m)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGuardSignsExtensions(t *testing.T) {
	m := &memory{}
	g := guardOver(t, m)
	for _, n := range []int{0, 1, 1, 254, 1, 1, 300, 70_000, 3} {
		m.grow(n, "entry")
		signed, err := note.Sign(&note.Note{Text: m.text()}, g, g.COSE())
		if err != nil {
			t.Fatalf("at %d: %v", len(m.entries), err)
		}
		c, _, err := tlog.OpenCheckpoint(signed, logserver.GuardKey(g))
		if err != nil || c.Size != uint64(len(m.entries)) {
			t.Errorf("%v, %v", c, err)
		}
		if _, err := tlog.COSERootSignature(signed, logserver.GuardKey(g)); err != nil {
			t.Error(err)
		}
		record, err := logserver.ParseRecord(m.record)
		if err != nil || record != g.Record() || record.Size != c.Size || record.Root != c.Root {
			t.Errorf("record %+v, %v", record, err)
		}
	}
}

// Whatever is not an extension is refused, for ever.
func TestGuardRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(m *memory) (text string)
		want   error
	}{
		"smaller tree": {func(m *memory) string { return m.textAt(299) }, logserver.ErrRolledBack},
		"empty tree":   {func(m *memory) string { return m.textAt(0) }, logserver.ErrRolledBack},
		"another root": {func(m *memory) string { m.entries[3] = []byte("other"); return m.text() }, logserver.ErrForked},
		"another past": {func(m *memory) string {
			m.entries[299] = []byte("other")
			m.grow(5, "more")
			return m.text()
		}, logserver.ErrForked},
		"another past long ago": {func(m *memory) string {
			m.entries[3] = []byte("other")
			m.grow(5, "more")
			return m.text()
		}, logserver.ErrDamaged},
		"root that the entries do not have": {func(m *memory) string {
			m.grow(5, "more")
			text := m.text()
			m.entries[302] = []byte("other")
			return text
		}, logserver.ErrForked},
		"size that the tree does not have": {func(m *memory) string {
			m.grow(5, "more")
			text := m.text()
			m.entries = m.entries[:303]
			return text
		}, logserver.ErrDamaged},
		"another origin": {func(m *memory) string {
			m.grow(5, "more")
			return strings.Replace(m.text(), guarded, "log.example/other", 1)
		}, logserver.ErrForked},
		"extension line": {func(m *memory) string { m.grow(5, "more"); return m.text() + "more\n" }, logserver.ErrForked},
		"something else": {func(m *memory) string { return "I owe you a million\n" }, logserver.ErrForked},
		"record taken away": {func(m *memory) string {
			m.grow(5, "more")
			m.record = nil
			return m.text()
		}, logserver.ErrGuardMissing},
	} {
		t.Run(name, func(t *testing.T) {
			m := &memory{}
			g := guardOver(t, m)
			m.grow(300, "entry")
			if _, err := g.Sign([]byte(m.text())); err != nil {
				t.Fatal(err)
			}
			before := g.Record()
			if _, err := g.Sign([]byte(c.change(m))); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			m.entries = m.entries[:0]
			m.grow(400, "entry") // the true tree again: too late
			if _, err := g.Sign([]byte(m.text())); !errors.Is(err, c.want) || !errors.Is(g.Err(), c.want) {
				t.Errorf("signed after a refusal: %v, %v", err, g.Err())
			}
			if _, err := g.COSE().Sign([]byte(m.text())); !errors.Is(err, c.want) {
				t.Errorf("COSE signature after a refusal: %v", err)
			}
			if g.Record() != before {
				t.Errorf("the record changed to %+v", g.Record())
			}
		})
	}
}

// Without a place for its record the guard does not sign, and with one it does again.
func TestGuardWithoutRecord(t *testing.T) {
	m := &memory{}
	g := guardOver(t, m)
	m.grow(10, "entry")
	m.full = errors.New("no space left on device")
	if _, err := g.Sign([]byte(m.text())); !errors.Is(err, m.full) {
		t.Errorf("got %v", err)
	}
	m.full = nil
	m.grow(10, "entry")
	if _, err := g.Sign([]byte(m.text())); err != nil || g.Err() != nil {
		t.Errorf("%v, %v", err, g.Err())
	}
}

// The COSE signer is no way around the guard.
func TestGuardCOSEAlone(t *testing.T) {
	m := &memory{}
	g := guardOver(t, m)
	m.grow(10, "entry")
	if _, err := g.COSE().Sign([]byte(m.textAt(0))); err != nil {
		t.Error(err)
	}
	if _, err := g.COSE().Sign([]byte(m.text())); err != nil || g.Record().Size != 10 {
		t.Errorf("%v, record %+v", err, g.Record())
	}
	if _, err := g.COSE().Sign([]byte(m.textAt(5))); !errors.Is(err, logserver.ErrRolledBack) {
		t.Errorf("got %v", err)
	}
}

func TestParseRecord(t *testing.T) {
	key := logserver.GuardKey(guardOver(t, &memory{}))
	good := logserver.Record{Key: key, Size: 12345, Root: tlog.EmptyRoot}.Marshal()
	if r, err := logserver.ParseRecord(good); err != nil || r.Size != 12345 {
		t.Fatalf("%+v, %v", r, err)
	}
	for i := range good {
		for _, bit := range []byte{1, 0x20} {
			bad := bytes.Clone(good)
			bad[i] ^= bit
			if _, err := logserver.ParseRecord(bad); !errors.Is(err, logserver.ErrGuardDamaged) {
				t.Errorf("accepted %q", bad)
			}
		}
		if _, err := logserver.ParseRecord(good[:i]); !errors.Is(err, logserver.ErrGuardDamaged) {
			t.Errorf("accepted %q", good[:i])
		}
	}
}

func FuzzParseRecord(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	signer, err := tlog.NewLogSigner(guarded, key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(logserver.Record{Key: signer.Key(), Size: 1, Root: tlog.EmptyRoot}.Marshal())
	f.Add([]byte("wherefrom.network/guard/v1\nkey x\nsize 1\nroot \nsha256 \n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := logserver.ParseRecord(raw)
		if err == nil && !bytes.Equal(r.Marshal(), raw) {
			t.Errorf("%q is read as %+v", raw, r)
		}
	})
}
