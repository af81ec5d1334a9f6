//go:build unix

package statement_test

import (
	"syscall"
	"time"
)

// cpuTime returns how long the processors have worked for this process, whatever else they had to do meanwhile.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
