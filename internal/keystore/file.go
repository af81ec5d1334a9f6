package keystore

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

const (
	dirMode  fs.FileMode = 0o700
	fileMode fs.FileMode = 0o600
)

// checkMode refuses a file or directory that others than its owner can reach. Windows has no such bits.
func checkMode(path string, info fs.FileInfo, want fs.FileMode) error {
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return &PermissionError{Path: path, Mode: info.Mode(), Want: want}
	}
	return nil
}

// prepareDir makes dir for its owner alone, or checks that it is so.
func prepareDir(dir string) error {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return fmt.Errorf("make the directory of keys: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return checkMode(dir, info, dirMode)
}

// readPrivate reads a key file after checking who else could.
func readPrivate(path string) ([]byte, error) {
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if err := checkMode(dir, info, dirMode); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file: %w", path, ErrDamaged)
	}
	if err := checkMode(path, info, fileMode); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// writeNew writes data durably under a temporary name and then gives it its own, which must be free:
// a key file is there whole or not at all, and never in place of another.
func writeNew(path string, data []byte) error {
	temp := filepath.Join(filepath.Dir(path), ".new-"+rand.Text())
	if err := writeSync(temp, data); err != nil {
		return err
	}
	defer os.Remove(temp)
	err := os.Link(temp, path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		// Some file systems have no links. Creating exclusively still never overwrites.
		err = writeSync(path, data)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func writeSync(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(path) // ours, and incomplete
	}
	return err
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
