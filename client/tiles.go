package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// maxBundle is the size of the largest entry bundle.
const maxBundle = tlog.TileWidth * (2 + tlog.MaxEntry)

// ReadCheckpoint fetches the log's newest checkpoint (tlog-tiles, "Checkpoints").
func (c *Client) ReadCheckpoint(ctx context.Context) ([]byte, error) {
	return c.get(ctx, "/checkpoint", tlog.MaxCheckpoint)
}

// ReadFinalCheckpoint fetches the newest checkpoint that the log's witnesses have cosigned. A plain tile log has no
// such path: its one checkpoint carries what cosignatures there are.
func (c *Client) ReadFinalCheckpoint(ctx context.Context) ([]byte, error) {
	raw, err := c.get(ctx, "/checkpoint/final", tlog.MaxCheckpoint)
	if p, ok := errors.AsType[*Problem](err); ok && p.Status == 404 && p.Code == "" {
		return c.ReadCheckpoint(ctx)
	}
	return raw, err
}

// ReadTile fetches a hash tile. A partial tile that the log no longer has is cut out of the full one.
func (c *Client) ReadTile(ctx context.Context, level, index uint64, partial uint8) ([]byte, error) {
	data, err := c.readTile(ctx, tlog.Tile{Level: level, Index: index, Partial: partial}, tlog.TileWidth*tlog.HashSize)
	if err != nil || partial == 0 {
		return data, err
	}
	if want := int(partial) * tlog.HashSize; len(data) > want {
		data = data[:want]
	}
	return data, nil
}

// ReadEntryBundle fetches an entry bundle. A partial one that the log no longer has is cut out of the full one.
func (c *Client) ReadEntryBundle(ctx context.Context, index uint64, partial uint8) ([]byte, error) {
	data, err := c.readTile(ctx, tlog.Tile{Entries: true, Index: index, Partial: partial}, maxBundle)
	if err != nil || partial == 0 {
		return data, err
	}
	entries, err := tlog.ParseBundle(data, tlog.TileWidth)
	if err != nil {
		return nil, fmt.Errorf("entry bundle %d: %w", index, err)
	}
	size := 0
	for _, e := range entries[:min(len(entries), int(partial))] {
		size += 2 + len(e)
	}
	return data[:size], nil
}

func (c *Client) readTile(ctx context.Context, t tlog.Tile, limit int64) ([]byte, error) {
	data, err := c.get(ctx, "/"+t.Path(), limit)
	if errors.Is(err, fs.ErrNotExist) && t.Partial > 0 {
		full := t
		full.Partial = 0
		if data, ferr := c.get(ctx, "/"+full.Path(), limit); ferr == nil {
			return data, nil
		}
	}
	return data, err
}
