//go:build unix

package main

import (
	"runtime"
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
	peak := int64(r.Maxrss) << 10 //nolint:unconvert // 32 bits on some systems
	if runtime.GOOS == "darwin" {
		peak = int64(r.Maxrss) //nolint:unconvert // bytes there, and 64 bits
	}
	return usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), Peak: peak}
}
