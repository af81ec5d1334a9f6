package server

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// remote is a log that is reached over HTTP, and which the registry follows. Receipts are made here from its tiles,
// and proven before they are given out, so that it may be any tile log.
type remote struct {
	client   *client.Client
	registry *registry.Registry
	key      tlog.Key
	prover   *tlog.Prover
	every    time.Duration
	logger   *slog.Logger
	now      func() time.Time

	mu       sync.Mutex
	followed time.Time // when the registry last caught up; guarded by mu
	trouble  error     // why it could not since; guarded by mu
}

func newRemote(o Options) *remote {
	every := o.FollowEvery
	if every <= 0 {
		every = time.Second
	}
	return &remote{
		client: o.Upstream, registry: o.Registry, key: o.Key, prover: tlog.NewProver(o.Upstream, 0),
		every: every, logger: o.Logger, now: o.Now,
	}
}

// conflict refuses what would lend this server's name to a log that is known to have forked, or that shows less than
// it did. What readers need to see that for themselves, checkpoints and tiles, is still passed on.
func (b *remote) conflict() error {
	if fork := b.registry.Conflict(); fork != nil {
		return problemConflict.with("the log has forked: it signed two trees of which neither begins with the other")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if errors.Is(b.trouble, registry.ErrRolledBack) {
		return problemConflict.with("the log has rolled back: it shows a smaller tree than before")
	}
	return nil
}

// receiptPause is the time between two looks for a checkpoint that covers an entry.
const receiptPause = 200 * time.Millisecond

func (b *remote) receipt(ctx context.Context, index uint64, wait logserver.Wait) (*receipt.Receipt, error) {
	if err := b.conflict(); err != nil {
		return nil, err
	}
	for {
		signed, err := b.checkpoint(ctx, wait)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			c, _, err := tlog.OpenCheckpoint(signed, b.key)
			if err != nil {
				return nil, problemUpstream.with("checkpoint: %v", err)
			}
			if index < c.Size {
				return b.prove(ctx, index, signed, c)
			}
		}
		select {
		case <-time.After(receiptPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (b *remote) prove(ctx context.Context, index uint64, signed []byte, c tlog.Checkpoint) (*receipt.Receipt, error) {
	hashes, err := b.prover.Inclusion(ctx, index, c.Size)
	if err != nil {
		return nil, err
	}
	bundle := tlog.Tile{Entries: true, Index: index / tlog.TileWidth}
	if left := c.Size - bundle.Index*tlog.TileWidth; left < tlog.TileWidth {
		bundle.Partial = uint8(left)
	}
	data, err := b.tile(ctx, bundle)
	if err != nil {
		return nil, err
	}
	entries, err := tlog.ParseBundle(data, tlog.TileWidth)
	if err != nil || int(index%tlog.TileWidth) >= len(entries) {
		return nil, problemUpstream.with("entry bundle %d cannot be read", bundle.Index)
	}
	entry := entries[index%tlog.TileWidth]
	if err := tlog.VerifyInclusion(tlog.LeafHash(entry), index, c.Size, hashes, c.Root); err != nil {
		return nil, problemUpstream.with("entry %d: %v", index, err)
	}
	return &receipt.Receipt{
		Log: b.key, Envelope: entry,
		Proof: tlog.Proof{Index: index, Hashes: hashes, Checkpoint: signed},
	}, nil
}

func (b *remote) checkpoint(ctx context.Context, wait logserver.Wait) ([]byte, error) {
	if wait == logserver.Final {
		return b.client.ReadFinalCheckpoint(ctx)
	}
	return b.client.ReadCheckpoint(ctx)
}

func (b *remote) tile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	return readTile(ctx, b.client, t, t.Partial)
}

func (b *remote) size() uint64 {
	signed, err := b.registry.Followed()
	if err != nil || signed == nil {
		return 0
	}
	c, _, err := tlog.OpenCheckpoint(signed, b.key)
	if err != nil {
		return 0
	}
	return c.Size
}

func (b *remote) health() (*client.LogHealth, []string, bool) {
	b.mu.Lock()
	followed, trouble := b.followed, b.trouble
	b.mu.Unlock()
	h := &client.LogHealth{Origin: b.key.Name(), TreeSize: b.size(), Guard: "elsewhere", AcceptsEntries: b.conflict() == nil, Upstream: b.client.URL()}
	if !followed.IsZero() {
		h.CheckpointAge = b.now().Sub(followed).Seconds()
	}
	var problems []string
	if conflict := b.registry.Conflict(); conflict != nil {
		h.Guard = "latched"
		return h, append(problems, conflict.Error()), false
	}
	if trouble != nil {
		problems = append(problems, trouble.Error())
	}
	return h, problems, true
}

// run follows the log. After an error it waits longer and longer, up to a minute.
func (b *remote) run(ctx context.Context) {
	wait := b.every
	for {
		err := b.registry.Follow(ctx, b.client)
		if ctx.Err() != nil {
			return
		}
		b.note(err)
		if err == nil {
			wait = b.every
		} else {
			b.logger.Warn("log cannot be followed", slog.Any("error", err))
			wait = min(2*wait, max(b.every, time.Minute))
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

func (b *remote) note(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble = err
	if err == nil {
		b.followed = b.now()
	}
}

func clientWait(w logserver.Wait) client.Wait {
	if w == logserver.Fast {
		return client.Fast
	}
	return client.Final
}
