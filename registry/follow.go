package registry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Source is a C2SP tile log that can be read. Tessera's LogReader, logserver's Reader and our HTTP client are
// Sources. A partial tile or bundle may be answered with a wider one.
type Source interface {
	ReadCheckpoint(ctx context.Context) ([]byte, error)
	ReadTile(ctx context.Context, level, index uint64, partial uint8) ([]byte, error)
	ReadEntryBundle(ctx context.Context, index uint64, partial uint8) ([]byte, error)
}

// bundlesAhead is how many entry bundles are read at the same time: 16 MiB each at worst.
const bundlesAhead = 4

// Follow catches up with the log: it reads the newest checkpoint and takes in every entry up to it. It believes
// nothing. The checkpoint must be signed by the log and contain the tree that was followed before; each entry must
// have the hash that the signed tree has for it; each statement's signatures are checked. What is not a statement is
// counted and passed over.
//
// When Follow returns an error, all that was proven until then is kept, and the next call goes on from there. An
// error that is a [*ConflictError] with [ErrForked] is final: the evidence is stored, and every later call returns it
// again, until an operator has looked and removed the CONFLICT file.
func (r *Registry) Follow(ctx context.Context, src Source) error {
	done, err := r.use()
	if err != nil {
		return err
	}
	done() // Append and Reset see to themselves; Close need not wait for a slow log
	r.following.Lock()
	defer r.following.Unlock()
	if err := r.follow(ctx, src); err != nil {
		return fmt.Errorf("follow log %q: %w", r.opts.Log.Name(), err)
	}
	return nil
}

// Rebuild throws all rows away and follows the log from its beginning.
func (r *Registry) Rebuild(ctx context.Context, src Source) error {
	if err := r.Reset(ctx); err != nil {
		return err
	}
	return r.Follow(ctx, src)
}

// Followed returns the newest checkpoint that was followed, as the log signed it; nil if there is none.
func (r *Registry) Followed() ([]byte, error) {
	raw, err := r.readFile(followedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return raw, err
}

func (r *Registry) follow(ctx context.Context, src Source) error {
	if r.opts.Log.IsZero() {
		return ErrNoLog
	}
	if err := r.Conflict(); err != nil {
		return err
	}
	checkpoint, err := r.newest(ctx, src)
	if err != nil {
		return err
	}
	if r.Next() > checkpoint.Size {
		// The rows are of a tree that this log does not have. Only one that was swapped under us, or an Append by
		// mistake, does that.
		r.opts.Logger.Warn("registry is ahead of the log and is built again")
		if err := r.Reset(ctx); err != nil {
			return err
		}
	}
	return r.catchUp(ctx, src, checkpoint)
}

// newest reads the log's checkpoint, and checks it against the one followed before, which it then replaces.
func (r *Registry) newest(ctx context.Context, src Source) (tlog.Checkpoint, error) {
	signed, err := readInTime(ctx, r.opts.ReadTimeout, src.ReadCheckpoint)
	if err != nil {
		return tlog.Checkpoint{}, fmt.Errorf("read checkpoint: %w", err)
	}
	now, _, err := tlog.OpenCheckpoint(signed, r.opts.Log)
	if err != nil {
		return tlog.Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	if now.Size > maxTree {
		return tlog.Checkpoint{}, fmt.Errorf("checkpoint: %w: size %d", tlog.ErrCheckpoint, now.Size)
	}
	beforeSigned, err := r.Followed()
	if err != nil {
		return tlog.Checkpoint{}, err
	}
	if beforeSigned != nil {
		before, _, err := tlog.OpenCheckpoint(beforeSigned, r.opts.Log)
		if err != nil {
			return tlog.Checkpoint{}, fmt.Errorf("the checkpoint followed before, in %s: %w: %w", r.path(followedFile), ErrDamaged, err)
		}
		if fact, err := r.compare(ctx, src, before, now); err != nil {
			return tlog.Checkpoint{}, err
		} else if fact != nil {
			return tlog.Checkpoint{}, r.keepConflict(&ConflictError{Fact: fact, Old: before, New: now, OldSigned: beforeSigned, NewSigned: signed})
		}
		if before.Size == now.Size {
			return now, nil
		}
	}
	return now, r.writeFile(followedFile, signed)
}

// compare returns what is wrong between two signed checkpoints of one log: [ErrForked], [ErrRolledBack] or nothing.
// Two different trees are compared over tiles that are proven to be of the larger one.
func (r *Registry) compare(ctx context.Context, src Source, before, now tlog.Checkpoint) (fact, err error) {
	small, large := before, now
	if now.Size < before.Size {
		small, large = now, before
	}
	same := small.Root == large.Root
	if small.Size < large.Size {
		root, err := newTreeReader(ctx, src, r.opts.ReadTimeout, large).rootOf(small.Size)
		switch {
		case err == nil:
			same = root == small.Root
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case now.Size < before.Size:
			same = true // the log no longer shows the larger tree, so more than the roll-back cannot be shown
		default:
			return nil, fmt.Errorf("compare with the tree of %d followed before: %w", before.Size, err)
		}
	}
	switch {
	case !same:
		return ErrForked, nil
	case now.Size < before.Size:
		return ErrRolledBack, nil
	default:
		return nil, nil
	}
}

// catchUp takes in the entries up to the checkpoint, bundle by bundle, in order.
func (r *Registry) catchUp(ctx context.Context, src Source, to tlog.Checkpoint) error {
	if r.Next() >= to.Size {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	tree := newTreeReader(ctx, src, r.opts.ReadTimeout, to)
	first := r.Next() / tlog.TileWidth
	for b := range r.readBundles(ctx, &readers, src, first, to.Size) {
		read := <-b
		if read.err != nil {
			return fmt.Errorf("read entry bundle %d: %w", read.index, read.err)
		}
		entries, err := prove(tree, read)
		if err != nil {
			return err
		}
		envelopes, _ := statement.OpenBatch(entries)
		if err := r.Append(ctx, read.index*tlog.TileWidth, envelopes); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// bundle is one entry bundle as it was read.
type bundle struct {
	index uint64
	width int // how many entries of it the tree has
	data  []byte
	err   error
}

// readBundles reads the bundles from first to the end of the tree, a few at a time, and gives them out in order.
func (r *Registry) readBundles(ctx context.Context, readers *sync.WaitGroup, src Source, first, size uint64) <-chan chan bundle {
	queue := make(chan chan bundle, bundlesAhead-1)
	readers.Go(func() {
		defer close(queue)
		for index := first; index*tlog.TileWidth < size; index++ {
			b := bundle{index: index, width: int(min(size-index*tlog.TileWidth, tlog.TileWidth))}
			result := make(chan bundle, 1)
			select {
			case queue <- result:
			case <-ctx.Done():
				return
			}
			readers.Go(func() {
				b.data, b.err = readInTime(ctx, r.opts.ReadTimeout, func(ctx context.Context) ([]byte, error) {
					return src.ReadEntryBundle(ctx, b.index, uint8(b.width)) // 256 is a full one, and written 0
				})
				result <- b
			})
		}
	})
	return queue
}

// prove splits a bundle into its entries and checks that the tree has exactly these.
func prove(tree *treeReader, b bundle) ([][]byte, error) {
	fault := func(err error) error { return fmt.Errorf("entry bundle %d: %w: %w", b.index, ErrWrongBundle, err) }
	entries, err := tlog.ParseBundle(b.data, tlog.TileWidth)
	if err != nil {
		return nil, fault(err)
	}
	if len(entries) < b.width {
		return nil, fault(fmt.Errorf("%d entries instead of %d", len(entries), b.width))
	}
	entries = entries[:b.width]
	first := b.index * tlog.TileWidth
	leaves, err := tree.leaves(first, b.width)
	if err != nil {
		return nil, fmt.Errorf("leaves of entry bundle %d: %w", b.index, err)
	}
	for i, e := range entries {
		if tlog.LeafHash(e) != leaves[i] {
			return nil, fault(fmt.Errorf("entry %d is another", first+uint64(i)))
		}
	}
	return entries, nil
}

func readInTime(ctx context.Context, timeout time.Duration, read func(context.Context) ([]byte, error)) ([]byte, error) {
	timed, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	data, err := read(timed)
	return data, stalled(ctx, err)
}
