package logserver_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// The two benchmarks do the same work with the same settings: 1 KB statements, whose signatures
// were verified beforehand, go into a log on disk until they lie there durably under a checkpoint.
// Run them together: go test -bench 'Log|BareTessera' -benchtime 50000x ./logserver

const (
	benchCallers = 32
	benchBatch   = 256
)

// BenchmarkLog adds through the log: guard, index, proofs and all.
func BenchmarkLog(b *testing.B) {
	log, _ := logservertest.New(b, logserver.Config{ScrubRate: -1}, logserver.Options{})
	envelopes := benchEnvelopes(b.N)
	benchmark(b, envelopes, func(ctx context.Context, batch []*statement.Envelope) error {
		_, err := log.Add(ctx, logserver.Fast, batch...)
		return err
	})
}

// BenchmarkBareTessera adds to Tessera alone, and waits for the checkpoint, without proofs.
func BenchmarkBareTessera(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	driver, err := posix.New(ctx, posix.Config{Path: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	_, key, _ := ed25519.GenerateKey(nil)
	signer, err := tlog.NewLogSigner("log.example/bare", key)
	if err != nil {
		b.Fatal(err)
	}
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(logserver.DefaultBatch, logserver.DefaultBatchAge).
		WithCheckpointInterval(logserver.DefaultCheckpoint))
	if err != nil {
		b.Fatal(err)
	}
	awaiter := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 20*time.Millisecond)
	benchmark(b, benchEnvelopes(b.N), func(ctx context.Context, batch []*statement.Envelope) error {
		futures := make([]tessera.IndexFuture, len(batch))
		for i, e := range batch {
			futures[i] = appender.Add(ctx, tessera.NewEntry(e.Raw()))
		}
		for _, f := range futures[:len(futures)-1] {
			if _, err := f(); err != nil {
				return err
			}
		}
		_, _, err := awaiter.Await(ctx, futures[len(futures)-1])
		return err
	})
	if err := shutdown(ctx); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkLatency adds single statements, 2,000 a second whatever happens, and says how long each
// waits for its proof.
func BenchmarkLatency(b *testing.B) {
	log, _ := logservertest.New(b, logserver.Config{ScrubRate: -1}, logserver.Options{})
	envelopes := benchEnvelopes(b.N)
	took := make([]time.Duration, b.N)
	var callers sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for i, e := range envelopes {
		due := start.Add(time.Duration(i) * time.Second / 2000)
		if wait := time.Until(due); wait > time.Millisecond {
			time.Sleep(wait)
		}
		callers.Go(func() {
			if _, err := log.Add(b.Context(), logserver.Fast, e); err != nil {
				b.Error(err)
			}
			took[i] = time.Since(due)
		})
	}
	callers.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

func benchEnvelopes(n int) []*statement.Envelope {
	return logservertest.NewAuthor(uint64(n)).Open(n)
}

// benchmark adds all statements, in batches, by several callers at once.
func benchmark(b *testing.B, envelopes []*statement.Envelope, add func(context.Context, []*statement.Envelope) error) {
	var next atomic.Int64
	var callers sync.WaitGroup
	b.SetBytes(int64(len(envelopes[0].Raw())))
	b.ResetTimer()
	before := cpuTime()
	for range benchCallers {
		callers.Go(func() {
			for {
				to := int(next.Add(benchBatch))
				from := to - benchBatch
				if from >= len(envelopes) {
					return
				}
				if err := add(b.Context(), envelopes[from:min(to, len(envelopes))]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	b.StopTimer()
	n := float64(b.N)
	b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/1000/n, "cpu-µs/entry")
	b.ReportMetric(n/b.Elapsed().Seconds(), "entries/s")
}

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(fmt.Sprint("getrusage: ", err))
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
