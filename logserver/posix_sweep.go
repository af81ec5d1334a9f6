package logserver

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// Sweep removes the temporary files of interrupted writes. Tessera writes each next to its target,
// under the target's name with a random number after it; ours begin with a dot. They lie where the
// log was writing: in the state directory, at the top, and in the directories of the tiles at the
// right edge.
func (s posixStorage) Sweep(_ context.Context, size uint64, age time.Duration) (int, error) {
	removed, err := 0, error(nil)
	var before time.Time
	if age > 0 {
		before = time.Now().Add(-age)
	}
	sweep := func(dir string, stray func(name string) bool) {
		n, e := sweepDir(dir, before, stray)
		removed += n
		err = errors.Join(err, e)
	}
	sweep(s.dir, isOurTemp)
	sweep(s.path(tilesName), func(name string) bool {
		return isOurTemp(name) || isTempOf(name, checkpointName)
	})
	sweep(s.tile(stateName), func(name string) bool {
		return isTempOf(name, "treeState") || isTempOf(name, "gcState") || isTempOf(name, "version")
	})
	for _, dir := range edgeDirs(size) {
		if strings.HasSuffix(dir, ".p") {
			sweep(s.tile(dir), isTempOfPartial)
		} else {
			sweep(s.tile(dir), isTempOfFull)
		}
	}
	return removed, err
}

// sweepAhead is how many bundles beyond the right edge an interrupted batch may have reached.
const sweepAhead = 1 << 16 / tlog.TileWidth

// edgeDirs lists the directories of tiles and bundles that a write at the right edge of a tree can
// have touched.
func edgeDirs(size uint64) []string {
	var dirs []string
	seen := map[string]bool{}
	add := func(dir string) {
		if !seen[dir] {
			seen[dir] = true
			dirs = append(dirs, dir)
		}
	}
	for i := size / tlog.TileWidth; i <= size/tlog.TileWidth+sweepAhead; i++ {
		for level, n := uint64(0), i; level < 8; level, n = level+1, n/tlog.TileWidth {
			path := tlog.TilePath(level, n, 0)
			add(filepath.Dir(path))
			add(path + ".p")
		}
		path := tlog.EntriesPath(i, 0)
		add(filepath.Dir(path))
		add(path + ".p")
	}
	return dirs
}

// sweepDir removes the stray files of a directory that were not written to since a moment; the zero
// moment means all of them.
func sweepDir(dir string, before time.Time, stray func(name string) bool) (removed int, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !stray(e.Name()) {
			continue
		}
		if info, err := e.Info(); err != nil || !before.IsZero() && info.ModTime().After(before) {
			continue
		}
		if e := os.Remove(filepath.Join(dir, e.Name())); e != nil {
			err = errors.Join(err, e)
			continue
		}
		removed++
	}
	return removed, err
}

const ourTemp = ".wherefrom-"

func isOurTemp(name string) bool { return strings.HasPrefix(name, ourTemp) }

// isTempOf reports whether name is target with a number after it.
func isTempOf(name, target string) bool {
	rest, ok := strings.CutPrefix(name, target)
	return ok && rest != "" && allDigits(rest)
}

// isTempOfFull reports whether a file among full tiles ("067") has digits too many.
func isTempOfFull(name string) bool { return len(name) > 3 && allDigits(name) }

// isTempOfPartial reports whether a file among partial tiles ("1" to "255") has another number.
func isTempOfPartial(name string) bool {
	n, err := strconv.ParseUint(name, 10, 64)
	return allDigits(name) && (err != nil || n == 0 || n >= tlog.TileWidth || name[0] == '0')
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
