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

func (b local) submit(ctx context.Context, wait logserver.Wait, envelopes []*statement.Envelope) (*logserver.Batch, error) {
	return b.log.Add(ctx, wait, envelopes...)
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

func (b local) tile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	if !inTree(t, b.size()) {
		return nil, fmt.Errorf("%s: %w", t.Path(), fs.ErrNotExist)
	}
	return readTile(ctx, b.log.Reader(), t)
}

func (b local) size() uint64 { return b.log.Health().Size }

func (b local) health() (*client.LogHealth, []string, bool) {
	h := b.log.Health()
	out := &client.LogHealth{
		Origin: string(b.log.Origin()), TreeSize: h.Size, FinalSize: h.Final, InFlight: h.InFlight,
		CheckpointAge: b.now().Sub(h.Signed).Seconds(), Guard: "ok", AcceptsEntries: h.Stopped == nil,
	}
	var problems []string
	if h.Stopped != nil {
		out.Guard = "latched"
		problems = append(problems, h.Stopped.Error())
	}
	for _, t := range h.Troubles {
		problems = append(problems, t.What+": "+t.Err.Error())
	}
	return out, problems, h.Stopped == nil
}

func (b local) run(context.Context) {}

// tileReader reads tiles and bundles: a log's storage, or a client.
type tileReader interface {
	tlog.TileReader
	ReadEntryBundle(ctx context.Context, index uint64, partial uint8) ([]byte, error)
}

// readTile reads what t names. A partial tile may be read from a wider one, and is cut to its own width.
func readTile(ctx context.Context, r tileReader, t tlog.Tile) ([]byte, error) {
	if !t.Entries {
		data, err := r.ReadTile(ctx, t.Level, t.Index, t.Partial)
		if err != nil || t.Partial == 0 {
			return data, err
		}
		return data[:min(len(data), int(t.Partial)*tlog.HashSize)], nil
	}
	data, err := r.ReadEntryBundle(ctx, t.Index, t.Partial)
	if err != nil || t.Partial == 0 {
		return data, err
	}
	entries, err := tlog.ParseBundle(data, tlog.TileWidth)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, e := range entries[:min(len(entries), int(t.Partial))] {
		size += 2 + len(e)
	}
	return data[:size], nil
}

// inTree reports whether a tree of the given size has the tile.
func inTree(t tlog.Tile, size uint64) bool {
	width := uint64(t.Partial)
	if width == 0 {
		width = tlog.TileWidth
	}
	if t.Level > 7 {
		return false
	}
	hashes := size >> (8 * t.Level) // that the tree has at this level
	return width <= hashes && t.Index <= (hashes-width)/tlog.TileWidth
}
