package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the processes that the bench starts of itself.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childMark {
		main()
	}
	os.Exit(m.Run())
}

// All rows are measured, in sizes that say nothing about speed, and the table is Markdown.
func TestSmallRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs for some seconds")
	}
	var out bytes.Buffer
	s := settings{statements: 300, rate: 50, seconds: 1, megabytes: 1, verifyFor: 10 * time.Millisecond}
	if err := run(t.Context(), s, &out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{"Measured 20", "300 statements of 1 KB", "p50", "p99", "receipt from a log of 2^30", "hashing a file of 1 MiB"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report says nothing of %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 7 {
			t.Errorf("not a row of six cells: %s", line)
		}
	}
}

func TestSectionsFailAlone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	err := run(ctx, settings{statements: 1, rate: 1, seconds: 1, megabytes: 1, only: []string{"hash", "offline"}}, &out)
	if err == nil || !strings.Contains(err.Error(), "hash: ") || !strings.Contains(err.Error(), "offline: ") {
		t.Errorf("a cancelled run says %v, and should name both sections", err)
	}
}

func TestUnknownChild(t *testing.T) {
	if err := runAsChild(t.Context(), "nothing", nil, &bytes.Buffer{}); err == nil {
		t.Error("something is measured that nobody knows")
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	writeTable(&out, []row{
		{what: "speed", measured: "1", bar: "≥ 2", peer: "other: 4", ratio: ratio(1, 4)},
		{what: "size", measured: "1", bar: "≤ 2", kept: true},
		{what: "memory", measured: "1"},
	})
	want := `| what | measured | bar | | peer, same run | ratio |
|---|---|---|---|---|---|
| speed | 1 | ≥ 2 | **missed** | other: 4 | 0.25 |
| size | 1 | ≤ 2 | kept |  |  |
| memory | 1 |  |  |  |  |
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{grouped(7), "7"},
		{grouped(1000), "1,000"},
		{grouped(1234567), "1,234,567"},
		{micros(1500 * time.Nanosecond), "1.5 µs"},
		{millis(1499 * time.Microsecond), "1 ms"},
		{mib(3 << 19), "1.5 MiB"},
		{ratio(1, 0), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestOpenLoop(t *testing.T) {
	times, failed := openLoop(100_000, 10, func(i int) error {
		if i%2 == 1 {
			return errors.New("odd")
		}
		return nil
	})
	if len(times) != 5 || failed != 5 {
		t.Errorf("%d took their time and %d failed, not 5 and 5", len(times), failed)
	}
	if p := percentile([]time.Duration{1, 2, 3, 4, 5}, 50); p != 3 {
		t.Errorf("the median of 1 to 5 is %d", p)
	}
}
