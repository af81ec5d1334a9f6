package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/witness"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/server"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// serveLog runs a log, its witness, its registry and their API in the test's own process until the script ends:
// serve-log NAME [forgetful|fork|unwatched]. It sets LOG to the address, writes the policy to NAME.policy, and listens where
// nobody else does. A forgetful server records the first submission and breaks off before it answers. A fork is a second
// log with the name and the key of the first. An unwatched log has lost its witness, and waits for it only a moment.
func serveLog(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: serve-log NAME [forgetful|fork|unwatched]")
	}
	name, dir := args[0], ts.MkAbs("servers/"+strings.Join(args, "-"))
	watcher, stopWitness := startWitness(ts, filepath.Join(dir, "witness"))
	seed := sha256.Sum256([]byte(name))
	private := ed25519.NewKeyFromSeed(seed[:])
	cfg := logserver.Config{
		Origin: tlog.Origin("example.org/" + name), Key: private,
		Policy: fmt.Sprintf("witness w1 %s %s\nquorum w1\n", watcher.Key(), ts.Getenv("WITNESS")),
	}
	signer, err := tlog.NewLogSigner(cfg.Origin, private)
	ts.Check(err)
	ts.Check(watcher.Watch(tlog.LogEntry{Key: signer.Key()}))
	ts.Check(logserver.Init(filepath.Join(dir, "log"), cfg))
	reg, err := registry.Open(filepath.Join(dir, "registry"), registry.Options{})
	ts.Check(err)
	log, err := logserver.Open(context.Background(), filepath.Join(dir, "log"), logserver.Options{Index: reg})
	ts.Check(err)
	limits := server.Limits{}
	if len(args) == 2 && args[1] == "unwatched" {
		stopWitness()
		limits.Wait = 300 * time.Millisecond
	}
	api, err := server.New(server.Options{Log: log, Registry: reg, Limits: limits})
	ts.Check(err)
	run := api.Serve
	if len(args) == 2 && args[1] == "forgetful" {
		run = forgetful(api).serve
	}
	address, stop := serve(ts, run)
	ts.Defer(func() {
		stop()
		ts.Check(log.Close(context.Background()))
		ts.Check(reg.Close())
	})
	ts.Setenv("LOG", address)
	ts.Check(os.WriteFile(ts.MkAbs(strings.Join(args, "-")+".policy"), []byte(log.Policy().String()), 0o666))
}

// forgetfulServer does what it is asked to and does not say so, once.
type forgetfulServer struct {
	http.Handler
	forgot atomic.Bool
}

func forgetful(h http.Handler) *forgetfulServer { return &forgetfulServer{Handler: h} }

func (f *forgetfulServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && f.forgot.CompareAndSwap(false, true) {
		f.Handler.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	f.Handler.ServeHTTP(w, r)
}

func (f *forgetfulServer) serve(ctx context.Context, l net.Listener) error {
	s := &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// startWitness runs a witness and sets WITNESS to its address. It answers until the script ends, or it is stopped.
func startWitness(ts *testscript.TestScript, dir string) (w *witness.Witness, stop func()) {
	_, err := witness.Init(dir, "witness.example.org")
	ts.Check(err)
	w, err = witness.Open(witness.Options{Dir: dir})
	ts.Check(err)
	s := httptest.NewServer(w)
	ts.Defer(func() {
		s.Close()
		ts.Check(w.Close())
	})
	ts.Setenv("WITNESS", s.URL)
	return w, s.Close
}

// serve listens on a free port and returns its address, and what stops it.
func serve(ts *testscript.TestScript, run func(context.Context, net.Listener) error) (string, func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { err = run(ctx, l) })
	return "http://" + l.Addr().String(), func() {
		cancel()
		done.Wait()
		ts.Check(err)
	}
}

// serveCanned runs a server that answers as a file says: serve-canned FILE. Each line of the file is an answer, in
// the order of the requests of its method and path, the last one for all that follow:
//
//	METHOD /path STATUS CONTENT-TYPE FILE
//
// It sets LOG to the address. FILE is read when it is answered; - is an empty body.
func serveCanned(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve-canned FILE")
	}
	answers := map[string][][]string{}
	for _, line := range strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n") {
		f := strings.Fields(line)
		if len(f) != 5 {
			ts.Fatalf("%s: not an answer: %s", args[0], line)
		}
		answers[f[0]+" "+f[1]] = append(answers[f[0]+" "+f[1]], f[2:])
	}
	var mu sync.Mutex
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		route := r.Method + " " + r.URL.Path
		left := answers[route]
		if len(left) == 0 {
			http.NotFound(w, r)
			return
		}
		if len(left) > 1 {
			answers[route] = left[1:]
		}
		var body []byte
		if left[0][2] != "-" {
			body, _ = os.ReadFile(ts.MkAbs(left[0][2])) // a file that is not there is an empty answer
		}
		w.Header().Set("Content-Type", left[0][1])
		var status int
		if _, err := fmt.Sscan(left[0][0], &status); err == nil {
			w.WriteHeader(status)
		}
		_, _ = w.Write(body) // the client may have gone
	}))
	ts.Defer(s.Close)
	ts.Setenv("LOG", s.URL)
}
