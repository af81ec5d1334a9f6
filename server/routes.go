package server

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/wherefrom-network/wherefrom/logserver"
)

// OpenAPI is the description of the API that GET /openapi.yaml answers.
//
//go:embed openapi.yaml
var OpenAPI []byte

// route is one line of the table that the index shows, the mux is built from, and the test compares with openapi.yaml.
type route struct {
	method, path string // the path as in openapi.yaml
	pattern      string // the path as in a ServeMux, if it is another
	about        string
	serve        http.HandlerFunc
}

func (s *Server) table(metrics *prometheus.Registry) []route {
	return []route{
		{"POST", "/v1/statements", "", "record one statement, or many, one on each line", s.submit},
		{"GET", "/v1/statements", "", "list statements by subject, issuer or predicate", s.statements},
		{"GET", "/v1/receipts/{digest}", "", "the receipt of a statement", s.receipt},
		{"GET", "/v1/policy", "", "the log's key and witnesses (c2sp.org/tlog-policy)", s.servePolicy},
		{"GET", "/checkpoint", "", "the newest checkpoint that the log signed", s.checkpoint(logserver.Fast)},
		{"GET", "/checkpoint/final", "", "the newest checkpoint that the witnesses cosigned", s.checkpoint(logserver.Final)},
		{"GET", "/tile/{level}/{index}", "/tile/{path...}", "tiles and entry bundles (c2sp.org/tlog-tiles)", s.tile},
		{"GET", "/healthz", "", "how the server is", s.health},
		{"GET", "/metrics", "", "numbers for Prometheus", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}).ServeHTTP},
		{"GET", "/openapi.yaml", "", "this API, for programs", serveOpenAPI},
		{"GET", "/", "/{$}", "this list", s.index},
	}
}

// mux returns what finds the route of a request. Unknown paths and methods get a problem like all others.
func (s *Server) mux(routes []route) http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range routes {
		if r.pattern == "" {
			r.pattern = r.path
		}
		mux.HandleFunc(r.method+" "+r.pattern, r.serve)
		methods[r.pattern] = append(methods[r.pattern], r.method)
	}
	for pattern, allowed := range methods {
		mux.HandleFunc(pattern, s.otherMethod(strings.Join(allowed, ", ")))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, problemRoute.with("there is nothing at %.200s", r.URL.Path))
	})
	return mux
}

// otherMethod answers what a route does not take. OPTIONS is how a page asks whether it may read; it may, and
// nothing else.
func (s *Server) otherMethod(allowed string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Allow", allowed)
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Access-Control-Allow-Methods", "GET, HEAD")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		s.fail(w, r, problemMethod.with("%s is not for %.20s", r.URL.Path, r.Method))
	}
}

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(OpenAPI)
}

func (s *Server) servePolicy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", textType)
	_, _ = w.Write([]byte(s.policy))
}

const textType = "text/plain; charset=utf-8"
