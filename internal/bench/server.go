package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/internal/cli"
	"github.com/wherefrom-network/wherefrom/internal/load"
)

const (
	batchRate = 10_000                 // statements a second at least
	batchCPU  = 150 * time.Microsecond // of the server for each, at most
	fastP50   = 200 * time.Millisecond
	fastP99   = 500 * time.Millisecond

	batchLines   = 1000 // statements in one request of the batch row
	batchWorkers = 4    // such requests under way
	issuers      = 64   // people who sign in turn: enough that nobody's quota is the limit
	bareCores    = 2    // for bare Tessera, which has the machine to itself
)

// benchBatch measures how many signed statements a second a server records that come in batches, and
// its CPU time for each, beside bare Tessera with the same bytes.
func benchBatch(ctx context.Context, s settings) ([]row, error) {
	ours, report, err := againstServer(ctx, s.statements, load.Config{Batch: batchLines, Workers: batchWorkers, Wait: "fast"})
	if err != nil {
		return nil, err
	}
	peer, err := inChild(ctx, bareCores, "tessera-closed", strconv.Itoa(s.statements))
	if err != nil {
		return nil, err
	}
	return []row{
		{
			what:     fmt.Sprintf("%s statements of 1 KB verified and recorded, batches of %s", grouped(s.statements), grouped(batchLines)),
			measured: grouped(int(report.Rate())) + " a second",
			bar:      "≥ " + grouped(batchRate), kept: report.Rate() >= batchRate,
			peer:  "bare Tessera, no signatures, no HTTP: " + grouped(int(peer.rate())),
			ratio: ratio(report.Rate(), peer.rate()),
		},
		{
			what: "CPU of the server for each", measured: micros(ours.each()),
			bar: "≤ " + micros(batchCPU), kept: ours.each() <= batchCPU,
			peer: "bare Tessera: " + micros(peer.each()), ratio: ratio(float64(ours.each()), float64(peer.each())),
		},
		{what: "peak memory of the server", measured: mib(ours.Peak), peer: mib(peer.Peak), ratio: ratio(float64(ours.Peak), float64(peer.Peak))},
	}, nil
}

// benchFast measures how long single statements at a steady rate wait for their receipt, beside the
// time that bare Tessera needs until a checkpoint covers an entry.
func benchFast(ctx context.Context, s settings) ([]row, error) {
	// As many requests under way as one second brings: more than the server allows connections would measure only that limit.
	config := load.Config{Batch: 1, Workers: s.rate, Rate: float64(s.rate), Wait: "fast"}
	ours, report, err := againstServer(ctx, s.rate*s.seconds, config)
	if err != nil {
		return nil, err
	}
	peer, err := inChild(ctx, bareCores, "tessera-open", strconv.Itoa(s.rate), strconv.Itoa(s.seconds))
	if err != nil {
		return nil, err
	}
	at := fmt.Sprintf("fast receipt at %s single statements a second for %d s", grouped(s.rate), s.seconds)
	return []row{
		{
			what: at + ", p50", measured: millis(report.P50), bar: "≤ " + millis(fastP50), kept: report.P50 <= fastP50,
			peer: "bare Tessera until published: " + millis(peer.P50), ratio: ratio(float64(report.P50), float64(peer.P50)),
		},
		{
			what: at + ", p99", measured: millis(report.P99), bar: "≤ " + millis(fastP99), kept: report.P99 <= fastP99,
			peer: "bare Tessera: " + millis(peer.P99), ratio: ratio(float64(report.P99), float64(peer.P99)),
		},
		{
			what: "CPU of the server for each", measured: micros(ours.each()),
			peer: "bare Tessera: " + micros(peer.each()), ratio: ratio(float64(ours.each()), float64(peer.each())),
		},
	}, nil
}

// againstServer runs a log of our own in a process of its own, sends n statements to it, and says what
// that process took in its whole life and how the load went.
func againstServer(ctx context.Context, n int, config load.Config) (measured, load.Report, error) {
	var err error
	if config.Envelopes, err = load.Sign(0, n, issuers); err != nil {
		return measured{}, load.Report{}, err
	}
	dir, err := os.MkdirTemp("", "bench-log-")
	if err != nil {
		return measured{}, load.Report{}, err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return measured{}, load.Report{}, err
	}
	cmd := exec.CommandContext(ctx, self, childMark, "serve", filepath.Join(dir, "log"))
	var said bytes.Buffer // what it tells on stderr, for when it fails
	cmd.Stderr = &said
	process, err := load.Start(cmd)
	if err != nil {
		return measured{}, load.Report{}, fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	config.URL = process.URL
	report, err := load.Run(ctx, config)
	usage, stopped := process.Stop()
	ended(cmd)
	if err := errors.Join(err, stopped); err != nil {
		return measured{}, load.Report{}, fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	if report.Recorded != n {
		return measured{}, load.Report{}, fmt.Errorf("of %d statements %d were recorded: %s", n, report.Recorded, report)
	}
	return measured{Count: n, Wall: report.Wall, CPU: usage.CPU, Peak: peakOf(said.String())}, report, nil
}

// serve is a process that does what `wherefrom log init` and `wherefrom log serve` do, says where it
// listens, and ends in good order when its standard input does.
func serve(_ context.Context, args []string) error {
	dir := args[0]
	var said bytes.Buffer
	if code := cli.Main([]string{"log", "init", "--dir", dir, "--origin", "log.example.org/bench"}, nil, &said, &said); code != 0 {
		return fmt.Errorf("log init: exit %d: %s", code, said.Bytes())
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Signal(os.Interrupt)
		}
	}()
	flags := []string{"log", "serve", "--dir", dir, "--listen", "127.0.0.1:0"}
	if code := cli.Main(flags, nil, addressOnly{os.Stdout}, os.Stderr); code != 0 {
		return fmt.Errorf("log serve: exit %d", code)
	}
	fmt.Fprintf(os.Stderr, "%s%d\n", peakMark, usageNow().Peak)
	return nil
}

// peakMark stands before the bytes of memory that a server took at most, in what it says last.
const peakMark = "peak "

// peakOf reads that number.
func peakOf(said string) (n int64) {
	_, last, _ := strings.Cut(said, "\n"+peakMark)
	n, _ = strconv.ParseInt(strings.TrimSpace(last), 10, 64)
	return n
}

// addressOnly leaves the words before the address of a server away.
type addressOnly struct{ out io.Writer }

// Write passes what follows "listening on ".
func (a addressOnly) Write(line []byte) (int, error) {
	_, err := a.out.Write(bytes.TrimPrefix(line, []byte("listening on ")))
	return len(line), err
}
