package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"

	"github.com/wherefrom-network/wherefrom/internal/load"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// bareLog is Tessera with its POSIX driver and nothing around it: no signature of a statement is
// checked, nothing is remembered, no witness is asked, nothing goes over HTTP.
type bareLog struct {
	add     tessera.AddFn
	awaiter *tessera.PublicationAwaiter
	close   func()
}

// openBareLog opens one with the batches and the checkpoint interval that our log has.
func openBareLog(ctx context.Context, dir string) (*bareLog, error) {
	signer, err := tlog.NewLogSigner("log.example.org/bare", testKey("bare log"))
	if err != nil {
		return nil, err
	}
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithCheckpointInterval(logserver.DefaultCheckpoint).
		WithBatching(logserver.DefaultBatch, logserver.DefaultBatchAge).
		WithPushback(16384)
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		stop()
		return nil, err
	}
	return &bareLog{
		add:     appender.Add,
		awaiter: tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 10*time.Millisecond),
		close:   func() { _ = shutdown(ctx); stop() },
	}, nil
}

// withBareLog does something with an empty log in a directory of its own, with n statements at hand.
func withBareLog(ctx context.Context, n int, do func(*bareLog, [][]byte) (measured, error)) (measured, error) {
	entries, err := load.Sign(0, n, issuers)
	if err != nil {
		return measured{}, err
	}
	dir, err := os.MkdirTemp("", "bench-tessera-")
	if err != nil {
		return measured{}, err
	}
	defer os.RemoveAll(dir)
	log, err := openBareLog(ctx, dir)
	if err != nil {
		return measured{}, err
	}
	defer log.close()
	return do(log, entries)
}

// tesseraClosed adds n entries as fast as they are taken, and waits until all are published.
func tesseraClosed(ctx context.Context, args []string) (measured, error) {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return measured{}, err
	}
	return withBareLog(ctx, n, func(log *bareLog, entries [][]byte) (measured, error) {
		meter := startMeter()
		var last tessera.IndexFuture
		for chunk := range slices.Chunk(entries, 4096) {
			futures := make([]tessera.IndexFuture, len(chunk))
			for i, e := range chunk {
				futures[i] = log.add(ctx, tessera.NewEntry(e))
			}
			for _, f := range futures {
				if _, err := f(); err != nil {
					return measured{}, err
				}
			}
			last = futures[len(futures)-1]
		}
		if _, _, err := log.awaiter.Await(ctx, last); err != nil {
			return measured{}, err
		}
		return meter.stop(len(entries), 0), nil
	})
}

// tesseraOpen adds entries at a steady rate, whatever becomes of the earlier ones, and measures how
// long each takes until a checkpoint covers it.
func tesseraOpen(ctx context.Context, args []string) (measured, error) {
	rate, err1 := strconv.Atoi(args[0])
	seconds, err2 := strconv.Atoi(args[1])
	if err := errors.Join(err1, err2); err != nil {
		return measured{}, err
	}
	return withBareLog(ctx, rate*seconds, func(log *bareLog, entries [][]byte) (measured, error) {
		meter := startMeter()
		times, refused := openLoop(rate, len(entries), func(i int) error {
			_, _, err := log.awaiter.Await(ctx, log.add(ctx, tessera.NewEntry(entries[i])))
			return err
		})
		if len(times) == 0 {
			return measured{}, fmt.Errorf("none of %d entries was published", len(entries))
		}
		m := meter.stop(len(times), 0)
		m.P50, m.P99, m.Refused = percentile(times, 50), percentile(times, 99), refused
		return m, nil
	})
}

// openLoop calls do n times at a steady rate, each in its own goroutine, and returns how long those
// that succeeded took from the moment they were due, sorted, and how many failed. Counting from the
// due moment keeps a server that stalls from hiding the wait of those that could not even start.
func openLoop(rate, n int, do func(i int) error) (times []time.Duration, failed int) {
	var (
		wg sync.WaitGroup
		mu sync.Mutex // guards times and failed
	)
	began := time.Now()
	for i := range n {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		wg.Go(func() {
			err := do(i)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed++
				return
			}
			times = append(times, took)
		})
	}
	wg.Wait()
	slices.Sort(times)
	return times, failed
}

// percentile reads one out of sorted times.
func percentile(sorted []time.Duration, percent int) time.Duration {
	return sorted[(len(sorted)-1)*percent/100]
}
