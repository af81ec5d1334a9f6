package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

const origin = "example.org/log"

func TestMain(m *testing.M) {
	fsync = func(*os.File) error { return nil }
	m.Run()
}

func atTestTime() time.Time { return tlogtest.Time }

// newDir makes a witness named w.example/1 in a new directory.
func newDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := InitWithKey(dir, "w.example/1", tlogtest.PrivateKey("w.example/1")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// open opens a witness that watches some logs, until the test ends.
func open(t testing.TB, dir string, logs ...*tlogtest.Log) *Witness {
	t.Helper()
	opts := Options{Dir: dir, Now: atTestTime}
	for _, l := range logs {
		opts.Logs = append(opts.Logs, tlog.LogEntry{Key: l.Key()})
	}
	w, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// request is the body that asks to cosign the first size entries of a log, from old.
func request(t testing.TB, log *tlogtest.Log, old, size uint64) []byte {
	t.Helper()
	a := tlog.AddCheckpoint{OldSize: old, Checkpoint: log.CheckpointAt(size)}
	if old <= size {
		var err error
		if a.Proof, err = log.Prover().Consistency(context.Background(), old, size); err != nil {
			t.Fatal(err)
		}
	}
	return a.Marshal()
}

// post sends a request over HTTP.
func post(t testing.TB, url string, body []byte) (*http.Response, string) {
	t.Helper()
	resp, err := http.Post(url+"/add-checkpoint", "text/plain", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestStatuses(t *testing.T) {
	log := tlogtest.New(origin).Grow(20)
	fork, short := log.Fork(10), log.Fork(9)
	fork.Append([]byte("another past"))
	fork.Grow(9)
	short.Append([]byte("another tenth"))
	stranger := tlogtest.New("example.org/stranger").Grow(3)
	w := open(t, newDir(t), log)
	srv := httptest.NewServer(w)
	defer srv.Close()

	impostor, err := tlog.NewLogSigner(origin, tlogtest.PrivateKey("impostor"))
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := tlog.Checkpoint{Origin: origin, Size: 20, Root: log.Root(20)}.Sign(impostor)
	if err != nil {
		t.Fatal(err)
	}
	add := func(old uint64, checkpoint []byte, proof ...tlog.Hash) []byte {
		return (&tlog.AddCheckpoint{OldSize: old, Proof: proof, Checkpoint: checkpoint}).Marshal()
	}
	rootless, err := tlog.Checkpoint{Origin: origin, Root: log.Root(1)}.Sign(log.Signer)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Replace(log.Checkpoint(), []byte("\n20\n"), []byte("\n19\n"), 1)
	hash := log.Root(3)

	for _, c := range []struct {
		name   string
		body   []byte
		status int
		text   string
	}{
		{"empty request", nil, 400, ""},
		{"nonsense", []byte("hello"), 400, ""},
		{"old size above the checkpoint's", request(t, log, 21, 20), 400, ""},
		{"64 hashes", bytes.Replace(request(t, log, 0, 20), []byte("\n\n"), []byte("\n"+strings.Repeat(hash.String()+"\n", 64)+"\n"), 1), 400, ""},
		{"too large", append(request(t, log, 0, 20), make([]byte, tlog.MaxAddCheckpoint)...), 413, ""},
		{"unknown log", request(t, stranger, 0, 3), 404, ""},
		{"signed by another key", add(0, unsigned), 403, ""},
		{"signature of another text", add(0, damaged), 403, ""},
		{"old size when there is none", request(t, log, 5, 20), 409, "0\n"},
		{"empty tree with a root", add(0, rootless), 422, ""},
		{"proof from the empty tree", add(0, log.CheckpointAt(10), hash), 422, ""},
		{"empty tree", request(t, log, 0, 0), 200, "— w.example/1 "},
		{"first checkpoint", request(t, log, 0, 10), 200, "— w.example/1 "},
		{"first checkpoint again", request(t, log, 0, 10), 409, "10\n"},
		{"same checkpoint from its size", request(t, log, 10, 10), 200, "— w.example/1 "},
		{"older checkpoint", request(t, log, 0, 9), 409, "10\n"},
		{"older checkpoint from an older size", request(t, log, 9, 9), 409, "10\n"},
		{"same size, other tree", add(10, short.Checkpoint()), 422, ""},
		{"same size with a proof", add(10, log.CheckpointAt(10), hash), 422, ""},
		{"grown without a proof", add(10, log.CheckpointAt(20)), 422, ""},
		{"grown with another proof", add(10, log.CheckpointAt(20), hash, hash, hash), 422, ""},
		{"grown from another size", request(t, log, 11, 20), 409, "10\n"},
		{"grown", request(t, log, 10, 20), 200, "— w.example/1 "},
		{"fork of an earlier state", request(t, fork, 10, 20), 409, "20\n"},
		{"same size as the fork's", add(20, fork.CheckpointAt(20)), 422, ""},
	} {
		resp, text := post(t, srv.URL, c.body)
		if resp.StatusCode != c.status || !strings.HasPrefix(text, c.text) {
			t.Errorf("%s: %d %q, want %d %q", c.name, resp.StatusCode, text, c.status, c.text)
		}
		want := "text/plain; charset=utf-8"
		if c.status == 409 {
			want = "text/x.tlog.size"
			if text != c.text {
				t.Errorf("%s: %q, want %q alone", c.name, text, c.text)
			}
		}
		if got := resp.Header.Get("Content-Type"); got != want {
			t.Errorf("%s: content type %q", c.name, got)
		}
	}
	if resp, err := http.Get(srv.URL + "/add-checkpoint"); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v, %v", resp.Status, err)
	}
	count(t, w, `wherefrom_witness_answers_total{status="200"}`, 4)
	count(t, w, `wherefrom_witness_forks_total`, 2)
	count(t, w, `wherefrom_witness_logs`, 1)
}

// count checks one metric.
func count(t *testing.T, w *Witness, name string, want float64) {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(w.Collectors()...)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			full := f.GetName()
			for _, l := range m.GetLabel() {
				full += fmt.Sprintf("{%s=%q}", l.GetName(), l.GetValue())
			}
			if got := m.GetCounter().GetValue() + m.GetGauge().GetValue(); full == name && got != want {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
	}
}

// What a witness answers, added to the checkpoint, is a cosignature at its time; and what it
// shows to monitors is that checkpoint with the log's signature and its own, and no other.
func TestCosignatureAndCheckpointForMonitors(t *testing.T) {
	log := tlogtest.New(origin).Grow(7)
	w := open(t, newDir(t), log)
	srv := httptest.NewServer(w)
	defer srv.Close()
	get := func(path string) (int, []byte) {
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, body
	}
	path := "/" + originHash(origin) + "/checkpoint"
	if status, _ := get(path); status != 404 {
		t.Errorf("before the first cosignature: %d", status)
	}
	raw := log.Checkpoint(tlogtest.Cosigner("somebody.else/1"))
	_, line := post(t, srv.URL, (&tlog.AddCheckpoint{Checkpoint: raw}).Marshal())
	c, sigs, err := tlog.OpenCheckpoint(append(raw, line...), log.Key(), w.Key())
	if err != nil || c.Size != 7 || len(sigs) != 1 || !sigs[0].Time.Equal(tlogtest.Time) {
		t.Fatalf("%+v, %+v, %v", c, sigs, err)
	}
	status, shown := get(path)
	c, sigs, err = tlog.OpenCheckpoint(shown, log.Key(), w.Key())
	if status != 200 || err != nil || c.Size != 7 || len(sigs) != 1 || sigs[0].Line != line {
		t.Errorf("%d, %+v, %+v, %v", status, c, sigs, err)
	}
	if bytes.Contains(shown, []byte("somebody.else")) {
		t.Error("a signature that nobody has checked is passed on")
	}
	for _, other := range []string{"/" + originHash("example.org/none") + "/checkpoint", "/x/checkpoint", "/", "/" + originHash(origin)} {
		if status, _ := get(other); status != 404 {
			t.Errorf("%s: %d", other, status)
		}
	}
}

func TestLogsAreAddedWhileItRuns(t *testing.T) {
	a, b := tlogtest.New("a.example/log").Grow(3), tlogtest.New("b.example/log").Grow(3)
	dir := newDir(t)
	w := open(t, dir, a)
	if got := w.addCheckpoint(request(t, b, 0, 3)); got.status != 404 {
		t.Errorf("before: %d", got.status)
	}
	next, err := tlog.NewLogSigner(b.Origin, tlogtest.PrivateKey("next key"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := w.Watch(tlog.LogEntry{Key: b.Key(), URL: "https://b.example/log/"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.addCheckpoint(request(t, b, 0, 2)); got.status != 200 {
		t.Errorf("after: %d", got.status)
	}
	b.Signer = next
	if got := w.addCheckpoint(request(t, b, 2, 3)); got.status != 403 {
		t.Errorf("under a key that is not known yet: %d", got.status)
	}
	if err := w.Watch(tlog.LogEntry{Key: next.Key()}); err != nil {
		t.Fatal(err)
	}
	if got := w.addCheckpoint(request(t, b, 2, 3)); got.status != 200 {
		t.Errorf("under the next key: %d", got.status)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir)
	if keys := w.Logs(); len(keys) != 2 {
		t.Errorf("after a restart it watches %v", keys)
	}
	if got := w.addCheckpoint(request(t, b, 3, 3)); got.status != 200 {
		t.Errorf("after a restart: %d", got.status)
	}
}

// The times of one log's cosignatures never decrease, whatever the clock does, also after a restart.
func TestClockGoesBackwards(t *testing.T) {
	log := tlogtest.New(origin).Grow(9)
	dir := newDir(t)
	now := tlogtest.Time
	at := func(w *Witness, old, size uint64) int64 {
		w.now = func() time.Time { return now }
		body := request(t, log, old, size)
		got := w.addCheckpoint(body)
		_, sigs, err := tlog.Cosignatures(append(log.CheckpointAt(size), got.body...), w.Key())
		if err != nil || len(sigs) != 1 {
			t.Fatalf("%d %s, %v", got.status, got.body, err)
		}
		return sigs[0].Time.Unix() - tlogtest.Time.Unix()
	}
	w := open(t, dir, log)
	if got := at(w, 0, 1); got != 0 {
		t.Error(got)
	}
	if now = now.Add(-time.Hour); at(w, 1, 2) != 0 {
		t.Error("the time went back")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir, log)
	if at(w, 2, 3) != 0 {
		t.Error("the time went back after a restart")
	}
	if now = tlogtest.Time.Add(90 * time.Second); at(w, 3, 4) != 90 {
		t.Error("the time does not go on")
	}
	if now = time.Unix(-5, 0); at(w, 4, 5) != 90 {
		t.Error("a clock before 1970 is not passed over")
	}
}

func TestListOfLogsIsReadAgain(t *testing.T) {
	log := tlogtest.New(origin).Grow(3)
	dir := newDir(t)
	w := open(t, dir)
	list := []byte("# by hand\nlog " + log.Key().String() + "\n")
	if err := os.WriteFile(filepath.Join(dir, logsFile), list, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := w.addCheckpoint(request(t, log, 0, 3)); got.status != 200 {
		t.Errorf("%+v", got)
	}
	if err := os.WriteFile(filepath.Join(dir, logsFile), []byte("quorum none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Reload(); !errors.Is(err, tlog.ErrPolicySyntax) {
		t.Errorf("a damaged list: %v", err)
	}
	if err := w.Watch(tlog.LogEntry{Key: log.Key()}); !errors.Is(err, tlog.ErrPolicySyntax) {
		t.Errorf("adding to a damaged list: %v", err)
	}
}

func TestServerTellsHowItIs(t *testing.T) {
	log := tlogtest.New(origin).Grow(3)
	w := open(t, newDir(t), log)
	s := w.Server()
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 {
		t.Errorf("no limits: %+v", s)
	}
	srv := httptest.NewServer(s.Handler)
	defer srv.Close()
	get := func(path string, status int, part string) {
		t.Helper()
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != status || !strings.Contains(string(body), part) {
			t.Errorf("%s: %d %s, %v; want %d with %q", path, resp.StatusCode, body, err, status, part)
		}
	}
	w.store.fault = func(string, string) error { return syscall.ENOSPC }
	if resp, text := post(t, srv.URL, request(t, log, 0, 3)); resp.StatusCode != 500 || strings.Contains(text, "space") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	get("/healthz", 503, `"status":"failing"`)
	get("/healthz", 503, "no space left on device")
	w.store.fault = nil
	if resp, text := post(t, srv.URL, request(t, log, 0, 3)); resp.StatusCode != 200 {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	get("/healthz", 200, `"status":"ok"`)
	get("/", 200, w.Key().String())
	get("/metrics", 200, `wherefrom_witness_answers_total{status="200"} 1`)
	get("/metrics", 200, "wherefrom_witness_write_failures_total 1")
	get("/"+originHash(origin)+"/checkpoint", 200, "— w.example/1 ")
	get("/nothing", 404, "")
}
