// Package load drives a server with statements over real HTTP and says how it did: how many a second, how long each
// waited for its receipt, and how much processor time the server's process took.
//
// The statements are signed beforehand and the bodies are joined beforehand, so that the load itself costs little of
// the machine it is measured on. See [Run] and [Start].
package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Config says what to send, and how.
type Config struct {
	URL       string   // of the server
	Envelopes [][]byte // each on one line; every one is sent once
	Batch     int      // statements in a request; 1 sends single ones, not batches
	Workers   int      // requests on their way at the same time, at most
	// Rate is how many statements a second are sent, whether the server keeps up or not: the time that a request
	// waits for a worker counts. Zero is a closed loop: each worker sends its next one when it has its answer.
	Rate float64
	Wait string // "fast" or "final"
}

// Report says how it went. A statement's latency is that of its request: from the time it was due until its answer
// was read to the end.
type Report struct {
	Recorded, Known, Refused int           // statements
	Busy                     int           // requests that were refused with 503 or 429 and sent again
	Wall                     time.Duration // from the first request sent to the last answer
	P50, P90, P99, Max       time.Duration
}

// Rate returns how many statements a second were answered with a receipt.
func (r Report) Rate() float64 { return float64(r.Recorded+r.Known) / r.Wall.Seconds() }

// String is the report in one line.
func (r Report) String() string {
	return fmt.Sprintf("%d recorded, %d known, %d refused, %d times busy, in %.2f s: %.0f/s, p50 %v p90 %v p99 %v max %v",
		r.Recorded, r.Known, r.Refused, r.Busy, r.Wall.Seconds(), r.Rate(),
		r.P50.Round(time.Millisecond), r.P90.Round(time.Millisecond), r.P99.Round(time.Millisecond), r.Max.Round(time.Millisecond))
}

// request is one body on its way.
type request struct {
	body       []byte
	statements int
	due        time.Time
}

// Run sends all envelopes and waits for the answers.
func Run(ctx context.Context, c Config) (Report, error) {
	if c.Batch < 1 || c.Workers < 1 || len(c.Envelopes) == 0 {
		return Report{}, errors.New("load: nothing to send, or nobody to send it")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	transport := &http.Transport{MaxIdleConnsPerHost: c.Workers, MaxConnsPerHost: c.Workers, DisableCompression: true}
	defer transport.CloseIdleConnections()
	d := &driver{config: c, http: &http.Client{Transport: transport}}
	requests := make(chan request)
	var workers sync.WaitGroup
	started := time.Now()
	for range c.Workers {
		workers.Go(func() {
			for r := range requests {
				if err := d.send(ctx, r); err != nil {
					cancel(err)
				}
			}
		})
	}
	d.feed(ctx, started, requests)
	close(requests)
	workers.Wait()
	return d.report(time.Since(started)), context.Cause(ctx)
}

// driver collects what the workers see.
type driver struct {
	config Config
	http   *http.Client

	mu        sync.Mutex
	seen      Report          // guarded by mu
	latencies []time.Duration // one for each statement; guarded by mu
}

// feed hands out the requests: each when it is due, or when a worker is free.
func (d *driver) feed(ctx context.Context, started time.Time, out chan<- request) {
	pace := time.Duration(0)
	if d.config.Rate > 0 {
		pace = time.Duration(float64(d.config.Batch) / d.config.Rate * float64(time.Second))
	}
	n := 0
	for group := range slices.Chunk(d.config.Envelopes, d.config.Batch) {
		r := request{body: join(group, d.config.Batch > 1), statements: len(group)}
		if pace > 0 {
			r.due = started.Add(time.Duration(n) * pace)
			n++
			if !sleepUntil(ctx, r.due) {
				return
			}
		}
		select {
		case out <- r:
		case <-ctx.Done():
			return
		}
	}
}

func sleepUntil(ctx context.Context, t time.Time) bool {
	select {
	case <-time.After(time.Until(t)):
		return true
	case <-ctx.Done():
		return false
	}
}

func join(group [][]byte, lines bool) []byte {
	if !lines {
		return group[0]
	}
	return append(bytes.Join(group, []byte("\n")), '\n')
}

// send sends one request until it is taken.
func (d *driver) send(ctx context.Context, r request) error {
	if r.due.IsZero() {
		r.due = time.Now()
	}
	for {
		again, err := d.try(ctx, r)
		if err != nil || again == 0 {
			return err
		}
		if !sleepUntil(ctx, time.Now().Add(again)) {
			return context.Cause(ctx)
		}
	}
}

func (d *driver) try(ctx context.Context, r request) (again time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.config.URL+"/v1/statements?wait="+d.config.Wait, bytes.NewReader(r.body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if d.config.Batch > 1 {
		req.Header.Set("Content-Type", "application/x-ndjson")
	}
	resp, err := d.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	took := time.Since(r.due)
	if err != nil {
		return 0, err
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusCreated:
		return 0, d.note(r, resp.StatusCode, answer, took)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		d.mu.Lock()
		d.seen.Busy++
		d.mu.Unlock()
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return max(time.Duration(seconds)*time.Second, 50*time.Millisecond), nil
	default:
		return 0, fmt.Errorf("load: server answered %d: %.300s", resp.StatusCode, answer)
	}
}

// note counts an answer. It does not read the lines, only counts what they say.
func (d *driver) note(r request, status int, answer []byte, took time.Duration) error {
	var recorded, known, refused int
	switch {
	case d.config.Batch > 1:
		recorded = bytes.Count(answer, []byte(`"status":"recorded"`))
		known = bytes.Count(answer, []byte(`"status":"known"`))
		refused = bytes.Count(answer, []byte(`"status":"refused"`))
	case status == http.StatusCreated:
		recorded = 1
	default:
		known = 1
	}
	if recorded+known+refused != r.statements {
		return fmt.Errorf("load: %d of %d statements were answered", recorded+known+refused, r.statements)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen.Recorded += recorded
	d.seen.Known += known
	d.seen.Refused += refused
	for range r.statements {
		d.latencies = append(d.latencies, took)
	}
	return nil
}

func (d *driver) report(wall time.Duration) Report {
	r := d.seen
	r.Wall = wall
	slices.Sort(d.latencies)
	if n := len(d.latencies); n > 0 {
		at := func(part float64) time.Duration { return d.latencies[int(part*float64(n-1))] }
		r.P50, r.P90, r.P99, r.Max = at(.5), at(.9), at(.99), at(1)
	}
	return r
}
