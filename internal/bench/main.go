// Bench measures what the project promises in numbers, on the machine it runs on, and prints the
// table of docs/benchmarks.md. Every row stands beside the nearest peer, measured in the same run on
// the same input, because a ratio says more than a number from somebody else's machine.
//
//	make bench
//	go run ./internal/bench -only hash,offline
//
// What is measured runs in processes of its own, so that the load does not count as the server's
// work: CPU seconds are the kernel's (getrusage). Rates by the wall clock are only as good as the
// machine was idle, and the table says how idle it was.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// settings are the sizes of a run.
type settings struct {
	statements int           // statements of the batch row, and entries of its peer
	rate       int           // statements a second of the latency row
	seconds    int           // its length
	megabytes  int           // size of the hashed file
	verifyFor  time.Duration // how long receipts are checked
	only       []string
}

// sections measure the rows, in the order of the table.
var sections = []struct {
	name string
	run  func(context.Context, settings) ([]row, error)
}{
	{"batch", benchBatch},
	{"fast", benchFast},
	{"offline", benchOffline},
	{"hash", benchHash},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) > 3 && os.Args[1] == childMark && os.Args[2] == "serve" {
		exit(serve(ctx, os.Args[3:]))
	}
	if len(os.Args) > 2 && os.Args[1] == childMark {
		exit(runAsChild(ctx, os.Args[2], os.Args[3:], os.Stdout))
	}
	var s settings
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.IntVar(&s.statements, "statements", 60000, "statements of 1 KB for the batch row")
	flags.IntVar(&s.rate, "rate", 2000, "statements a second for the latency row")
	flags.IntVar(&s.seconds, "seconds", 20, "length of the latency row")
	flags.IntVar(&s.megabytes, "megabytes", 1024, "size of the hashed file")
	flags.DurationVar(&s.verifyFor, "verify-for", 3*time.Second, "how long receipts are checked")
	only := flags.String("only", "", "comma-separated rows: batch, fast, offline, hash (all if empty)")
	_ = flags.Parse(os.Args[1:]) // exits by itself
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	exit(run(ctx, s, os.Stdout))
}

// exit ends the process, with the error on stderr if there is one.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// run measures the sections and prints them as one table. A section that fails does not hide the others.
func run(ctx context.Context, s settings, out io.Writer) error {
	before := machineLine(ctx)
	var rows []row
	var failed []error
	var others []string
	for _, section := range sections {
		if len(s.only) > 0 && !slices.Contains(s.only, section.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "bench: %s …\n", section.name)
		watch := watchBystanders()
		got, err := section.run(ctx, s)
		if cores := watch.cores(); cores >= 0 {
			others = append(others, fmt.Sprintf("%s %.2f", section.name, cores))
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", section.name, err))
		}
		rows = append(rows, got...)
	}
	fmt.Fprintf(out, "%s\n\n", before)
	writeTable(out, rows)
	if len(others) > 0 {
		fmt.Fprintf(out, "\nCores that other work on the machine took meanwhile: %s.\n", strings.Join(others, ", "))
	}
	return errors.Join(failed...)
}
