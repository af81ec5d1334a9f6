//go:build !(linux || darwin || freebsd)

package cli

import "errors"

// freeSpace is not known how to find on this system.
func freeSpace(string) (int64, error) { return 0, errors.ErrUnsupported }
