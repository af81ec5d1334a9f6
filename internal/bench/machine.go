package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// machineLine says where and when the numbers were measured, and how busy the machine was before.
func machineLine(ctx context.Context) string {
	parts := []string{
		time.Now().UTC().Format("2006-01-02 15:04 UTC"),
		fmt.Sprintf("%d × %s", runtime.NumCPU(), field("/proc/cpuinfo", "model name")),
		field("/proc/meminfo", "MemTotal") + " memory",
		runtime.GOOS + "/" + runtime.GOARCH,
		runtime.Version(),
		"load before the run " + loadNow(),
		"commit " + commit(ctx),
	}
	return "Measured " + strings.Join(parts, " · ")
}

// field reads the first "name : value" line of a file of /proc, "unknown" elsewhere.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, ok := strings.Cut(lines.Text(), ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// loadNow is the number of processes that wanted a core in the last minute, on average.
func loadNow() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(data), " ")
	return one
}

// commit names the source that was measured; a star says that it was changed since.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	name := strings.TrimSpace(string(out))
	if changed, err := exec.CommandContext(ctx, "git", "status", "--porcelain", "--untracked-files=no").Output(); err == nil && len(changed) > 0 {
		name += "*"
	}
	return name
}
