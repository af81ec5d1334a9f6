package load_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"testing"

	"github.com/wherefrom-network/wherefrom/internal/load"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/server"
)

// serverDir, if set, makes this test binary the server that is measured.
const serverDir = "WHEREFROM_LOAD_SERVER"

func TestMain(m *testing.M) {
	dir := os.Getenv(serverDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := serve(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve runs a log, its registry and the API until standard input ends. WHEREFROM_LOAD_PROFILE names a file for a
// profile of the processor time.
func serve(dir string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if name := os.Getenv("WHEREFROM_LOAD_PROFILE"); name != "" {
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	reg, err := registry.Open(filepath.Join(dir, "registry"), registry.Options{})
	if err != nil {
		return err
	}
	logDir := filepath.Join(dir, "log")
	if err := logserver.Init(logDir, logserver.Config{Origin: "log.example/load", ScrubRate: -1}); err != nil {
		return err
	}
	log, err := logserver.Open(ctx, logDir, logserver.Options{Index: reg})
	if err != nil {
		return err
	}
	s, err := server.New(server.Options{Log: log, Registry: reg})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	if err := s.Serve(ctx, l); err != nil {
		return err
	}
	if err := log.Close(context.Background()); err != nil {
		return err
	}
	return reg.Close()
}

// start runs this test binary as a server.
func start(tb testing.TB, profile string) *load.Process {
	tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), serverDir+"="+tb.TempDir(), "WHEREFROM_LOAD_PROFILE="+profile)
	p, err := load.Start(cmd)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestEveryStatementIsAnswered(t *testing.T) {
	envelopes, err := load.Sign(1, 300, 3)
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, "")
	report, err := load.Run(t.Context(), load.Config{URL: p.URL, Envelopes: envelopes, Batch: 64, Workers: 3, Wait: "fast"})
	if err != nil || report.Recorded != 300 {
		t.Errorf("%v, %v", report, err)
	}
	report, err = load.Run(t.Context(), load.Config{URL: p.URL, Envelopes: envelopes[:20], Batch: 1, Workers: 3, Rate: 1000, Wait: "fast"})
	if err != nil || report.Known != 20 {
		t.Errorf("%v, %v", report, err)
	}
	if _, err := p.Stop(); err != nil {
		t.Error(err)
	}
}

// The benchmarks count statements: -benchtime=60000x sends as many. WHEREFROM_LOAD_PROFILE=file keeps a profile of the
// server.
//
//	go test -run '^$' -bench . -benchtime 60000x ./internal/load
func BenchmarkBatches(b *testing.B) { bench(b, load.Config{Batch: 1000, Workers: 16, Wait: "fast"}) }

func BenchmarkFastReceiptsAt2000(b *testing.B) {
	bench(b, load.Config{Batch: 20, Workers: 256, Rate: 2000, Wait: "fast"})
}

func BenchmarkSingleReceiptsAt2000(b *testing.B) {
	bench(b, load.Config{Batch: 1, Workers: 2000, Rate: 2000, Wait: "fast"})
}

func bench(b *testing.B, c load.Config) {
	if b.N < 1000 {
		return // the trial run of the testing package
	}
	envelopes, err := load.Sign(b.N, b.N, 64)
	if err != nil {
		b.Fatal(err)
	}
	p := start(b, os.Getenv("WHEREFROM_LOAD_PROFILE"))
	c.URL, c.Envelopes = p.URL, envelopes
	b.ResetTimer()
	report, err := load.Run(b.Context(), c)
	b.StopTimer()
	usage, serr := p.Stop()
	if err != nil || serr != nil {
		b.Fatal(err, serr)
	}
	b.Log(report)
	b.ReportMetric(report.Rate(), "statements/s")
	b.ReportMetric(float64(usage.CPU.Microseconds())/float64(b.N), "server-µs/statement")
	b.ReportMetric(float64(report.P50.Milliseconds()), "p50-ms")
	b.ReportMetric(float64(report.P99.Milliseconds()), "p99-ms")
	b.ReportMetric(float64(usage.Peak>>20), "server-MiB")
}
