package logserver

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// Names inside a log's directory (spec/log.md, "Directory"). This file is the only one that knows
// them.
const (
	configName = "log.json"
	keyName    = "key"
	lockName   = "lock"
	tilesName  = "tiles"
	finalName  = "final"
	recordName = "record" // in the guard's directory

	stateName      = ".state" // Tessera's, below tiles
	treeStateName  = stateName + "/treeState"
	checkpointName = "checkpoint"
)

// posixStorage is the [Storage] of a log on a file system.
type posixStorage struct{ dir string }

func (s posixStorage) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s posixStorage) tile(name string) string { return s.path(tilesName + "/" + name) }

// Lock takes an flock on DIR/lock, which ends with the process, and leaves the process's id in it.
func (s posixStorage) Lock(context.Context) (func() error, error) {
	f, err := os.OpenFile(s.path(lockName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := flock(f); err != nil {
		holder, _ := os.ReadFile(f.Name())
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, lockedFault(strings.TrimSpace(string(holder)))
		}
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, strconv.Itoa(os.Getpid())+"\n")); err != nil {
		f.Close()
		return nil, fmt.Errorf("write lock: %w", err)
	}
	return f.Close, nil
}

// flock takes the lock. It tries for a moment: a check that only looks holds the lock as briefly.
func flock(f *os.File) (err error) {
	for range 5 {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// running reports whether a process has the log open. It takes the lock for a moment to find out.
func (s posixStorage) running() bool {
	f, err := os.Open(s.path(lockName))
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

func lockedFault(pid string) *Fault {
	if pid == "" {
		pid = "unknown"
	}
	return &Fault{
		Code: "locked", Err: ErrLocked, Path: lockName, What: "process " + pid + " runs this log",
		Do: "stop that process first; one log has one writer",
	}
}

// Tree reads Tessera's own state file.
func (s posixStorage) Tree(context.Context) (TreeState, error) {
	raw, err := os.ReadFile(s.tile(treeStateName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return TreeState{}, fmt.Errorf("read tree state: %w", err)
	}
	if err != nil {
		return TreeState{}, treeStateFault("is missing")
	}
	var state struct {
		Size *uint64 `json:"size"`
		Root []byte  `json:"root"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&state); err != nil {
		return TreeState{}, treeStateFault("cannot be read: " + err.Error())
	}
	if state.Size == nil || *state.Size > tlog.MaxSize || len(state.Root) != tlog.HashSize {
		return TreeState{}, treeStateFault("has no size or no root")
	}
	return TreeState{Size: *state.Size, Root: tlog.Hash(state.Root)}, nil
}

func treeStateFault(what string) *Fault {
	return &Fault{
		Code: "tree-state", Err: ErrTreeState, Path: tilesName + "/" + treeStateName, What: what,
		Do: "if tiles and bundles are whole, `wherefrom log check --restore-tree` writes it anew from the guard's record; otherwise " + doBackup,
	}
}

// SetTree writes Tessera's own state file.
func (s posixStorage) SetTree(_ context.Context, tree TreeState) error {
	state := struct {
		Size uint64 `json:"size"`
		Root []byte `json:"root"`
	}{tree.Size, tree.Root[:]}
	raw, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return writeDurably(s.tile(treeStateName), raw, 0o644)
}

// Reader reads tiles and bundles straight from their files.
func (s posixStorage) Reader() Reader { return tilesReader(s.path(tilesName)) }

// tilesReader reads the files below a directory of tiles.
type tilesReader string

func (r tilesReader) ReadCheckpoint(context.Context) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(r), checkpointName))
}

func (r tilesReader) ReadTile(_ context.Context, level, index uint64, partial uint8) ([]byte, error) {
	return r.either(tlog.TilePath(level, index, partial), tlog.TilePath(level, index, 0))
}

func (r tilesReader) ReadEntryBundle(_ context.Context, index uint64, partial uint8) ([]byte, error) {
	return r.either(tlog.EntriesPath(index, partial), tlog.EntriesPath(index, 0))
}

// either reads the partial file, or the full one if the partial is gone.
func (r tilesReader) either(partial, full string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(string(r), filepath.FromSlash(partial)))
	if errors.Is(err, fs.ErrNotExist) && partial != full {
		return os.ReadFile(filepath.Join(string(r), filepath.FromSlash(full)))
	}
	return raw, err
}

// Driver returns Tessera's POSIX driver over DIR/tiles.
func (s posixStorage) Driver(ctx context.Context) (tessera.Driver, error) {
	return posix.New(ctx, posix.Config{Path: s.path(tilesName)})
}

func (s posixStorage) SetCheckpoint(_ context.Context, signed []byte) error {
	return writeDurably(s.tile(checkpointName), signed, 0o644)
}

func (s posixStorage) Final(context.Context) ([]byte, error) {
	raw, err := os.ReadFile(s.path(finalName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return raw, err
}

func (s posixStorage) SetFinal(_ context.Context, signed []byte) error {
	return writeDurably(s.path(finalName), signed, 0o644)
}

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

// fileStore is the [RecordStore] in a directory of its own.
type fileStore struct{ dir string }

func (s fileStore) Load() ([]byte, error) { return os.ReadFile(filepath.Join(s.dir, recordName)) }

func (s fileStore) Save(record []byte) error {
	return writeDurably(filepath.Join(s.dir, recordName), record, 0o644)
}

// writeDurably replaces a file so that a crash at any moment leaves the old content or the new, and
// that the new one survives a power failure when it returns nil.
func writeDurably(path string, data []byte, mode fs.FileMode) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ourTemp+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// guardStore returns where the guard's record lies: cfg.Guard, relative to the log's directory.
func guardStore(dir string, cfg Config) fileStore {
	if filepath.IsAbs(cfg.Guard) {
		return fileStore{cfg.Guard}
	}
	return fileStore{filepath.Join(dir, cfg.Guard)}
}

// readConfig reads log.json.
func readConfig(dir string) (Config, tlog.Key, error) {
	raw, err := os.ReadFile(filepath.Join(dir, configName))
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, tlog.Key{}, &Fault{
			Code: "not-a-log", Err: ErrNotALog, Path: configName, What: "is missing in " + dir,
			Do: "make a log with `wherefrom log init --dir DIR --origin NAME`, or name the right directory",
		}
	}
	if err != nil {
		return Config{}, tlog.Key{}, fmt.Errorf("read configuration: %w", err)
	}
	return parseConfig(raw)
}

// readKey reads the log's private key and makes sure that it is the one log.json names.
func readKey(dir string, want tlog.Key) (ed25519.PrivateKey, error) {
	raw, err := os.ReadFile(filepath.Join(dir, keyName))
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := parseKey(strings.TrimSuffix(string(raw), "\n"))
	if err != nil {
		return nil, keyFault(err.Error())
	}
	signer, err := tlog.NewLogSigner(want.Origin(), key)
	if err != nil {
		return nil, err
	}
	if signer.Key() != want {
		return nil, keyFault(fmt.Sprintf("it is of %s, log.json names %s", signer.Key(), want))
	}
	return key, nil
}

func keyFault(what string) *Fault {
	return &Fault{
		Code: "key-changed", Err: ErrKeyChanged, Path: keyName, What: what,
		Do: "put the log's own key back; a log with another key is another log and needs another origin",
	}
}

// formatKey writes a private key the way Go's note package does:
// PRIVATE+KEY+NAME+HASH+BASE64(algorithm, seed).
func formatKey(key tlog.Key, private ed25519.PrivateKey) string {
	return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", key.Name(), key.KeyHash(),
		base64.StdEncoding.EncodeToString(append([]byte{byte(tlog.AlgEd25519)}, private.Seed()...)))
}

func parseKey(text string) (ed25519.PrivateKey, error) {
	parts := strings.SplitN(text, "+", 5)
	if len(parts) != 5 || parts[0] != "PRIVATE" || parts[1] != "KEY" {
		return nil, errors.New("it is not a private key in note form")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != byte(tlog.AlgEd25519) {
		return nil, errors.New("it is not an Ed25519 key")
	}
	private := ed25519.NewKeyFromSeed(raw[1:])
	signer, err := tlog.NewLogSigner(tlog.Origin(parts[2]), private)
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseUint(parts[3], 16, 32)
	if err != nil || uint32(id) != signer.KeyHash() {
		return nil, errors.New("its id does not match")
	}
	return private, nil
}
