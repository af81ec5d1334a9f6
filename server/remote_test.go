package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// newRemoteServer returns a server over a log that is elsewhere, and its registry.
func newRemoteServer(t *testing.T, url string, key tlog.Key, o Options) *Server {
	t.Helper()
	c, err := client.New(url, client.Options{Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	o.Upstream, o.Key, o.Registry = c, key, newRegistry(t, registry.Options{Log: key})
	return newServer(t, o)
}

// checkReceipt verifies that a receipt is of these bytes, in this log.
func checkReceipt(t *testing.T, text, envelope []byte, key tlog.Key) {
	t.Helper()
	list, err := receipt.Parse(text)
	if err != nil || len(list) != 1 || !bytes.Equal(list[0].Envelope, envelope) {
		t.Fatalf("receipt %q: %v", text, err)
	}
	c, _, err := tlog.OpenCheckpoint(list[0].Proof.Checkpoint, key)
	if err == nil {
		err = tlog.VerifyInclusion(list[0].Leaf(), list[0].Proof.Index, c.Size, list[0].Proof.Hashes, c.Root)
	}
	if err != nil {
		t.Error(err)
	}
}

// What is submitted here is recorded there, found here, and proven by both.
func TestServerOverAnotherServer(t *testing.T) {
	there := newLocal(t, Options{})
	h := httptest.NewServer(there)
	defer h.Close()
	here := newRemoteServer(t, h.URL, there.key, Options{FollowEvery: time.Millisecond})
	url, stop := listen(t, here)
	c, err := client.New(url, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	raw := registrytest.Content("alice", "hello")
	sent, err := c.Submit(t.Context(), raw, client.Final)
	if err != nil {
		t.Fatal(err)
	}
	checkReceipt(t, sent.Receipt, raw, there.key)
	batch, err := c.SubmitBatch(t.Context(), [][]byte{raw, registrytest.Content("bob", "two")}, client.Fast)
	if err != nil || batch.Lines[0].Status != client.Known || batch.Lines[1].Status != client.Recorded {
		t.Errorf("%+v, %v", batch, err)
	}
	if err := here.registry.WaitFor(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	got, err := c.Receipt(t.Context(), statement.Sum(raw), client.ReceiptOptions{})
	if err != nil {
		t.Fatal(err)
	}
	checkReceipt(t, got, raw, there.key)
	list, err := c.Statements(t.Context(), client.Query{Issuer: registrytest.Issuer("bob")})
	if err != nil || len(list.Statements) != 1 || list.Covers != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	if health, err := c.Health(t.Context()); err != nil || health.Status != "ok" || health.Log.Upstream != h.URL {
		t.Errorf("%+v, %v", health, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// Any tile log can be read and proven from here; only its own server can write to it.
func TestServerOverAStockTesseraLog(t *testing.T) {
	raw := registrytest.Content("alice", "hello")
	entries := [][]byte{[]byte("noise")}
	for i := range 300 {
		entries = append(entries, fmt.Appendf(nil, "noise %d", i))
	}
	url, key := registrytest.Tessera(t, append(entries, raw)...)
	s := newRemoteServer(t, url, key, Options{})
	if err := s.registry.Follow(t.Context(), s.backend.(*remote).client); err != nil {
		t.Fatal(err)
	}
	if state := s.registry.State(); state != (registry.State{Next: 302, Skipped: 301}) {
		t.Errorf("state %+v", state)
	}
	for _, wait := range []string{"fast", "final"} {
		w := send(s, "GET", "/v1/receipts/"+hello+"?wait="+wait, "", "")
		if w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
		checkReceipt(t, w.Body.Bytes(), raw, key)
	}
	for _, path := range []string{"/checkpoint", "/checkpoint/final", "/tile/0/000", "/tile/entries/001.p/46"} {
		if w := send(s, "GET", path, "", ""); w.Code != 200 {
			t.Error(path, w.Code, w.Body)
		}
	}
	w := send(s, "POST", "/v1/statements", jsonType, string(raw))
	if w.Code != 501 {
		t.Error(w.Code, w.Body)
	}
	checkCode(t, w, "read-only")
	if text := s.policy; !strings.Contains(text, key.String()) {
		t.Error(text)
	}
}

// serveLog serves a log in memory over HTTP.
func serveLog(t *testing.T, log *registrytest.Log) string {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := log.Get(r.URL.Path[1:])
		if r.URL.Path == "/checkpoint" {
			data, err = log.ReadCheckpoint(r.Context())
		}
		if err != nil {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(data)
	}))
	t.Cleanup(h.Close)
	return h.URL
}

func TestForkedUpstreamIsReported(t *testing.T) {
	log := registrytest.NewLog().Grow(5)
	fork := &registrytest.Log{Log: log.Fork(3)}
	fork.Append([]byte("another past"), []byte("and more"), []byte("of it"))
	s := newRemoteServer(t, serveLog(t, log), log.Key(), Options{FollowEvery: time.Millisecond})
	follow := func(url string) error {
		c, err := client.New(url, client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s.registry.Follow(t.Context(), c)
	}
	if err := follow(serveLog(t, log)); err != nil {
		t.Fatal(err)
	}
	if w := send(s, "GET", "/healthz", "", ""); w.Code != 200 {
		t.Error(w.Code, w.Body)
	}
	if err := follow(serveLog(t, fork)); !errors.Is(err, registry.ErrForked) {
		t.Fatal(err)
	}
	if w := send(s, "GET", "/healthz", "", ""); w.Code != 503 || !strings.Contains(w.Body.String(), `"guard":"latched"`) || !strings.Contains(w.Body.String(), "forked") {
		t.Error(w.Code, w.Body)
	}
	checkNothingIsVouchedFor(t, s)
}

// checkNothingIsVouchedFor checks that a server whose log contradicts itself takes nothing and proves nothing.
func checkNothingIsVouchedFor(t *testing.T, s *Server) {
	t.Helper()
	raw := registrytest.Content("alice", "text 0")
	for _, contentType := range []string{jsonType, ndjsonType} {
		checkCode(t, send(s, "POST", "/v1/statements", contentType, string(raw)), "log-conflict")
	}
	checkCode(t, send(s, "GET", "/v1/receipts/"+statement.Sum(raw).String(), "", ""), "log-conflict")
	if w := send(s, "GET", "/healthz", "", ""); !strings.Contains(w.Body.String(), `"accepts_entries":false`) {
		t.Error(w.Body)
	}
}

// A log that shows less than before may have been read from an old copy: it is refused for as long as it does.
func TestRolledBackUpstreamIsRefusedWhileItIs(t *testing.T) {
	log := registrytest.NewLog().Grow(5)
	s := newRemoteServer(t, serveLog(t, log), log.Key(), Options{})
	b := s.backend.(*remote)
	b.note(s.registry.Follow(t.Context(), b.client))
	log.Checkpoint = func() ([]byte, error) { return log.CheckpointAt(3), nil }
	b.note(s.registry.Follow(t.Context(), b.client))
	checkNothingIsVouchedFor(t, s)
	log.Checkpoint = nil
	b.note(s.registry.Follow(t.Context(), b.client))
	if w := send(s, "GET", "/v1/receipts/"+statement.Sum(log.Entry(0)).String(), "", ""); w.Code != 200 {
		t.Error(w.Code, w.Body)
	}
}

// An upstream that is away is said in words, and asked again.
func TestUpstreamThatIsAway(t *testing.T) {
	asked := make(chan struct{}, 100)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		select {
		case asked <- struct{}{}:
		default:
		}
	}))
	defer h.Close()
	s := newRemoteServer(t, h.URL, registrytest.NewLog().Key(), Options{FollowEvery: time.Millisecond})
	b := s.backend.(*remote)
	ctx, cancel := context.WithCancel(t.Context())
	running := make(chan struct{})
	go func() { b.run(ctx); close(running) }()
	<-asked
	<-asked // so the first answer was taken note of
	if _, problems, ok := b.health(); len(problems) != 1 || !ok {
		t.Errorf("%q, %v", problems, ok)
	}
	if w := send(s, "GET", "/healthz", "", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"status":"degraded"`) {
		t.Error(w.Code, w.Body)
	}
	cancel()
	<-running
	for _, path := range []string{"/checkpoint", "/tile/0/000"} {
		checkCode(t, send(s, "GET", path, "", ""), "upstream")
	}
	h.Close()
	checkCode(t, send(s, "GET", "/checkpoint", "", ""), "upstream")
}

// A receipt is proven before it is given out: what does not fit is not passed on.
func TestUpstreamThatServesWrongEntries(t *testing.T) {
	raw := registrytest.Content("alice", "hello")
	log := registrytest.NewLog(raw, []byte("noise"))
	lying := false
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := log.Get(r.URL.Path[1:])
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if lying && strings.HasPrefix(r.URL.Path, "/tile/entries") {
			data[20] ^= 1
		}
		_, _ = w.Write(data)
	}))
	defer h.Close()
	s := newRemoteServer(t, h.URL, log.Key(), Options{})
	if err := s.registry.Follow(t.Context(), s.backend.(*remote).client); err != nil {
		t.Fatal(err)
	}
	lying = true
	w := send(s, "GET", "/v1/receipts/"+hello, "", "")
	checkCode(t, w, "upstream")
	lying = false
	w = send(s, "GET", "/v1/receipts/"+hello, "", "")
	checkReceipt(t, w.Body.Bytes(), raw, log.Key())
}

// A receipt waits for a checkpoint that covers its entry, and no longer than it may.
func TestReceiptWaitsForTheUpstream(t *testing.T) {
	raw := registrytest.Content("alice", "hello")
	log := registrytest.NewLog([]byte("noise"), raw)
	s := newRemoteServer(t, serveLog(t, log), log.Key(), Options{Limits: Limits{Wait: 20 * time.Millisecond}})
	if err := s.registry.Follow(t.Context(), s.backend.(*remote).client); err != nil {
		t.Fatal(err)
	}
	log.Checkpoint = func() ([]byte, error) { return log.CheckpointAt(1), nil }
	checkCode(t, send(s, "GET", "/v1/receipts/"+hello, "", ""), "not-final")
	checkCode(t, send(s, "GET", "/v1/receipts/"+hello+"?wait=fast", "", ""), "timeout")
}

func TestWidestTile(t *testing.T) {
	for _, try := range []struct {
		tile tlog.Tile
		size uint64
		want uint8
		ok   bool
	}{
		{tlog.Tile{}, 256, 0, true},
		{tlog.Tile{}, 255, 0, false},
		{tlog.Tile{Partial: 5}, 255, 255, true},
		{tlog.Tile{Partial: 5}, 4, 0, false},
		{tlog.Tile{Partial: 5}, 300, 0, true},
		{tlog.Tile{Index: 1, Partial: 5}, 300, 44, true},
		{tlog.Tile{Index: 1}, 256, 0, false},
		{tlog.Tile{Index: 1 << 60}, 256, 0, false},
		{tlog.Tile{Level: 1, Partial: 1}, 256, 1, true},
		{tlog.Tile{Level: 1, Partial: 1}, 255, 0, false},
		{tlog.Tile{Level: 8, Partial: 1}, 1 << 62, 0, false},
		{tlog.Tile{Level: 7, Partial: 1}, 1 << 62, 64, true},
	} {
		got, ok := widestTile(try.tile, try.size)
		if ok != try.ok || ok && got.Partial != try.want {
			t.Errorf("%+v of %d: %+v, %v", try.tile, try.size, got, ok)
		}
	}
}
