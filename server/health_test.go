package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
)

// A log whose disk takes nothing is not well, although it has not stopped, until it stores an entry again.
func TestHealthWhenNothingCanBeStored(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	if err := logserver.Init(dir, logserver.Config{Origin: "log.example/full"}); err != nil {
		t.Fatal(err)
	}
	r := newRegistry(t, registry.Options{})
	log, err := logserver.Open(t.Context(), dir, logserver.Options{Index: r})
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, Options{Log: log, Registry: r})
	healthy := func(status int, accepts string) {
		t.Helper()
		w := send(s, "GET", "/healthz", "", "")
		if body := w.Body.String(); w.Code != status || !strings.Contains(body, `"accepts_entries":`+accepts) {
			t.Errorf("%d: %s", w.Code, body)
		}
	}
	submit := func(status int) {
		t.Helper()
		w := send(s, "POST", "/v1/statements?wait=fast", "application/json", string(registrytest.Content("alice", "hello")))
		if w.Code != status {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
	}
	healthy(200, "true")
	inTheWay := filepath.Join(dir, "tiles", "tile") // where the directory of the first entry is to be
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	submit(503)
	healthy(503, "false")
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	submit(201)
	if err := log.Close(t.Context()); err != nil { // and so until the entry has landed
		t.Fatal(err)
	}
	healthy(200, "true")
}
