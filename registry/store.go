package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// The files in a registry's directory. Nothing else in it is ever touched, and only rowsDir is ever removed.
const (
	lockFile     = "LOCK"
	formatFile   = "FORMAT"     // the version of the rows, and the log they are of
	rowsDir      = "rows"       // Pebble's
	damagedFile  = "DAMAGED"    // there if rows are to be thrown away
	ballastFile  = "ballast"    // thrown off when the disk is full; see trouble.go
	followedFile = "checkpoint" // the newest checkpoint followed, as the log signed it
	conflictFile = "CONFLICT"   // two checkpoints that contradict each other; see conflict.go
)

func (r *Registry) lockDir() error {
	if err := r.fs.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	lock, err := r.fs.Lock(r.path(lockFile))
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	r.lock, r.fs = lock, r.withBallast(r.fs)
	return nil
}

// openStore opens the rows, or begins anew if they cannot be used.
func (r *Registry) openStore() error {
	why, err := r.checkFormat()
	if err != nil {
		return err
	}
	if err := r.takeBallast(); err != nil {
		r.opts.Logger.Warn("registry has no room to spare", slog.Any("error", err))
	}
	if why == nil {
		why = r.openRows()
	}
	if why == nil {
		return nil
	}
	if environmental(why) {
		return why
	}
	r.opts.Logger.Warn("registry is thrown away, to be built again from the log", slog.Any("reason", why))
	if err := r.discardRows(); err != nil {
		return err
	}
	return r.openRows()
}

// checkFormat reads the FORMAT file, or writes that of a new registry. why is a reason to throw the rows away.
func (r *Registry) checkFormat() (why, err error) {
	text, err := r.readFile(formatFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, r.writeNewFormat()
	}
	if err != nil {
		return nil, err
	}
	if _, err := r.fs.Stat(r.path(damagedFile)); err == nil {
		return ErrDamaged, nil
	}
	version, origin, err := parseFormat(string(text))
	switch {
	case err != nil:
		return err, nil
	case version > formatVersion:
		return nil, fmt.Errorf("%w: its format is %d, this program knows %d", ErrNewer, version, formatVersion)
	case origin != "" && !r.opts.Log.IsZero() && origin != r.opts.Log.Name():
		return nil, fmt.Errorf("%w: of %q, not %q", ErrOtherLog, origin, r.opts.Log.Name())
	case version < formatVersion:
		return fmt.Errorf("its format is %d, this program writes %d", version, formatVersion), nil
	}
	return nil, nil
}

func (r *Registry) writeNewFormat() error {
	names, err := r.fs.List(r.dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n != lockFile && !strings.HasSuffix(n, tempSuffix) {
			return fmt.Errorf("%w: it has %s", ErrForeignDir, n)
		}
	}
	return r.writeFormat()
}

func (r *Registry) writeFormat() error {
	text := formatName + strconv.Itoa(formatVersion) + "\n"
	if !r.opts.Log.IsZero() {
		text += "log " + r.opts.Log.Name() + "\n"
	}
	return r.writeFile(formatFile, []byte(text))
}

func parseFormat(text string) (version int, origin string, err error) {
	first, rest, _ := strings.Cut(text, "\n")
	number, ok := strings.CutPrefix(first, formatName)
	version, err = strconv.Atoi(number)
	if !ok || err != nil || version < 1 {
		return 0, "", fmt.Errorf("%w: the FORMAT file begins with %.40q", ErrDamaged, first)
	}
	if line, _, _ := strings.Cut(rest, "\n"); strings.HasPrefix(line, "log ") {
		origin = line[len("log "):]
	}
	return version, origin, nil
}

func (r *Registry) openRows() error {
	db, err := pebble.Open(r.path(rowsDir), r.pebbleOptions())
	if err != nil {
		return err
	}
	r.db = db
	state, err := readState(db)
	if err != nil {
		_ = db.Close()
		return err
	}
	r.setState(state)
	return nil
}

// discardRows removes the rows and brings the FORMAT file up to date, in the order that survives a crash between.
func (r *Registry) discardRows() error {
	if err := r.writeFile(damagedFile, nil); err != nil {
		return err
	}
	if err := r.fs.RemoveAll(r.path(rowsDir)); err != nil {
		return err
	}
	if err := r.writeFormat(); err != nil {
		return err
	}
	if err := r.fs.Remove(r.path(damagedFile)); err != nil {
		return err
	}
	return r.syncDir()
}

// memTables is how many tables in memory may wait to be written.
const memTables = 4

// tableBytes is the size of a table file. A table's Bloom filter is read as a whole, and small ones stay in the cache.
const tableBytes = 32 << 20

// pebbleOptions bounds memory and leaves out the write-ahead log. Bloom filters make it cheap to learn that a
// statement is new, which the log asks about each one.
func (r *Registry) pebbleOptions() *pebble.Options {
	o := &pebble.Options{
		FS:                          r.fs,
		CacheSize:                   r.opts.CacheBytes + memTables*int64(r.opts.MemTableBytes), // which Pebble takes from it
		MemTableSize:                r.opts.MemTableBytes,
		MemTableStopWritesThreshold: memTables,
		L0CompactionThreshold:       8, // less is rewritten, for lookups that ask a few more Bloom filters
		MaxOpenFiles:                1000,
		DisableWAL:                  true,
		FormatMajorVersion:          pebble.FormatTableFormatV6,
		CompactionConcurrencyRange:  func() (int, int) { return 1, 1 },
		Logger:                      pebbleLogger{r.opts.Logger, r.opts.Fatal},
		EventListener:               r.events(),
	}
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		o.TargetFileSizes[i] = tableBytes
	}
	return o
}

const tempSuffix = ".tmp"

// writeFile replaces a file so that it is either the old or the new one, whatever happens.
func (r *Registry) writeFile(name string, data []byte) error {
	temp := r.path(name + tempSuffix)
	f, err := r.fs.Create(temp, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bytes.NewReader(data))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = r.fs.Rename(temp, r.path(name))
	}
	if err == nil {
		err = r.syncDir()
	}
	return err
}

func (r *Registry) readFile(name string) ([]byte, error) {
	f, err := r.fs.Open(r.path(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 1<<20))
}

func (r *Registry) syncDir() error {
	d, err := r.fs.OpenDir(r.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
