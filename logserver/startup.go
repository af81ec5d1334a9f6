package logserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// startGuard checks what lies in storage against the guard's record and leaves the guard ready to
// sign. Everything is read only, but for leftovers of interrupted writes and a checkpoint file
// that is worse than what the guard and the tree say.
func (l *Log) startGuard(ctx, running context.Context, opts Options) error {
	log, cose, err := signers(l.cfg.Origin, l.cfg.Key)
	if err != nil {
		return err
	}
	if opts.signer != nil {
		log, cose = opts.signer(log), opts.signer(cose)
	}
	l.guard, err = newGuard(running, guardConfig{
		log: log, cose: cose, store: opts.Guard, reader: l.reader, signed: l.onSigned, refused: l.onRefused,
	})
	if err != nil {
		return notBoth(ctx, l.storage, err)
	}
	state := startState{key: l.key, record: l.guard.last, reader: l.reader, full: l.cfg.FullScan}
	if err := state.check(ctx, l.storage); err != nil {
		return err
	}
	l.guard.edge = state.signed
	if err := l.signAgain(); err != nil {
		return err
	}
	if err := l.repairCheckpoint(ctx, state.checkpoint); err != nil {
		return err
	}
	if state.final != nil {
		l.restoreFinal(state.final)
	}
	n, err := l.storage.Sweep(ctx, state.tree.Size, 0)
	if err != nil {
		return fmt.Errorf("sweep temporary files: %w", err)
	}
	l.logger.Info("log is sound", "origin", string(l.cfg.Origin), "signed", l.guard.last.Size,
		"tree", state.tree.Size, "full_scan", state.tree.Size <= l.cfg.FullScan, "leftovers_removed", n)
	return nil
}

// startState is what is found when a log is opened.
type startState struct {
	key    tlog.Key
	record Record
	reader Reader
	full   uint64 // logs up to this size are read completely

	tree       TreeState
	signed     edge   // of the record's tree, as read back
	checkpoint []byte // as it lies there; nil if it is missing or damaged
	final      []byte // nil if there is none or it is damaged
}

// check reads the log and compares it with the guard's record.
func (s *startState) check(ctx context.Context, storage Storage) (err error) {
	if s.tree, err = storage.Tree(ctx); err != nil {
		return err
	}
	if s.tree.Size < s.record.Size {
		return s.behind(ctx)
	}
	if err := s.readBack(ctx); err != nil {
		if signed := s.upToRecord(); s.tree.Size > s.record.Size && signed.readBack(ctx) == nil {
			return unsignedFault(err, doUnsigned)
		}
		return err
	}
	raw, err := s.reader.ReadCheckpoint(ctx)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	if s.checkpoint, err = s.published(ctx, raw); err != nil {
		return err
	}
	if raw, err = storage.Final(ctx); err != nil {
		return fmt.Errorf("read final checkpoint: %w", err)
	}
	s.final, err = s.published(ctx, raw)
	return err
}

// upToRecord returns the same state without what was written after the last signature.
func (s *startState) upToRecord() *startState {
	signed := *s
	signed.tree = TreeState{s.record.Size, s.record.Root}
	return &signed
}

// behind is the fault of a tree that is smaller than the record's. If everything that was signed
// lies there all the same, only the tree's state is old, and can be made anew.
func (s *startState) behind(ctx context.Context) *Fault {
	f := rolledBack(s.tree.Size, s.record.Size)
	if s.upToRecord().readBack(ctx) == nil {
		f.What = fmt.Sprintf("its state says %d entries, %d were signed and lie there", s.tree.Size, s.record.Size)
		f.Do = doStale
	}
	return f
}

// notBoth gives other advice for a guard record that is lost when the tree's state is lost too: each
// could only be made anew from the other.
func notBoth(ctx context.Context, storage Storage, err error) error {
	var f *Fault
	if !errors.As(err, &f) || !guardLost(err) {
		return err
	}
	if _, errTree := storage.Tree(ctx); !errors.Is(errTree, ErrTreeState) {
		return err
	}
	advised := *f
	advised.What += "; and the state of the tree is lost too"
	advised.Do = doNeither
	return &advised
}

func guardLost(err error) bool {
	return errors.Is(err, ErrGuardMissing) || errors.Is(err, ErrGuardDamaged)
}

// readBack audits everything from the record's tree on, or the whole log if it is small enough.
func (s *startState) readBack(ctx context.Context) error {
	a := audit{reader: s.reader, tree: s.tree}
	if s.tree.Size > s.full {
		at := edge{size: s.record.Size}
		start, err := readEdge(ctx, s.reader, at.size&^(tlog.TileWidth-1))
		if err != nil {
			return err
		}
		a.edge = start
	}
	if err := a.to(ctx, s.record.Size); err != nil {
		return err
	}
	s.signed = a.edge.clone()
	if err := a.to(ctx, s.tree.Size); err != nil {
		return err
	}
	if err := a.finish(ctx); err != nil {
		return err
	}
	if a.edge.root() != s.tree.Root {
		return s.wrongRoot(ctx)
	}
	if s.signed.root() != s.record.Root {
		return forked(fmt.Sprintf("at size %d it has root %s, signed was %s", s.record.Size, s.signed.root(), s.record.Root))
	}
	return nil
}

// wrongRoot says why the entries do not have the root that the tree's state gives. Either a tile
// above the first level differs from what lies below it, or the state itself is wrong.
func (s *startState) wrongRoot(ctx context.Context) error {
	for level := 1; level <= topTile(s.tree.Size); level++ {
		n := s.tree.Size >> (8 * level)
		above, err := readEdgeTile(ctx, s.reader, uint64(level), s.tree.Size)
		if err != nil {
			return err
		}
		first := n - uint64(len(above))
		for i, want := range above {
			below, err := readTile(ctx, s.reader, uint64(level-1), first+uint64(i), 0)
			if err != nil {
				return err
			}
			if rootOf(below) != want {
				path := tlog.TilePath(uint64(level), n/tlog.TileWidth, uint8(n%tlog.TileWidth))
				return damaged(path, fmt.Errorf("hash %d is not the one of the tile below it", i))
			}
		}
	}
	return treeStateFault("its root is not the root of the entries")
}

// published checks a checkpoint that lies in storage. One that does not verify is damaged and is
// replaced, so that is no error. One that verifies is a fact: the guard must know of it, and the
// tree must contain it.
func (s *startState) published(ctx context.Context, raw []byte) ([]byte, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	c, _, err := tlog.OpenCheckpoint(raw, s.key)
	if err != nil {
		return nil, nil
	}
	if c.Size > s.record.Size {
		return nil, &Fault{
			Code: "guard-behind", Err: ErrGuardBehind, Do: doGuard,
			What: fmt.Sprintf("a checkpoint of %d entries is signed, the record says %d", c.Size, s.record.Size),
		}
	}
	at, err := readEdge(ctx, s.reader, c.Size)
	if err != nil {
		return nil, err
	}
	if root := at.root(); root != c.Root {
		return nil, forked(fmt.Sprintf("the published checkpoint of %d entries has root %s, the tree %s", c.Size, c.Root, root))
	}
	return raw, nil
}

// signAgain makes the checkpoint of the guard's own record once more: the signatures are
// deterministic, so it is the same one, byte for byte, as when it was signed first.
func (l *Log) signAgain() error {
	r := l.guard.Record()
	_, err := l.guard.approve(tlog.Checkpoint{Origin: l.cfg.Origin, Size: r.Size, Root: r.Root}.Text())
	return err
}

// repairCheckpoint replaces a published checkpoint that is missing, damaged or older than the
// guard's record.
func (l *Log) repairCheckpoint(ctx context.Context, found []byte) error {
	tree, _ := l.fast.read()
	if string(found) == string(tree.raw) {
		return nil
	}
	if found == nil {
		l.logger.Warn("the checkpoint was missing or damaged; it was made again from the guard's record and the tree", "size", tree.Size)
	}
	if err := l.storage.SetCheckpoint(ctx, tree.raw); err != nil {
		return fmt.Errorf("repair checkpoint: %w", err)
	}
	return nil
}

// catchUpIndex makes sure that the index belongs to this log and brings it up to the tree.
func (l *Log) catchUpIndex(ctx context.Context) error {
	tree, err := l.storage.Tree(ctx)
	if err != nil {
		return err
	}
	next := l.index.Next()
	if next > tree.Size {
		return indexFault(fmt.Sprintf("it has %d entries, the log has %d", next, tree.Size))
	}
	if next > 0 {
		if err := l.sameEntry(ctx, next-1, tree.Size); err != nil {
			return err
		}
	}
	for l.index.Next() < tree.Size {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := indexBundle(ctx, l.reader, l.index, tree.Size); err != nil {
			return fmt.Errorf("bring the index up to the log: %w", err)
		}
	}
	return nil
}

// sameEntry checks that the index has the log's own entry at one place.
func (l *Log) sameEntry(ctx context.Context, i, size uint64) error {
	entry, err := readEntry(ctx, l.reader, i, size)
	if err != nil {
		return err
	}
	if _, err := statement.Parse(entry); err != nil {
		return nil // the index has only a place for it
	}
	at, ok, err := l.index.Lookup(statement.Sum(entry))
	if err != nil {
		return fmt.Errorf("ask the index: %w", err)
	}
	if !ok || at > i {
		return indexFault(fmt.Sprintf("it does not know the log's entry %d", i))
	}
	return nil
}

func indexFault(what string) *Fault {
	return &Fault{
		Code: "index", Err: ErrIndexAhead, What: what,
		Do: "if the log's directory was restored from a backup, " + doBackup + "; if the index is of another log, remove it: it is made anew",
	}
}

// readEntry reads one entry of a tree of the given size.
func readEntry(ctx context.Context, r Reader, index, size uint64) ([]byte, error) {
	bundle := index / tlog.TileWidth
	entries, _, err := readBundle(ctx, r, bundle, partialAt(0, bundle, size))
	if err != nil {
		return nil, err
	}
	return entries[index%tlog.TileWidth], nil
}

// onSigned is told each new signature by the guard.
func (l *Log) onSigned(t *signedTree) {
	l.metrics.signed.Inc()
	l.health.signedAt(l.now())
	l.health.set(signing, nil)
	l.fast.post(t)
}

// onRefused is told why the guard did not sign.
func (l *Log) onRefused(err error) {
	l.metrics.refusals.Inc()
	if lasting(err) {
		l.fail(err)
		return
	}
	l.health.set(signing, err)
	l.logger.Warn("no signature", "err", err)
}
