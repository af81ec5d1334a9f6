package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// childMark is the first argument of a process that this program starts of itself.
const childMark = "measure"

// measured is what a child says when it is done, as one line of JSON.
type measured struct {
	Count   int           // things done
	Bytes   int64         // bytes gone through
	Wall    time.Duration // from the first to the last
	CPU     time.Duration // of the child, in that time
	Peak    int64         // bytes of memory at most, from the child's start
	P50     time.Duration
	P99     time.Duration
	Refused int // things not done because the other side was busy
}

// each is the CPU time of one of the things done.
func (m measured) each() time.Duration {
	if m.Count == 0 {
		return 0
	}
	return m.CPU / time.Duration(m.Count)
}

// rate is how many were done a second.
func (m measured) rate() float64 { return float64(m.Count) / m.Wall.Seconds() }

// speed is how many bytes were gone through in a second of CPU time.
func (m measured) speed() float64 { return float64(m.Bytes) / m.CPU.Seconds() }

// children are what may be measured in a process of its own.
var children = map[string]func(ctx context.Context, args []string) (measured, error){
	"hash-ours":      hashOurs,
	"hash-peer":      hashPeer,
	"verify-ours":    verifyOurs,
	"verify-peer":    verifyPeer,
	"tessera-closed": tesseraClosed,
	"tessera-open":   tesseraOpen,
}

// runAsChild is the other side of [inChild].
func runAsChild(ctx context.Context, name string, args []string, out io.Writer) error {
	do := children[name]
	if do == nil {
		return fmt.Errorf("nothing to measure is called %q", name)
	}
	m, err := do(ctx, args)
	if err != nil {
		return err
	}
	m.Peak = usageNow().Peak
	return json.NewEncoder(out).Encode(m)
}

// inChild runs one measurement in a process of its own, with so many cores.
func inChild(ctx context.Context, cores int, name string, args ...string) (measured, error) {
	self, err := os.Executable()
	if err != nil {
		return measured{}, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{childMark, name}, args...)...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", cores))
	var out, said bytes.Buffer // Tessera tells about its days on stderr; nobody needs that unless it fails
	cmd.Stdout, cmd.Stderr = &out, &said
	err = cmd.Run()
	ended(cmd)
	if err != nil {
		return measured{}, fmt.Errorf("measure %s: %w\n%s", name, err, said.Bytes())
	}
	var m measured
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		return measured{}, fmt.Errorf("measure %s: it answered %q: %w", name, out.Bytes(), err)
	}
	return m, nil
}

// meter measures this process between two moments.
type meter struct {
	began time.Time
	cpu   time.Duration
}

func startMeter() meter { return meter{time.Now(), usageNow().CPU} }

// stop says what was used for count things and so many bytes.
func (m meter) stop(count int, bytes int64) measured {
	return measured{Count: count, Bytes: bytes, Wall: time.Since(m.began), CPU: usageNow().CPU - m.cpu}
}
