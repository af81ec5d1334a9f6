package logserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// guardTiles is enough for one consistency proof: two tiles a level.
const guardTiles = 32

// Guard signs the log's checkpoints, and only those that extend every one it signed before. It is
// the log's only way to a signature: Tessera gets the guard as its signer, never the key.
//
// Before a signature leaves the guard,
//  1. everything that the tree has gained since the last one is read back from storage and hashed
//     again, so that no signature covers a damaged bundle or tile;
//  2. the root computed from these entries must be the one to sign, and a consistency proof built
//     from the tiles must lead to it from the last one;
//  3. the new size and root are written durably to the guard's own record.
//
// A refusal that cannot heal latches: the guard never signs again in this process, and says why.
// A refusal that may pass, such as a full disk, does not.
type Guard struct {
	log, cose logSigner
	store     RecordStore
	reader    Reader
	signed    func(*signedTree) // told each signature, before Sign returns it
	refused   func(err error)   // told each refusal
	context   context.Context   // ends the reading that a signature needs

	mu      sync.Mutex
	last    Record      // guarded by mu; the newest signed tree
	edge    edge        // guarded by mu; of last
	trying  Record      // guarded by mu; what record last tried to write
	latched error       // guarded by mu
	newest  *signedTree // guarded by mu; nil before the first signature of this process
}

// logSigner signs with one of the log's keys; a [tlog.Signer] is one.
type logSigner interface {
	note.Signer
	Key() tlog.Key
}

// signedTree is a tree that the guard signed, with the checkpoint as everybody sees it.
type signedTree struct {
	tlog.Checkpoint
	raw          []byte
	text         string
	logSig, cose []byte
}

// guardConfig is what newGuard needs; all of it but the two functions is required.
type guardConfig struct {
	log, cose logSigner
	store     RecordStore
	reader    Reader
	signed    func(*signedTree)
	refused   func(error)
}

// newGuard opens the guard over its record. It compares the record with nothing: see startup.go.
func newGuard(ctx context.Context, c guardConfig) (*Guard, error) {
	g := &Guard{
		log: c.log, cose: c.cose, store: c.store, reader: c.reader,
		signed: c.signed, refused: c.refused, context: ctx,
	}
	last, err := loadRecord(c.store, c.log.Key())
	if err != nil {
		return nil, err
	}
	g.last = last
	return g, nil
}

// loadRecord reads the guard's record and makes sure that it is this log's.
func loadRecord(store RecordStore, key tlog.Key) (Record, error) {
	raw, err := store.Load()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Record{}, &Fault{Code: "guard-missing", Err: ErrGuardMissing, What: "without it nobody knows what this key has signed", Do: doGuard}
	case err != nil:
		return Record{}, fmt.Errorf("read guard record: %w", err)
	}
	record, err := ParseRecord(raw)
	if err != nil {
		what := strings.TrimPrefix(err.Error(), ErrGuardDamaged.Error()+": ")
		return Record{}, &Fault{Code: "guard-damaged", Err: ErrGuardDamaged, What: what, Do: doGuard}
	}
	if record.Key != key {
		return Record{}, &Fault{
			Code: "guard-foreign", Err: ErrGuardForeign,
			What: fmt.Sprintf("it is for %s, this log is %s", record.Key, key),
			Do:   "put back the key and the guard record that belong together; never point two logs at one guard directory",
		}
	}
	return record, nil
}

// Record returns the newest tree that was signed.
func (g *Guard) Record() Record {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.last
}

// Err returns the reason why the guard has stopped signing for good, nil if it has not.
func (g *Guard) Err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.latched
}

// Name returns the log's origin. With KeyHash and Sign it makes the guard a note.Signer.
func (g *Guard) Name() string { return g.log.Name() }

// KeyHash returns the id of the log's key.
func (g *Guard) KeyHash() uint32 { return g.log.KeyHash() }

// Sign signs a checkpoint's text, or refuses to.
func (g *Guard) Sign(text []byte) ([]byte, error) {
	t, err := g.approve(string(text))
	if err != nil {
		return nil, err
	}
	return t.logSig, nil
}

// COSE returns the signer of the log's COSE line. It signs only what Sign has just signed.
func (g *Guard) COSE() note.Signer { return coseGuard{g} }

type coseGuard struct{ guard *Guard }

func (c coseGuard) Name() string    { return c.guard.cose.Name() }
func (c coseGuard) KeyHash() uint32 { return c.guard.cose.KeyHash() }

func (c coseGuard) Sign(text []byte) ([]byte, error) {
	t, err := c.guard.approve(string(text))
	if err != nil {
		return nil, err
	}
	return t.cose, nil
}

// approve returns the signatures of a checkpoint's text if it extends the last one.
func (g *Guard) approve(text string) (*signedTree, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.latched != nil {
		return nil, g.latched
	}
	if g.newest != nil && g.newest.text == text {
		return g.newest, nil
	}
	t, err := g.extend(text)
	if err != nil {
		if lasting(err) {
			g.latched = err
		}
		if g.refused != nil {
			g.refused(err)
		}
		return nil, err
	}
	g.newest = t
	if g.signed != nil {
		g.signed(t)
	}
	return t, nil
}

// extend checks that text is the checkpoint of the last signed tree or of an extension of it,
// records it, and signs it. g.mu is held.
func (g *Guard) extend(text string) (*signedTree, error) {
	next, err := tlog.ParseCheckpoint(text)
	if err != nil {
		return nil, forked("asked to sign something else than a checkpoint: " + err.Error())
	}
	if err := g.comparable(next); err != nil {
		return nil, err
	}
	if next.Size > g.last.Size {
		edge, err := g.reread(next)
		if err != nil {
			return nil, unsignedFault(err, doCheck)
		}
		if err := g.record(Record{Key: g.last.Key, Size: next.Size, Root: next.Root}); err != nil {
			return nil, err
		}
		g.edge = edge
	}
	return g.sign(next, text)
}

// comparable refuses what is wrong whatever the tiles say.
func (g *Guard) comparable(next tlog.Checkpoint) error {
	switch {
	case string(next.Origin) != g.log.Name():
		return forked(fmt.Sprintf("asked to sign a checkpoint of %q with the key of %q", next.Origin, g.log.Name()))
	case len(next.Extensions) != 0:
		return forked("asked to sign a checkpoint with extension lines")
	case next.Size < g.last.Size:
		return rolledBack(next.Size, g.last.Size)
	case next.Size == g.last.Size && next.Root != g.last.Root:
		return forked(fmt.Sprintf("two roots for size %d: signed was %s, now %s", next.Size, g.last.Root, next.Root))
	}
	return nil
}

// reread audits what the tree gained since the last signature and proves that it only gained.
func (g *Guard) reread(next tlog.Checkpoint) (edge, error) {
	old := g.edge
	a := audit{reader: g.reader, tree: TreeState{next.Size, next.Root}, edge: old.floor()}
	if err := a.to(g.context, old.size); err != nil {
		return edge{}, err
	}
	if !a.edge.equal(&old) {
		return edge{}, forked(fmt.Sprintf("the entries before %d are not the ones that were signed", old.size))
	}
	if err := a.to(g.context, next.Size); err != nil {
		return edge{}, err
	}
	if err := a.finish(g.context); err != nil {
		return edge{}, err
	}
	if a.edge.root() != next.Root {
		return edge{}, forked(fmt.Sprintf("the entries at size %d have root %s, asked to sign %s", next.Size, a.edge.root(), next.Root))
	}
	return a.edge, g.prove(next)
}

// prove builds a consistency proof from the tiles and checks it: the same claim by other code.
func (g *Guard) prove(next tlog.Checkpoint) error {
	if g.last.Size == 0 {
		return nil
	}
	proof, err := tlog.NewProver(g.reader, guardTiles).Consistency(g.context, g.last.Size, next.Size)
	if err != nil {
		return fmt.Errorf("build consistency proof from %d to %d: %w", g.last.Size, next.Size, err)
	}
	if err := tlog.VerifyConsistency(g.last.Size, next.Size, g.last.Root, next.Root, proof); err != nil {
		return forked(fmt.Sprintf("from size %d to %d: %s", g.last.Size, next.Size, err))
	}
	return nil
}

// record writes the next record, unless somebody else has written one meanwhile.
func (g *Guard) record(next Record) error {
	now, err := loadRecord(g.store, g.last.Key)
	if err != nil {
		return err
	}
	if now != g.last && now != g.trying {
		return &Fault{
			Code: "guard-foreign", Err: ErrGuardForeign,
			What: fmt.Sprintf("the record was changed by another process: size %d instead of %d", now.Size, g.last.Size),
			Do:   "find the other process that runs this log and stop it",
		}
	}
	g.trying = next // a write that fails may still have happened
	if err := g.store.Save(next.Marshal()); err != nil {
		return fmt.Errorf("write guard record: %w", err)
	}
	g.last = next
	return nil
}

// sign makes both signatures and the checkpoint that carries them.
func (g *Guard) sign(c tlog.Checkpoint, text string) (*signedTree, error) {
	t := &signedTree{Checkpoint: c, text: text}
	var err error
	if t.logSig, err = g.log.Sign([]byte(text)); err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	if t.cose, err = g.cose.Sign([]byte(text)); err != nil {
		return nil, fmt.Errorf("sign root: %w", err)
	}
	t.raw, err = note.Sign(&note.Note{Text: text},
		fixedSigner{g.log, t.logSig}, fixedSigner{g.cose, t.cose})
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return t, nil
}

// fixedSigner gives a signature that was made already.
type fixedSigner struct {
	note.Signer
	sig []byte
}

func (f fixedSigner) Sign([]byte) ([]byte, error) { return bytes.Clone(f.sig), nil }

func rolledBack(now, signed uint64) *Fault {
	return &Fault{
		Code: "rolled-back", Err: ErrRolledBack, Do: doBackup,
		What: fmt.Sprintf("it has %d entries, %d were signed", now, signed),
	}
}

func forked(what string) *Fault {
	return &Fault{Code: "forked", Err: ErrForked, What: what, Do: doBackup}
}
