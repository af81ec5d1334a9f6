//go:build unix

package registry_test

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is what this process has used so far, in all its threads.
func cpuTime(tb testing.TB) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
