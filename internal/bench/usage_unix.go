//go:build unix

package main

import (
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is what a process has used so far.
type usage struct {
	CPU  time.Duration // user and system
	Peak int64         // bytes of memory resident at most
}

// usageNow asks the kernel about this process.
func usageNow() usage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return usage{}
	}
	u := usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), Peak: int64(r.Maxrss)} //nolint:unconvert // 32 bits on some systems
	if runtime.GOOS == "linux" {
		u.Peak = highWater()
	}
	return u
}

// highWater reads the peak from /proc: Linux counts in getrusage what the parent had when it forked.
func highWater() int64 {
	kilobytes, _, _ := strings.Cut(field("/proc/self/status", "VmHWM"), " ")
	n, err := strconv.ParseInt(kilobytes, 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}
