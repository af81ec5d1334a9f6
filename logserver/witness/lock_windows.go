package witness

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// exclusive locks a file, or returns [ErrLocked].
func exclusive(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrLocked
	}
	return err
}

// syncDir does nothing: this system does not let a directory be synced, and keeps renames in order
// by itself.
func syncDir(string) error { return nil }
