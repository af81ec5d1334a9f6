//go:build unix

package load

import (
	"os"
	"runtime"
	"syscall"
)

func peakOf(s *os.ProcessState) int64 {
	r, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(r.Maxrss) //nolint:unconvert // bytes there; 32 bits on some systems
	}
	return int64(r.Maxrss) << 10 //nolint:unconvert // 32 bits on some systems
}
