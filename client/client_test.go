package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newTest returns a client of a handler, which waits for nothing and notes how long it would have.
func newTest(t *testing.T, h http.HandlerFunc, o Options) (*Client, *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	var waited []time.Duration
	o.pause = func(ctx context.Context, d time.Duration) error {
		waited = append(waited, d)
		return ctx.Err()
	}
	o.HTTP = server.Client()
	c, err := New(server.URL+"/", o)
	if err != nil {
		t.Fatal(err)
	}
	return c, &waited
}

func TestAddressesThatAreNone(t *testing.T) {
	for _, base := range []string{"", "log.example", "ftp://log.example", "http://", "https://a@log.example", "https://log.example/?q", "https://log.example/#f", "http://[::1"} {
		if _, err := New(base, Options{}); !errors.Is(err, ErrURL) {
			t.Errorf("%q: %v", base, err)
		}
	}
	for base, want := range map[string]string{"https://log.example/": "https://log.example", "http://127.0.0.1:1/log/": "http://127.0.0.1:1/log"} {
		c, err := New(base, Options{})
		if err != nil || c.URL() != want {
			t.Errorf("%q: %v, %v", base, c, err)
		}
	}
}

// What passes is tried again, after the time that the server asks for; what does not is not.
func TestTryingAgain(t *testing.T) {
	for name, try := range map[string]struct {
		answers []int
		retry   string // Retry-After
		asked   int
		ok      bool
	}{
		"at once":                 {[]int{200}, "", 1, true},
		"busy, then not":          {[]int{503, 503, 200}, "7", 3, true},
		"quota, then not":         {[]int{429, 200}, "1", 2, true},
		"a proxy in between":      {[]int{502, 504, 200}, "", 3, true},
		"busy all the time":       {[]int{503}, "1", 4, false},
		"longer than we wait":     {[]int{503}, "31", 1, false},
		"a mistake of ours":       {[]int{400}, "", 1, false},
		"a mistake of the server": {[]int{500}, "", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			c, waited := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
				status := try.answers[min(asked, len(try.answers)-1)]
				asked++
				if try.retry != "" {
					w.Header().Set("Retry-After", try.retry)
				}
				w.WriteHeader(status)
			}, Options{})
			_, err := c.Policy(t.Context())
			if asked != try.asked || (err == nil) != try.ok {
				t.Errorf("asked %d times: %v", asked, err)
			}
			for _, d := range *waited {
				if try.retry != "" && d != mustSeconds(try.retry) || d <= 0 || d > 30*time.Second {
					t.Errorf("waited %v", *waited)
				}
			}
		})
	}
}

func mustSeconds(s string) time.Duration {
	d, err := time.ParseDuration(s + "s")
	if err != nil {
		panic(err)
	}
	return d
}

// A submission is sent again whole.
func TestBodyIsSentAgain(t *testing.T) {
	var bodies []string
	c, _ := newTest(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		if len(bodies) == 1 {
			panic(http.ErrAbortHandler) // the connection breaks
		}
		w.WriteHeader(http.StatusCreated)
	}, Options{})
	sent, err := c.Submit(t.Context(), []byte("envelope"), Fast)
	if err != nil || sent.Known || len(bodies) != 2 || bodies[0] != "envelope" || bodies[1] != "envelope" {
		t.Errorf("%v, %v, %q", sent, err, bodies)
	}
}

func TestProblemsAreRead(t *testing.T) {
	c, _ := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(404)
		fmt.Fprint(w, `{"type":"x","title":"no record found","status":404,"code":"no-record","detail":"not among 7","hint":"ask another","more":1}`)
	}, Options{})
	_, err := c.Receipt(t.Context(), statement.Sum(nil), ReceiptOptions{Wait: Fast, Format: COSE})
	p, ok := errors.AsType[*Problem](err)
	if !ok || p.Code != "no-record" || p.Hint != "ask another" || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%+v", err)
	}
	if text := err.Error(); !strings.Contains(text, "not among 7") || !strings.Contains(text, "/v1/receipts/sha256:") || !strings.Contains(text, "format=cose&wait=fast") {
		t.Error(text)
	}
}

// What is no problem in our form is an error all the same, and nobody's words are taken for a code.
func TestAnswersOfStrangers(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"a page": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); fmt.Fprint(w, "<html>") },
		"a broken problem": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(404)
			fmt.Fprint(w, "{")
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := newTest(t, h, Options{})
			_, err := c.Policy(t.Context())
			if p, ok := errors.AsType[*Problem](err); !ok || p.Status != 404 || p.Code != "" || p.Title == "" {
				t.Errorf("%+v", err)
			}
		})
	}
}

func TestLargeAnswersAreCutOff(t *testing.T) {
	asked := 0
	c, _ := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = io.CopyN(w, zeros{}, tlog.MaxPolicy+1)
	}, Options{})
	if _, err := c.Policy(t.Context()); !errors.Is(err, ErrTooLarge) || asked != 1 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestTimeoutOfOneAttempt(t *testing.T) {
	release := make(chan struct{})
	c, waited := newTest(t, func(http.ResponseWriter, *http.Request) { <-release }, Options{Timeout: time.Millisecond, Attempts: 2})
	defer close(release)
	if _, err := c.Policy(t.Context()); !errors.Is(err, context.DeadlineExceeded) || len(*waited) != 1 {
		t.Errorf("%v, waited %v", err, *waited)
	}
}

func TestCallerWhoHasEnough(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	c, waited := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		cancel()
		w.WriteHeader(503)
	}, Options{})
	if _, err := c.Policy(ctx); err == nil || asked != 1 || len(*waited) > 0 {
		t.Errorf("asked %d times, waited %v: %v", asked, *waited, err)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	var now, most atomic.Int32
	arrived, release := make(chan struct{}, 10), make(chan struct{})
	c, _ := newTest(t, func(http.ResponseWriter, *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		arrived <- struct{}{}
		<-release
		now.Add(-1)
	}, Options{Concurrency: 2})
	done := make(chan error)
	for range 6 {
		go func() { _, err := c.Policy(t.Context()); done <- err }()
	}
	<-arrived
	<-arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Policy(ctx); !errors.Is(err, context.Canceled) { // while it waits for its turn
		t.Error(err)
	}
	close(release)
	for range 6 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() != 2 {
		t.Errorf("%d at the same time", most.Load())
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c, err := New("http://"+l.Addr().String(), Options{pause: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Health(t.Context()); err == nil {
		t.Error("no error")
	}
}

func TestPauseEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pause(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := pause(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
}

func TestHealthOfASickServerIsAnAnswer(t *testing.T) {
	c, _ := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(503)
		fmt.Fprint(w, `{"schema":"wherefrom.network/health/v1","status":"failing","registry":{"next":1,"lag":0,"repeated":0,"skipped":0}}`)
	}, Options{})
	h, err := c.Health(t.Context())
	if err != nil || h.Status != "failing" || h.Registry.Next != 1 {
		t.Errorf("%+v, %v", h, err)
	}
}

// A stock Tessera log is read, and followed, over HTTP.
func TestStockTesseraLog(t *testing.T) {
	var entries [][]byte
	for i := range 300 {
		entries = append(entries, fmt.Appendf(nil, "noise %d", i))
	}
	url, key := registrytest.Tessera(t, entries...)
	c, err := New(url, Options{HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(context.Context) ([]byte, error){"newest": c.ReadCheckpoint, "final": c.ReadFinalCheckpoint} {
		raw, err := read(t.Context())
		if err == nil {
			_, _, err = tlog.OpenCheckpoint(raw, key)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	root, err := tlog.NewProver(c, 0).Root(t.Context(), 300)
	if err != nil || root == (tlog.Hash{}) {
		t.Error(root, err)
	}
	r, err := registry.Open(t.TempDir(), registry.Options{Log: key})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Follow(t.Context(), c); err != nil || r.Next() != 300 {
		t.Errorf("next %d, %v", r.Next(), err)
	}
	if _, err := c.ReadTile(t.Context(), 0, 7, 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a tile beyond the log: %v", err)
	}
	if _, err := c.Submit(t.Context(), []byte("{}"), Fast); err == nil {
		t.Error("a log that is only files took a statement")
	}
}

// When the log no longer has a partial tile, it is cut out of the full one.
func TestPartialTilesAreCutOutOfFullOnes(t *testing.T) {
	log := registrytest.NewLog().Grow(256)
	c, _ := newTest(t, func(w http.ResponseWriter, r *http.Request) {
		data, err := log.Get(r.URL.Path[1:])
		if err != nil || strings.Contains(r.URL.Path, ".p/") {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(data)
	}, Options{})
	tile, err := c.ReadTile(t.Context(), 0, 0, 3)
	if want, _ := log.Log.ReadTile(t.Context(), 0, 0, 3); err != nil || string(tile) != string(want) {
		t.Errorf("%d bytes, %v", len(tile), err)
	}
	bundle, err := c.ReadEntryBundle(t.Context(), 0, 3)
	if want, _ := log.Log.ReadEntryBundle(t.Context(), 0, 3); err != nil || string(bundle) != string(want) {
		t.Errorf("%d bytes, %v", len(bundle), err)
	}
}
