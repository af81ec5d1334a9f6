package logserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// CheckOptions says how to check a log.
type CheckOptions struct {
	// Storage and Guard are where the tree and the guard's record lie, as in [Options].
	Storage Storage
	Guard   RecordStore
	// Progress, if not nil, is called now and then with the entries read so far and in all.
	Progress func(done, total uint64)
}

// checkpointCode is the code of a damaged published checkpoint, which a start repairs.
const checkpointCode = "checkpoint"

// maxProblems is how many problems a check lists before it stops looking.
const maxProblems = 100

// Report is what a check of a whole log found.
type Report struct {
	Origin    tlog.Origin
	Key       tlog.Key
	Running   bool   // a process has the log open
	Tree      uint64 // entries in the durable tree, signed or not
	Signed    uint64 // entries in the newest signed tree, by the guard's record
	Published uint64 // entries under the published checkpoint
	Final     uint64 // entries under the final checkpoint
	Read      uint64 // entries that were read back
	Bytes     uint64 // bytes that were read back
	Problems  []*Fault
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

// Check reads a whole log back and reports everything that is wrong with it. It changes nothing,
// and the log may be running meanwhile. The error is for what kept it from checking at all, such as
// a directory without a log.
func Check(ctx context.Context, dir string, opts CheckOptions) (*Report, error) {
	cfg, key, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	opts = opts.withDefaults(dir, cfg)
	c := &checker{
		storage: opts.Storage, reader: opts.Storage.Reader(), opts: opts,
		report: &Report{Origin: cfg.Origin, Key: key, Running: running(opts.Storage)},
	}
	if _, err := readKey(dir, key); err != nil {
		if err := c.found(err); err != nil {
			return nil, err
		}
	}
	return c.report, c.run(ctx, opts.Guard, key)
}

func (o CheckOptions) withDefaults(dir string, cfg Config) CheckOptions {
	if o.Storage == nil {
		o.Storage = posixStorage{dir}
	}
	if o.Guard == nil {
		o.Guard = guardStore(dir, cfg)
	}
	return o
}

// running reports whether a process has the log open, as far as its storage can tell.
func running(s Storage) bool {
	r, ok := s.(interface{ Running() bool })
	return ok && r.Running()
}

// checker is a check under way.
type checker struct {
	storage Storage
	reader  Reader
	opts    CheckOptions
	report  *Report

	record Record // zero if there is none
	tree   TreeState
	signed edge // the tree at the record's size, as read back
}

// errEnough ends a check that has found more problems than anybody reads.
var errEnough = errors.New("too many problems")

// run checks everything but configuration and key.
func (c *checker) run(ctx context.Context, store RecordStore, key tlog.Key) error {
	err := c.compareAll(ctx, store, key)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (c *checker) compareAll(ctx context.Context, store RecordStore, key tlog.Key) error {
	var errRecord, errTree error
	c.record, errRecord = loadRecord(store, key) // first: a running log signs after it wrote the tree
	if err := c.found(notBoth(ctx, c.storage, errRecord)); err != nil {
		return err
	}
	c.tree, errTree = c.storage.Tree(ctx)
	if guardLost(errRecord) && errors.Is(errTree, ErrTreeState) {
		return nil // both is said, and nobody knows how large the tree is
	}
	if err := c.found(errTree); err != nil {
		return err
	}
	if errTree != nil { // the guard knows the smallest tree there must be
		c.tree = TreeState{c.record.Size, c.record.Root}
	}
	c.report.Tree, c.report.Signed = c.tree.Size, c.record.Size
	if c.tree.Size < c.record.Size {
		if err := c.behind(ctx); err != nil {
			return err
		}
	}
	if err := c.readBack(ctx); err != nil {
		return err
	}
	return c.checkpoints(ctx, errRecord == nil, key)
}

// behind notes that the tree is smaller than the signed one. If only its state is old, the check
// goes on with the signed one.
func (c *checker) behind(ctx context.Context) error {
	s := startState{record: c.record, reader: c.reader, tree: c.tree}
	f := s.behind(ctx)
	if f.Do == doStale {
		c.tree = TreeState{c.record.Size, c.record.Root}
	}
	return c.found(f)
}

// readBack audits the whole tree.
func (c *checker) readBack(ctx context.Context) error {
	enough := false
	a := audit{reader: c.reader, tree: c.tree}
	a.report = func(f *Fault) { enough = c.found(f) != nil || enough }
	a.paced = func(ctx context.Context, bytes int) error {
		c.report.Bytes += uint64(bytes)
		if c.opts.Progress != nil {
			c.opts.Progress(a.edge.size, c.tree.Size)
		}
		if enough {
			return errEnough
		}
		return ctx.Err()
	}
	before := len(c.report.Problems)
	err := a.to(ctx, min(c.record.Size, c.tree.Size))
	c.signed = a.edge.clone()
	if err == nil {
		err = a.to(ctx, c.tree.Size)
	}
	if err == nil {
		err = a.finish(ctx)
	}
	c.report.Read = a.edge.size
	if c.opts.Progress != nil {
		c.opts.Progress(a.edge.size, c.tree.Size)
	}
	if err == nil && len(c.report.Problems) == before {
		return c.roots(a.edge.root())
	}
	if err := c.found(err); err != nil {
		return err
	}
	c.advise(ctx, c.report.Problems[before:])
	return nil // the roots would only repeat it
}

// advise gives other advice for damage if everything that was signed is whole.
func (c *checker) advise(ctx context.Context, problems []*Fault) {
	s := startState{record: c.record, reader: c.reader, tree: c.tree, full: c.record.Size}
	if c.record.Key == (tlog.Key{}) || c.tree.Size <= c.record.Size || s.upToRecord().readBack(ctx) != nil {
		return
	}
	for _, f := range problems {
		if f.Err == ErrDamaged {
			f.Do = doUnsigned
		}
	}
}

// roots compares the root of the whole tree, and of the signed one, with what they should be.
func (c *checker) roots(whole tlog.Hash) error {
	if whole != c.tree.Root {
		return c.found(treeStateFault("its root is not the root of the entries"))
	}
	if c.record.Size <= c.tree.Size && c.record.Key != (tlog.Key{}) && c.signed.root() != c.record.Root {
		return c.found(forked(fmt.Sprintf("at size %d it has root %s, signed was %s", c.record.Size, c.signed.root(), c.record.Root)))
	}
	return nil
}

// checkpoints checks the two published checkpoints against the record and the tree.
func (c *checker) checkpoints(ctx context.Context, haveRecord bool, key tlog.Key) error {
	raw, err := c.reader.ReadCheckpoint(ctx)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	if c.report.Published, err = c.checkpoint(ctx, raw, haveRecord, key, checkpointName); err != nil {
		return err
	}
	if raw, err = c.storage.Final(ctx); err != nil {
		return fmt.Errorf("read final checkpoint: %w", err)
	}
	if raw == nil {
		return nil
	}
	c.report.Final, err = c.checkpoint(ctx, raw, haveRecord, key, finalName)
	return err
}

func (c *checker) checkpoint(ctx context.Context, raw []byte, haveRecord bool, key tlog.Key, name string) (uint64, error) {
	cp, _, err := tlog.OpenCheckpoint(raw, key)
	if raw == nil {
		err = errors.New("is missing")
	}
	if err != nil {
		return 0, c.found(&Fault{
			Code: checkpointCode, Err: ErrDamaged, Path: name, What: err.Error(),
			Do: "start the log: it makes a damaged checkpoint again from the guard's record and the tree",
		})
	}
	s := startState{key: key, reader: c.reader, record: c.record}
	if c.report.Running || !haveRecord { // it may have grown since the record was read
		s.record.Size = max(cp.Size, s.record.Size)
	}
	if cp.Size > c.tree.Size && (c.report.Running || c.tree.Size < c.record.Size) { // may have grown; is said already
		return cp.Size, nil
	}
	if cp.Size > c.tree.Size {
		return cp.Size, c.found(rolledBack(c.tree.Size, cp.Size))
	}
	_, err = s.published(ctx, raw)
	return cp.Size, c.found(err)
}

// found notes a fault, once, and returns any other error, and errEnough when there are too many.
func (c *checker) found(err error) error {
	var f *Fault
	if !errors.As(err, &f) {
		return err
	}
	if slices.ContainsFunc(c.report.Problems, func(p *Fault) bool { return p.Error() == f.Error() }) {
		return nil
	}
	c.report.Problems = append(c.report.Problems, f)
	if len(c.report.Problems) >= maxProblems {
		return errEnough
	}
	return nil
}
