package witness

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// lock takes the directory for this process. The lock goes with the process, however that ends.
func lock(dir string) (unlock func() error, err error) {
	if _, err := os.Stat(filepath.Join(dir, witnessFile)); errors.Is(err, fs.ErrNotExist) {
		if records, _ := os.ReadDir(filepath.Join(dir, stateDir)); len(records) > 0 {
			return nil, damaged(witnessFile, err)
		}
		return nil, ErrNotAWitness
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := exclusive(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
