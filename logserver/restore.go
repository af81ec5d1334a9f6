package logserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/wherefrom-network/wherefrom/logserver/witness"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// RestoreOptions says how to restore what a log has lost.
type RestoreOptions struct {
	CheckOptions
	// HTTP asks the witnesses. Default: a client that follows no redirects.
	HTTP *http.Client
	// Unwitnessed lets RestoreGuard go on although no witness could say what it has seen. The
	// operator then answers alone for the tree being the newest one.
	Unwitnessed bool
}

// RestoreTree writes the tree's state anew from the guard's record when it is missing, damaged or
// too old, or when what was written after the last signature is damaged; after it has read back
// every tile and bundle of the record's tree. Entries that were written after the last signature
// were not acknowledged; they are dropped.
func RestoreTree(ctx context.Context, dir string, opts RestoreOptions) (*Report, error) {
	return restore(dir, opts, func(storage Storage, store RecordStore, _ Config, key tlog.Key) (*Report, error) {
		record, err := loadRecord(store, key)
		if err != nil {
			return nil, notBoth(ctx, storage, err)
		}
		return restoreTree(ctx, storage, record, opts)
	})
}

func restoreTree(ctx context.Context, storage Storage, record Record, opts RestoreOptions) (*Report, error) {
	now, err := storage.Tree(ctx)
	if err != nil && !errors.Is(err, ErrTreeState) {
		return nil, err
	}
	if err == nil && now.Size >= record.Size {
		c := checkerAt(storage, record, now, opts)
		if err := c.readBack(ctx); err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
		if c.report.OK() {
			return c.report, &Fault{
				Code: "not-needed", Err: ErrExists, What: fmt.Sprintf("the tree is whole and has %d entries", now.Size),
				Do: "nothing; `wherefrom log check` says what else may be wrong",
			}
		}
	}
	c := checkerAt(storage, record, TreeState{record.Size, record.Root}, opts)
	if err := c.everything(ctx); err != nil {
		return c.report, err
	}
	return c.report, storage.SetTree(ctx, c.tree)
}

// RestoreGuard makes a new guard record when the old one is lost, damaged or too old. It reads back
// the whole tree, makes sure that every checkpoint that can be found is in it, and asks the
// witnesses what they have seen. The new record names the whole tree, signed or not.
//
// What it cannot know is whether the log's key once signed a larger tree that neither the directory
// nor a witness remembers. So it needs the word of enough witnesses for a quorum, or of the operator.
func RestoreGuard(ctx context.Context, dir string, opts RestoreOptions) (*Report, error) {
	return restore(dir, opts, func(storage Storage, store RecordStore, cfg Config, key tlog.Key) (*Report, error) {
		old, errRecord := loadRecord(store, key)
		if errors.Is(errRecord, ErrGuardForeign) {
			return nil, errRecord
		}
		tree, err := storage.Tree(ctx)
		if errors.Is(err, ErrTreeState) && guardLost(errRecord) {
			return nil, notBoth(ctx, storage, errRecord)
		}
		if err != nil {
			return nil, err
		}
		if errRecord == nil && old.Size > tree.Size {
			s := startState{record: old, reader: storage.Reader(), tree: tree}
			return nil, s.behind(ctx)
		}
		record := Record{Key: key, Size: tree.Size, Root: tree.Root}
		c := checkerAt(storage, record, tree, opts)
		if err := c.everything(ctx); err != nil {
			return c.report, err
		}
		if err := askBeforeRestore(ctx, storage, cfg, key, record, opts); err != nil {
			return c.report, err
		}
		return c.report, store.Save(record.Marshal())
	})
}

// restore takes the log's lock for the time of a restoration.
func restore(dir string, opts RestoreOptions, do func(Storage, RecordStore, Config, tlog.Key) (*Report, error)) (*Report, error) {
	cfg, key, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	if _, err := readKey(dir, key); err != nil {
		return nil, err
	}
	o := opts.withDefaults(dir, cfg)
	release, err := o.Storage.Lock(context.Background())
	if err != nil {
		return nil, err
	}
	report, err := do(o.Storage, o.Guard, cfg, key)
	return report, errors.Join(err, release())
}

// checkerAt returns a checker that takes record and tree as given.
func checkerAt(storage Storage, record Record, tree TreeState, opts RestoreOptions) *checker {
	return &checker{
		storage: storage, reader: storage.Reader(), opts: opts.CheckOptions, record: record, tree: tree,
		report: &Report{Origin: record.Key.Origin(), Key: record.Key, Tree: tree.Size, Signed: record.Size},
	}
}

// everything reads the tree and the checkpoints back and returns the first problem that a start of
// the log would not repair by itself.
func (c *checker) everything(ctx context.Context) error {
	err := c.readBack(ctx)
	if err == nil {
		err = c.checkpoints(ctx, true, c.record.Key)
	}
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	for _, p := range c.report.Problems {
		if p.Code != checkpointCode {
			return p
		}
	}
	return nil
}

// askBeforeRestore asks the witnesses about the newest signed checkpoint that can be found. They
// must not know a larger tree than the one to be recorded, and enough of them must answer.
func askBeforeRestore(ctx context.Context, storage Storage, cfg Config, key tlog.Key, record Record, opts RestoreOptions) error {
	policy, err := cfg.policy(key)
	if err != nil {
		return err
	}
	unknown := func(why string) error {
		if opts.Unwitnessed {
			return nil
		}
		return &Fault{
			Code: "unwitnessed", Err: ErrGuardMissing, What: why,
			Do: "make the witnesses reachable; or, if you know that this tree is the newest one ever signed, say so with --unwitnessed",
		}
	}
	if len(policy.Witnesses()) == 0 {
		return unknown("no witness can say what this key has signed: the log's policy names none")
	}
	signed, err := newestSigned(ctx, storage, key)
	if err != nil {
		return err
	}
	if signed == nil {
		return unknown("no signed checkpoint is left to ask the witnesses about")
	}
	client, err := witness.NewClient(witness.ClientOptions{Policy: policy, Prover: tlog.NewProver(storage.Reader(), 0), HTTP: opts.HTTP})
	if err != nil {
		return err
	}
	return judgeRestore(ctx, client, policy, signed, record, unknown)
}

// judgeRestore asks about a signed checkpoint. A witness that names a larger tree than that may
// still be right: signed then is older than the newest signature. It must not be larger than the
// tree that is there.
func judgeRestore(ctx context.Context, client *witness.Client, policy *tlog.Policy, signed []byte, record Record, unknown func(string) error) error {
	round, err := client.Ask(ctx, signed)
	if err != nil {
		return err
	}
	outcomes, err := round.Wait(ctx)
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		var conflict *witness.ConflictError
		if errors.As(o.Err, &conflict) {
			if errors.Is(o.Err, witness.ErrWitnessForked) || conflict.Theirs > record.Size {
				return conflictFault(o.Err)
			}
			return unknown("a witness knows a newer checkpoint than any that is left here: " + o.Err.Error())
		}
	}
	if _, err := policy.Check(round.Checkpoint()); err != nil {
		return unknown("too few witnesses answered: " + err.Error())
	}
	return nil
}

// newestSigned returns the larger of the published and the final checkpoint that verify, nil if
// neither does.
func newestSigned(ctx context.Context, storage Storage, key tlog.Key) ([]byte, error) {
	published, _ := storage.Reader().ReadCheckpoint(ctx)
	final, err := storage.Final(ctx)
	if err != nil {
		return nil, fmt.Errorf("read final checkpoint: %w", err)
	}
	var newest []byte
	size := uint64(0)
	for _, raw := range [][]byte{published, final} {
		c, _, err := tlog.OpenCheckpoint(raw, key)
		if err == nil && (newest == nil || c.Size > size) {
			newest, size = raw, c.Size
		}
	}
	return newest, nil
}
