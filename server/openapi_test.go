package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
)

// exchange is a request and what must come of it.
type exchange struct {
	name        string
	to          *Server
	method      string
	path        string
	contentType string
	body        string
	status      int
	code        string // of the problem, if it is one
}

// Every route and status in openapi.yaml is exercised, every answer is as the document says, and every route of the
// server is in the document.
func TestServerAndDocumentAgree(t *testing.T) {
	doc := document(t)
	seen := map[string]bool{}
	for _, x := range exchanges(t) {
		t.Run(fmt.Sprintf("%s %d %s", x.method, x.status, x.name), func(t *testing.T) {
			w := send(x.to, x.method, x.path, x.contentType, x.body)
			path := documentPath(x.path)
			seen[fmt.Sprint(x.method, " ", path, " ", w.Code)] = true
			if w.Code != x.status {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			checkCode(t, w, x.code)
			checkHeaders(t, x.method, w)
			checkAgainst(t, doc, path, x, w)
		})
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status := range op.Responses.Map() {
				if !seen[method+" "+path+" "+status] {
					t.Errorf("%s %s is never answered with %s", method, path, status)
				}
			}
		}
	}
	for _, r := range newStub(t, &stub{}, Options{}).routes {
		if item := doc.Paths.Value(r.path); item == nil || item.GetOperation(r.method) == nil {
			t.Errorf("%s %s is not in the document", r.method, r.path)
		}
	}
}

func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(OpenAPI)
	if err == nil {
		err = doc.Validate(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	text := func(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
		b, err := io.ReadAll(body)
		return string(b), err
	}
	for _, contentType := range []string{"application/x-ndjson", "application/cose", "application/yaml"} {
		openapi3filter.RegisterBodyDecoder(contentType, text)
	}
	return doc
}

// documentPath is the path in the document that a request is for.
func documentPath(path string) string {
	path, _, _ = strings.Cut(path, "?")
	switch {
	case strings.HasPrefix(path, "/v1/receipts/"):
		return "/v1/receipts/{digest}"
	case strings.HasPrefix(path, "/tile/"):
		return "/tile/{level}/{index}"
	default:
		return path
	}
}

func checkCode(t *testing.T, w *httptest.ResponseRecorder, code string) {
	t.Helper()
	var p client.Problem
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if p.Status != w.Code || p.Hint == "" || p.Title == "" || p.Detail == "" {
			t.Errorf("problem %+v", p)
		}
	}
	if p.Code != code {
		t.Errorf("code %q: %s", p.Code, w.Body)
	}
}

func checkHeaders(t *testing.T, method string, w *httptest.ResponseRecorder) {
	t.Helper()
	h := w.Header()
	if len(h.Get("X-Request-Id")) != 16 || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") == "" {
		t.Errorf("headers %v", h)
	}
	if open := h.Get("Access-Control-Allow-Origin"); (open == "*") != (method == http.MethodGet) {
		t.Errorf("%s may be read by %q", method, open)
	}
}

func checkAgainst(t *testing.T, doc *openapi3.T, path string, x exchange, w *httptest.ResponseRecorder) {
	t.Helper()
	item := doc.Paths.Value(path)
	if item == nil || item.GetOperation(x.method) == nil {
		t.Fatalf("%s %s is not in the document", x.method, path)
	}
	request := httptest.NewRequest(x.method, x.path, nil)
	err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: request,
			Route:   &routers.Route{Spec: doc, Path: path, PathItem: item, Method: x.method, Operation: item.GetOperation(x.method)},
		},
		Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		t.Errorf("%s\n%v", w.Body, err)
	}
	if w.Code == http.StatusOK && w.Header().Get("Content-Type") == ndjsonType {
		checkBatch(t, doc, w.Body.String())
	}
}

// checkBatch holds each line of a batch's answer against its schema.
func checkBatch(t *testing.T, doc *openapi3.T, body string) {
	t.Helper()
	all := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	for i, text := range all {
		schema := doc.Components.Schemas["BatchLine"].Value
		if i == len(all)-1 {
			schema = doc.Components.Schemas["BatchEnd"].Value
		}
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if err := schema.VisitJSON(v); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// exchanges are requests for every route and status.
func exchanges(t *testing.T) []exchange {
	list := slices.Concat(healthy(t), refusals(t), failures(t))
	for _, x := range list {
		if x.to == nil {
			t.Fatal(x)
		}
	}
	return list
}

// healthy is a server that has what is asked for. Their order matters.
func healthy(t *testing.T) []exchange {
	s := newLocal(t, Options{Version: "1.2.3"})
	raw, other := string(registrytest.Content("alice", "hello")), string(registrytest.Content("bob", "two"))
	revoke := string(registrytest.Revoke("alice", []byte(raw)))
	receiptPath := "/v1/receipts/" + hello
	get := func(name, path string) exchange { return exchange{name, s, "GET", path, "", "", 200, ""} }
	return []exchange{
		{"new statement", s, "POST", "/v1/statements?wait=fast", jsonType, raw, 201, ""},
		{"known statement", s, "POST", "/v1/statements", "application/vnd.dsse+json; charset=utf-8", raw, 200, ""},
		{"batch", s, "POST", "/v1/statements?wait=final", ndjsonType, raw + "\n" + other + "\n{}\n" + revoke, 200, ""},
		{"batch of bad lines", s, "POST", "/v1/statements", "application/jsonl", "1\n2\n", 200, ""},
		get("by subject", "/v1/statements?subject="+statement.Sum([]byte("hello")).String()),
		get("by issuer", "/v1/statements?limit=1&order=newest&issuer="+string(registrytest.Issuer("bob"))),
		get("by predicate", "/v1/statements?limit=1&predicate="+url.QueryEscape(statement.ContentType)),
		get("next page", "/v1/statements?order=log&after=0&predicate="+url.QueryEscape(statement.ContentType)),
		get("nothing found", "/v1/statements?subject=sha512:00"),
		get("receipt", receiptPath),
		get("receipt now", receiptPath+"?wait=fast&format=text"),
		get("proof", receiptPath+"?format=tlog-proof"),
		get("COSE receipt", receiptPath+"?format=cose"),
		get("policy", "/v1/policy"),
		get("checkpoint", "/checkpoint"),
		get("final checkpoint", "/checkpoint/final"),
		get("partial tile", "/tile/0/000.p/2"),
		get("partial bundle", "/tile/entries/000.p/1"),
		get("health", "/healthz"),
		get("metrics", "/metrics"),
		get("document", "/openapi.yaml"),
		get("index", "/"),
		{"unknown statement", s, "GET", "/v1/receipts/" + strings.Repeat("0", 64), "", "", 404, "no-record"},
		{"tile beyond the tree", s, "GET", "/tile/0/000", "", "", 404, "no-tile"},
		{"tile of no path", s, "GET", "/tile/9/1", "", "", 404, "no-tile"},
	}
}

// refusals are requests that cannot be answered as they are.
func refusals(t *testing.T) []exchange {
	s := newStub(t, &stub{}, Options{})
	poor := newStub(t, &stub{}, Options{Limits: Limits{IssuerBurst: 1, IssuerRate: 1}, Now: fixed})
	raw := string(registrytest.Content("alice", "hello"))
	post := func(name, path, contentType, body string, status int, code string) exchange {
		return exchange{name, s, "POST", path, contentType, body, status, code}
	}
	list := []exchange{
		post("wait for what", "/v1/statements?wait=long", jsonType, raw, 400, "bad-request"),
		post("nothing", "/v1/statements", jsonType, "", 400, "empty"),
		post("batch of nothing", "/v1/statements", ndjsonType, "\n\r\n", 400, "empty"),
		post("large envelope", "/v1/statements", jsonType, strings.Repeat("x", maxEnvelope+1), 413, "too-large"),
		post("large batch", "/v1/statements", ndjsonType, strings.Repeat("x", maxBatchBytes+1), 413, "too-large"),
		post("too many lines", "/v1/statements", ndjsonType, strings.Repeat("1\n", maxBatchLines+1), 413, "too-large"),
		post("a form", "/v1/statements", "application/x-www-form-urlencoded", raw, 415, "media-type"),
		post("plain text", "/v1/statements", "text/plain", raw, 415, "media-type"),
		post("no type", "/v1/statements", "", raw, 415, "media-type"),
		post("not JSON", "/v1/statements", jsonType, "hello", 422, "malformed"),
		post("changed", "/v1/statements", jsonType, strings.Replace(raw, `"sig":"`, `"sig":"AAAA`, 1)[:len(raw)], 422, "truncated"),
		{"first of its quota", poor, "POST", "/v1/statements", jsonType, raw, 201, ""},
		{"over its quota", poor, "POST", "/v1/statements", jsonType, raw, 429, "quota"},
		{"batch over its quota", poor, "POST", "/v1/statements", ndjsonType, raw, 429, "quota"},
	}
	for name, query := range map[string]string{
		"nothing asked": "", "unknown parameter": "?subjects=x", "twice": "?issuer=a&issuer=b", "no digest": "?subject=x", "no issuer": "?issuer=alice",
		"no limit": "?limit=0&predicate=x", "large limit": "?limit=1001&predicate=x", "no order": "?order=x&predicate=x", "no cursor": "?after=x&predicate=x",
	} {
		list = append(list, exchange{name, s, "GET", "/v1/statements" + query, "", "", 400, "bad-request"})
	}
	for name, rest := range map[string]string{"no digest": "hello", "no wait": hello + "?wait=0", "no format": hello + "?format=pdf"} {
		list = append(list, exchange{name, s, "GET", "/v1/receipts/" + rest, "", "", 400, "bad-request"})
	}
	return list
}

// failures are servers that cannot answer, for each reason.
func failures(t *testing.T) (list []exchange) {
	raw := string(registrytest.Content("alice", "hello"))
	add := func(s *Server, status int, code string, paths ...string) {
		for _, p := range paths {
			method, path, _ := strings.Cut(p, " ")
			list = append(list, exchange{code + " " + path, s, method, path, jsonType, raw, status, code})
		}
	}
	post, rec, bundle := "POST /v1/statements", "GET /v1/receipts/"+hello, "GET /tile/entries/000"
	reads := []string{rec, "GET /checkpoint", "GET /checkpoint/final", bundle}
	all := append([]string{post}, reads...)
	with := func(err error) *Server { return newStub(t, &stub{err: err}, Options{}) }
	fault := &logserver.Fault{Code: "rolled-back", Err: logserver.ErrRolledBack, What: "found less", Do: "look"}
	add(newStub(t, &stub{panics: true}, Options{}), 500, "internal", append(all, "GET /healthz")...)
	add(newStub(t, &stub{stopped: true}, Options{}), 503, "", "GET /healthz")
	add(with(&client.Problem{Status: 404, Title: "Not Found"}), 501, "read-only", post)
	add(with(&client.Problem{Status: 500, Title: "oh no"}), 502, "upstream", all...)
	add(with(&url.Error{Op: "Get", URL: "x", Err: os.ErrClosed}), 502, "upstream", all...)
	add(with(&client.Problem{Status: 503, Code: "storage", Title: "full", Detail: "disk", Hint: "wait"}), 503, "storage", post)
	add(with(&logserver.BusyError{Reason: "many"}), 503, "busy", post)
	add(with(logserver.ErrClosed), 503, "closing", all...)
	add(with(fault), 503, "log-stopped", all...)
	add(with(logserver.ErrStorage), 503, "storage", post)
	add(with(logserver.ErrBatchTooLarge), 413, "too-large", post)
	add(with(context.DeadlineExceeded), 503, "not-final", post, rec)
	add(with(context.DeadlineExceeded), 503, "timeout", post+"?wait=fast", rec+"?wait=fast")
	add(with(os.ErrNotExist), 404, "no-tile", reads[1:]...)
	add(with(logserver.ErrNotRecorded), 404, "no-record", rec)
	add(newStub(t, &stub{}, Options{}), 404, "no-cose", rec+"?format=cose")
	add(newStub(t, &stub{}, Options{Limits: Limits{BodyBytes: 10}}), 503, "busy", post)
	list[len(list)-1].body = raw

	closed := newStub(t, &stub{}, Options{})
	_ = closed.registry.Close()
	add(closed, 503, "closing", "GET /v1/statements?predicate=x", rec)
	add(damaged(t), 500, "internal", "GET /v1/statements?predicate="+url.QueryEscape(statement.ContentType))
	return list
}

// damaged returns a server whose registry cannot be read.
func damaged(t *testing.T) *Server {
	t.Helper()
	dir := t.TempDir()
	r, err := registry.Open(dir, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	many := registrytest.NewLog().Grow(300)
	for i := range many.Size() {
		if err := r.Append(t.Context(), i, registrytest.Open(many.Entry(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	tables, _ := filepath.Glob(filepath.Join(dir, "rows", "*.sst"))
	for _, path := range tables {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := 8 << 10; i < len(data)/2; i += 4 << 10 { // not what Open reads
			data[i] ^= 1
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if r, err = registry.Open(dir, registry.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	s := newStub(t, &stub{}, Options{})
	s.registry = r
	return s
}

// The table of the document's error codes and the server's have the same ones.
func TestEveryCodeIsInTheDocument(t *testing.T) {
	codes := map[string]bool{}
	for _, p := range []*problem{
		problemRequest, problemEmpty, problemRoute, problemNoRecord, problemNoTile, problemNoCOSE, problemMethod, problemTooLarge, problemMediaType,
		problemQuota, problemInternal, problemReadOnly, problemUpstream, problemBusy, problemClosing, problemStopped, problemConflict, problemStorage, problemNotFinal, problemTimeout,
	} {
		codes[p.code] = true
		if (p.status == 503 || p.status == 429) != (p.retryAfter > 0) && p != problemQuota {
			t.Errorf("%s: status %d, retry after %v", p.code, p.status, p.retryAfter)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		if !bytes.Contains(OpenAPI, []byte("`"+code+"`")) {
			t.Errorf("%s is not in the document", code)
		}
	}
}
