package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// tick is the unit in which Linux counts CPU time for /proc/stat.
const tick = 10 * time.Millisecond

// bystanders measures what processes that are not ours take of the machine meanwhile: a number by the
// wall clock is worth little if that is much.
type bystanders struct {
	began      time.Time
	busy, ours time.Duration
}

func watchBystanders() bystanders {
	return bystanders{time.Now(), machineBusy(), oursSoFar()}
}

// cores is how many cores the others kept busy since, on average; negative if that cannot be told here.
func (b bystanders) cores() float64 {
	if b.busy == 0 {
		return -1
	}
	others := machineBusy() - b.busy - (oursSoFar() - b.ours)
	return max(0, float64(others)/float64(time.Since(b.began)))
}

// machineBusy is the CPU time of all processes since the machine was started, 0 if it is not told.
func machineBusy() time.Duration {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(data), "\n")
	var ticks int64
	for i, field := range strings.Fields(first) {
		// cpu user nice system idle iowait irq softirq steal guest guest_nice; guests are in user.
		if i == 0 || i == 4 || i == 5 || i > 8 {
			continue
		}
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * tick
}

// finished collects the CPU time of the processes that this program started and that have ended.
var finished time.Duration

// ended counts a process that has ended as ours.
func ended(cmd *exec.Cmd) {
	if s := cmd.ProcessState; s != nil {
		finished += s.UserTime() + s.SystemTime()
	}
}

func oursSoFar() time.Duration { return usageNow().CPU + finished }
