package server

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// local is a log in this process.
type local struct {
	log *logserver.Log
	now func() time.Time
}

func (b local) submit(ctx context.Context, wait logserver.Wait, envelopes []*statement.Envelope) (*outcome, error) {
	batch, err := b.log.Add(ctx, wait, envelopes...)
	if err != nil {
		return nil, err
	}
	return &outcome{Batch: *batch}, nil
}

func (b local) receipt(ctx context.Context, index uint64, wait logserver.Wait) (*receipt.Receipt, error) {
	return b.log.Receipt(ctx, index, wait)
}

func (b local) checkpoint(_ context.Context, wait logserver.Wait) ([]byte, error) {
	show := b.log.Checkpoint
	if wait == logserver.Final {
		show = b.log.Final
	}
	signed, _ := show()
	if signed == nil {
		return nil, fmt.Errorf("checkpoint: %w", fs.ErrNotExist)
	}
	return signed, nil
}

// tile cuts a partial tile out of the widest one there is now, so that every width that the tree ever had is served,
// although the storage keeps only those that it happened to write.
func (b local) tile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	widest, ok := widestTile(t, b.size())
	if !ok {
		return nil, fmt.Errorf("%s: %w", t.Path(), fs.ErrNotExist)
	}
	return readTile(ctx, b.log.Reader(), widest, t.Partial)
}

func (b local) size() uint64 { return b.log.Health().Size }

func (b local) health() (*client.LogHealth, []string, bool) {
	h := b.log.Health()
	out := &client.LogHealth{
		Origin: string(b.log.Origin()), TreeSize: h.Size, FinalSize: h.Final, InFlight: h.InFlight,
		CheckpointAge: b.now().Sub(h.Signed).Seconds(), Guard: "ok", AcceptsEntries: h.Accepts(),
	}
	var problems []string
	if h.Stopped != nil {
		out.Guard = "latched"
		problems = append(problems, h.Stopped.Error())
	}
	for _, t := range h.Troubles {
		problems = append(problems, t.What+": "+t.Err.Error())
	}
	return out, problems, h.Accepts()
}

func (b local) run(context.Context) {}

// tileReader reads tiles and bundles: a log's storage, or a client.
type tileReader interface {
	tlog.TileReader
	ReadEntryBundle(ctx context.Context, index uint64, partial uint8) ([]byte, error)
}

// readTile reads what t names and cuts it to the width of a partial tile; 0 is a full one.
func readTile(ctx context.Context, r tileReader, t tlog.Tile, partial uint8) ([]byte, error) {
	if !t.Entries {
		data, err := r.ReadTile(ctx, t.Level, t.Index, t.Partial)
		if err != nil || partial == 0 {
			return data, err
		}
		return data[:min(len(data), int(partial)*tlog.HashSize)], nil
	}
	data, err := r.ReadEntryBundle(ctx, t.Index, t.Partial)
	if err != nil || partial == 0 {
		return data, err
	}
	entries, err := tlog.ParseBundle(data, tlog.TileWidth)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, e := range entries[:min(len(entries), int(partial))] {
		size += 2 + len(e)
	}
	return data[:size], nil
}

// widestTile returns the widest tile with t's level and index in a tree of the given size. It is false if the tree
// does not have all of t.
func widestTile(t tlog.Tile, size uint64) (tlog.Tile, bool) {
	if t.Level > 7 {
		return t, false
	}
	hashes := size >> (8 * t.Level) // that the tree has at this level
	if t.Index > hashes/tlog.TileWidth {
		return t, false
	}
	want, have := uint64(t.Partial), min(hashes-t.Index*tlog.TileWidth, tlog.TileWidth)
	if want == 0 {
		want = tlog.TileWidth
	}
	t.Partial = uint8(have) // 256 is a full one, and written 0
	return t, want <= have
}
