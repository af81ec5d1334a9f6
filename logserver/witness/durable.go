package witness

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// tempPrefix begins the names of files that are not yet complete.
const tempPrefix = ".tmp-"

// fsync waits for the disk. Tests of everything else do not.
var fsync = (*os.File).Sync

// replace puts data into a file so that a crash at any moment leaves the old content or the new,
// and that the new is there to stay once replace returns nil: write beside it, sync, rename, sync
// the directory.
func (s *store) replace(path string, data []byte) error {
	path = filepath.Join(s.dir, path)
	dir, name := filepath.Split(path)
	temp := filepath.Join(dir, tempPrefix+name)
	err := s.step("write", path, func() error { return writeSynced(temp, data) })
	if err == nil {
		err = s.step("rename", path, func() error { return os.Rename(temp, path) })
	}
	if err == nil {
		err = s.step("sync", path, func() error { return syncDir(dir) })
	}
	return err
}

// step does one step of a write, unless a test wants it to fail.
func (s *store) step(name, path string, do func() error) error {
	if s.fault != nil {
		if err := s.fault(name, path); err != nil {
			return err
		}
	}
	return do()
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = fsync(f)
	}
	return errors.Join(err, f.Close())
}

// sweep removes what writes have left that never finished.
func (s *store) sweep() error {
	for _, dir := range []string{s.dir, filepath.Join(s.dir, stateDir)} {
		files, err := os.ReadDir(dir)
		if err != nil {
			return damaged(stateDir, err)
		}
		for _, f := range files {
			if strings.HasPrefix(f.Name(), tempPrefix) {
				if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
