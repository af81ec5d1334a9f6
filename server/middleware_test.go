package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/registry/registrytest"
)

func TestWhatIsNotThere(t *testing.T) {
	s := newStub(t, &stub{}, Options{})
	for _, try := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{"GET", "/nothing", 404, "no-route", ""},
		{"POST", "/", 405, "method", "GET"},
		{"GET", "/v1/receipts/", 404, "no-route", ""},
		{"DELETE", "/v1/statements", 405, "method", "POST, GET"},
		{"PUT", "/tile/0/000", 405, "method", "GET"},
		{"POST", "/healthz", 405, "method", "GET"},
	} {
		w := send(s, try.method, try.path, "", "")
		if w.Code != try.status || w.Header().Get("Allow") != try.allow {
			t.Errorf("%s %s: %d, allow %q", try.method, try.path, w.Code, w.Header().Get("Allow"))
		}
		checkCode(t, w, try.code)
	}
}

// A page asks before it sends JSON to another site. It may read, and not submit.
func TestPagesMayReadAndNotSubmit(t *testing.T) {
	s := newStub(t, &stub{}, Options{})
	w := send(s, "OPTIONS", "/v1/statements", "", "")
	if h := w.Header(); w.Code != 204 || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Methods") != "GET, HEAD" || h.Get("Access-Control-Allow-Headers") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := send(s, "POST", "/v1/statements", jsonType, string(registrytest.Content("alice", "hello"))); w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%v", w.Header())
	}
}

func TestHeadHasNoBody(t *testing.T) {
	h := httptest.NewServer(newStub(t, &stub{}, Options{}))
	defer h.Close()
	for path, status := range map[string]int{"/": 200, "/nothing": 404, "/healthz": 200} {
		resp, err := http.Head(h.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != status || len(body) > 0 {
			t.Errorf("%s: %d %q", path, resp.StatusCode, body)
		}
	}
}

// Half an answer must not look like a whole one.
func TestPanicInTheMiddleCutsTheConnection(t *testing.T) {
	s := newStub(t, &stub{}, Options{})
	s.handler = s.middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half"))
		panic("a bug")
	}))
	h := httptest.NewUnstartedServer(s)
	h.Config.ErrorLog = errorLog(slog.New(slog.DiscardHandler))
	h.Start()
	defer h.Close()
	resp, err := http.Get(h.URL)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if err == nil {
		t.Error("the client saw nothing wrong")
	}
}

// The log says what happened, and nothing that anybody asked, submitted, or is.
func TestLogKeepsNoSecrets(t *testing.T) {
	var log bytes.Buffer
	s := newStub(t, &stub{}, Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	raw := string(registrytest.Content("alice", "hello"))
	w := send(s, "POST", "/v1/statements", jsonType, raw)
	send(s, "POST", "/v1/statements", ndjsonType, raw)
	send(s, "GET", "/v1/receipts/"+hello, "", "")
	send(s, "GET", "/v1/statements?issuer="+string(registrytest.Issuer("alice")), "", "")
	send(s, "GET", "/secret/path", "", "")
	for _, secret := range []string{"did:key", "payload", hello[7:], "secret", "192.0.2.1"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), w.Header().Get(requestID)) || strings.Count(log.String(), "\n") != 5 {
		t.Errorf("log:\n%s", log.String())
	}
}

func TestMetricsCount(t *testing.T) {
	s := newStub(t, &stub{}, Options{})
	send(s, "POST", "/v1/statements", ndjsonType, lines(2)+"bad\n")
	send(s, "GET", "/nothing", "", "")
	text := send(s, "GET", "/metrics", "", "").Body.String()
	for _, want := range []string{
		`wherefrom_server_statements_total{result="recorded"} 2`,
		`wherefrom_server_statements_total{result="refused"} 1`,
		`wherefrom_server_requests_total{route="POST /v1/statements",status="200"} 1`,
		`wherefrom_server_problems_total{code="no-route"} 1`,
		`wherefrom_server_body_bytes 0`,
		`wherefrom_registry_next 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
}

// A body that is packed is not what it says it is; it is refused before it is read.
func TestPackedBodiesAreRefused(t *testing.T) {
	s := newStub(t, &stub{}, Options{})
	for coding, status := range map[string]int{"gzip": 415, "br, gzip": 415, "identity": 201} {
		r := httptest.NewRequest("POST", "/v1/statements", bytes.NewReader(registrytest.Content("alice", "hello")))
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("Content-Encoding", coding)
		if w := serve(s, r); w.Code != status {
			t.Errorf("%s: %d %s", coding, w.Code, w.Body)
		}
	}
}

// A wait is no error of the server's; a mistake is.
func TestOnlyWhatIsWrongIsLoggedAsAnError(t *testing.T) {
	for err, want := range map[error]string{context.DeadlineExceeded: "level=INFO", errors.New("a bug"): "level=ERROR"} {
		var log bytes.Buffer
		s := newStub(t, &stub{err: err}, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		send(s, "GET", "/v1/receipts/"+hello, "", "")
		if line, _, _ := strings.Cut(log.String(), "\n"); !strings.Contains(line, want) || !strings.Contains(line, "request went wrong") {
			t.Errorf("%v: %s", err, line)
		}
	}
}
