package logserver

import (
	"bytes"
	"context"
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

// Names inside a log's directory (spec/log.md, "Directory"). The posix*.go files and init.go are the
// only ones that know directories.
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

// Running reports whether a process has the log open. It takes the lock for a moment to find out.
func (s posixStorage) Running() bool {
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

// fileStore is the [RecordStore] in a directory of its own.
type fileStore struct{ dir string }

func (s fileStore) Load() ([]byte, error) { return os.ReadFile(filepath.Join(s.dir, recordName)) }

// Save makes the directory too if it was lost with the record.
func (s fileStore) Save(record []byte) error {
	if _, err := os.Stat(s.dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(s.dir, 0o700); err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
		if err := syncDir(filepath.Dir(s.dir)); err != nil {
			return err
		}
	}
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
