package tlog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// TileWidth is the number of hashes in a full tile, and of entries in a full bundle.
const TileWidth = 256

// MaxEntry is the largest entry, in bytes, that a bundle can hold.
const MaxEntry = 1<<16 - 1

// Errors of tiles and bundles.
var (
	ErrTilePath  = errors.New("not the path of a tile")
	ErrTile      = errors.New("not a tile")
	ErrBundle    = errors.New("not an entry bundle")
	ErrEntrySize = errors.New("entry does not fit into a bundle")
)

// Tile names one tile or entry bundle of a log.
type Tile struct {
	Entries bool   // an entry bundle; Level is then 0
	Level   uint64 // 0 to 63; hashes of level 0 are leaf hashes
	Index   uint64
	Partial uint8 // number of hashes or entries in a partial tile; 0 means a full one
}

// TilePath returns the path of a hash tile below the log's address: tile/L/N[.p/W].
func TilePath(level, index uint64, partial uint8) string {
	return Tile{Level: level, Index: index, Partial: partial}.Path()
}

// EntriesPath returns the path of an entry bundle below the log's address: tile/entries/N[.p/W].
func EntriesPath(index uint64, partial uint8) string {
	return Tile{Entries: true, Index: index, Partial: partial}.Path()
}

// Path returns the tile's path below the log's address (tlog-tiles). [ParseTilePath] reads it.
func (t Tile) Path() string {
	level := "entries"
	if !t.Entries {
		level = strconv.FormatUint(t.Level, 10)
	}
	index := fmt.Sprintf("%03d", t.Index%1000)
	for n := t.Index / 1000; n > 0; n /= 1000 {
		index = fmt.Sprintf("x%03d/%s", n%1000, index)
	}
	if t.Partial > 0 {
		index += fmt.Sprintf(".p/%d", t.Partial)
	}
	return "tile/" + level + "/" + index
}

// ParseTilePath reads the path of a tile or bundle. It accepts exactly what [Tile.Path] writes.
func ParseTilePath(path string) (Tile, error) {
	bad := fmt.Errorf("%.80q: %w", path, ErrTilePath)
	rest, ok := strings.CutPrefix(path, "tile/")
	level, rest, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 {
		return Tile{}, bad
	}
	var t Tile
	if level == "entries" {
		t.Entries = true
	} else {
		n, err := strconv.ParseUint(level, 10, 6)
		if err != nil {
			return Tile{}, bad
		}
		t.Level = n
	}
	index, width, partial := strings.Cut(rest, ".p/")
	if partial {
		n, err := strconv.ParseUint(width, 10, 8)
		if err != nil {
			return Tile{}, bad
		}
		t.Partial = uint8(n)
	}
	digits := strings.ReplaceAll(strings.ReplaceAll(index, "x", ""), "/", "")
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return Tile{}, bad
	}
	t.Index = n
	if t.Path() != path {
		return Tile{}, bad
	}
	return t, nil
}

// ParseBundle splits an entry bundle into its entries, and refuses more than max of them. The entries share
// the memory of data.
func ParseBundle(data []byte, max int) ([][]byte, error) {
	var entries [][]byte
	for len(data) > 0 {
		if len(entries) >= max {
			return nil, fmt.Errorf("more than %d entries: %w", max, ErrBundle)
		}
		if len(data) < 2 {
			return nil, fmt.Errorf("entry %d is cut off: %w", len(entries), ErrBundle)
		}
		n := int(data[0])<<8 | int(data[1])
		if len(data) < 2+n {
			return nil, fmt.Errorf("entry %d is cut off: %w", len(entries), ErrBundle)
		}
		entries = append(entries, data[2:2+n:2+n])
		data = data[2+n:]
	}
	return entries, nil
}

// AppendBundle appends an entry to a bundle.
func AppendBundle(dst, entry []byte) ([]byte, error) {
	if len(entry) > MaxEntry {
		return nil, fmt.Errorf("entry of %d bytes: %w of %d", len(entry), ErrEntrySize, MaxEntry)
	}
	dst = append(dst, byte(len(entry)>>8), byte(len(entry)))
	return append(dst, entry...), nil
}
