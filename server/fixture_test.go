package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// newLocal returns a server over a new log in this process.
func newLocal(t *testing.T, o Options) *Server {
	t.Helper()
	o.Registry = newRegistry(t, registry.Options{})
	o.Log, _ = logservertest.New(t, logserver.Config{ScrubRate: -1}, logserver.Options{Index: o.Registry})
	return newServer(t, o)
}

func newServer(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newRegistry(t *testing.T, o registry.Options) *registry.Registry {
	t.Helper()
	r, err := registry.Open(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// stub is a log that does what a test tells it to.
type stub struct {
	err     error // what every call answers
	panics  bool
	stopped bool
	batch   *logserver.Batch // what submit answers, if there is no error
	block   chan struct{}    // if not nil, submit says so here, and waits until it is told to go on
}

func (b *stub) submit(ctx context.Context, _ logserver.Wait, envelopes []*statement.Envelope) (*outcome, error) {
	if b.block != nil {
		b.block <- struct{}{}
		select {
		case <-b.block:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if b.batch == nil && b.err == nil {
		b.batch = &logserver.Batch{Checkpoint: []byte("checkpoint\n")}
		for i, e := range envelopes {
			b.batch.Entries = append(b.batch.Entries, logserver.Entry{Index: uint64(i), ID: e.ID()})
		}
	}
	if err := b.fail(); err != nil {
		return nil, err
	}
	return &outcome{Batch: *b.batch}, nil
}

func (b *stub) receipt(context.Context, uint64, logserver.Wait) (*receipt.Receipt, error) {
	return &receipt.Receipt{}, b.fail()
}

func (b *stub) checkpoint(context.Context, logserver.Wait) ([]byte, error) { return nil, b.fail() }

func (b *stub) tile(context.Context, tlog.Tile) ([]byte, error) { return nil, b.fail() }

func (b *stub) size() uint64 { return 0 }

func (b *stub) health() (*client.LogHealth, []string, bool) {
	_ = b.fail()
	h := &client.LogHealth{Origin: "log.example/stub", TreeSize: 5, Guard: "ok"}
	if b.stopped {
		h.Guard = "latched"
	}
	return h, nil, !b.stopped
}

func (b *stub) run(context.Context) {}

func (b *stub) fail() error {
	if b.panics {
		panic("the stub was told to")
	}
	return b.err
}

// newStub returns a server over a stub, whose registry has one statement: "hello" by alice.
func newStub(t *testing.T, b *stub, o Options) *Server {
	t.Helper()
	o.Registry = newRegistry(t, registry.Options{})
	if err := o.Registry.Append(t.Context(), 0, registrytest.Open(registrytest.Content("alice", "hello"))); err != nil {
		t.Fatal(err)
	}
	o.Upstream, _ = client.New("http://log.example", client.Options{})
	o.Key = registrytest.NewLog().Key()
	s := newServer(t, o)
	s.backend = b
	return s
}

// hello is the id of the statement in the registry of newStub.
var hello = statement.Sum(registrytest.Content("alice", "hello")).String()

// send lets a server answer a request, without a network.
func send(s http.Handler, method, path, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return serve(s, r)
}

const (
	jsonType   = "application/json"
	ndjsonType = "application/x-ndjson"
)

// lines makes a batch of so many statements.
func lines(n int) string {
	var b strings.Builder
	log := registrytest.NewLog().Grow(n)
	for i := range n {
		b.Write(log.Entry(uint64(i)))
		b.WriteByte('\n')
	}
	return b.String()
}

// fixed is a clock that stands still.
func fixed() time.Time { return registrytest.Time }

func serve(s http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}
