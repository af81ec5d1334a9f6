package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// A recording that is killed again and again, before a request reaches the log, or after the log has recorded it and
// before the answer arrives, records every file once.
func TestKilledRecordingsRecordEverythingOnce(t *testing.T) {
	const files = 400 // two batches
	w := newWorld(t)
	for i := range files {
		w.put(fmt.Sprintf("album/%d/%d.txt", i/100, i), fmt.Appendf(nil, "file %d", i))
	}
	for _, kill := range []struct {
		at       int32
		recorded bool
	}{{1, false}, {1, true}, {2, false}, {1, true}} {
		w.reached.Store(0)
		w.killAt.Store(kill.at)
		w.forward.Store(kill.recorded)
		w.kill(w.command("record", "album", "--log", w.proxy.URL))
	}
	w.killAt.Store(0)
	if out, err := w.command("record", "album", "--log", w.proxy.URL).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if size := w.treeSize(); size != files {
		t.Errorf("the log has %d entries, want %d", size, files)
	}
	w.must("trust", "add", "log", w.log)
	if out, err := w.command("verify", "album").CombinedOutput(); err != nil {
		t.Errorf("%v\n%.2000s", err, out)
	}
	if left, _ := filepath.Glob(filepath.Join(w.dir, "home", "state", "journal", "*", "*")); len(left) > 0 {
		t.Errorf("the journal still has %v", left)
	}
}

// world is a log, and a proxy before it that kills the recorder when it wants to.
type world struct {
	*testing.T
	dir   string
	log   string
	proxy *httptest.Server

	killAt  atomic.Int32 // kill at this submission; 0 for never
	forward atomic.Bool  // let the log have it before
	reached atomic.Int32
	ready   chan struct{} // the recorder is where it is to be killed
	killed  chan struct{} // and it was
}

// kill starts a recorder and kills it when the proxy says so.
func (w *world) kill(cmd *exec.Cmd) {
	w.Helper()
	p, err := run(cmd)
	if err != nil {
		w.Fatal(err)
	}
	select {
	case <-w.ready:
		_ = p.end(os.Kill)
		w.killed <- struct{}{}
	case err := <-p.err:
		w.Fatalf("the recording ended before it was killed: %v", err)
	}
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, dir: t.TempDir(), ready: make(chan struct{}), killed: make(chan struct{})}
	w.must("log", "init", "--dir", "log", "--origin", "log.example.org")
	w.must("key", "new", "alice", "--no-passphrase")
	p, err := run(w.command("log", "serve", "--dir", "log", "--listen", "127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.end(os.Interrupt) })
	m, said := p.said.wait(listening)
	if m == nil {
		t.Fatal(said)
	}
	w.log = m[1]
	target, err := url.Parse(w.log)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(target)
	w.proxy = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || w.reached.Add(1) != w.killAt.Load() {
			pass.ServeHTTP(rw, r)
			return
		}
		if w.forward.Load() {
			pass.ServeHTTP(httptest.NewRecorder(), r)
		}
		w.ready <- struct{}{}
		<-w.killed
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(w.proxy.Close)
	return w
}

func (w *world) put(name string, data []byte) {
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		w.Fatal(err)
	}
}

func (w *world) command(args ...string) *exec.Cmd {
	cmd := exec.Command("wherefrom", args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "WHEREFROM_HOME="+filepath.Join(w.dir, "home"))
	return cmd
}

func (w *world) must(args ...string) {
	w.Helper()
	if out, err := w.command(args...).CombinedOutput(); err != nil {
		w.Fatalf("wherefrom %v: %v\n%s", args, err, out)
	}
}

func (w *world) treeSize() int {
	w.Helper()
	resp, err := http.Get(w.log + "/healthz")
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	var health struct {
		Log struct {
			Size int `json:"tree_size"`
		} `json:"log"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&health); err != nil {
		w.Fatal(err)
	}
	return health.Log.Size
}
