package witness

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Health is the answer to GET /healthz.
type Health struct {
	Schema  string `json:"schema"` // wherefrom.network/witness-health/v1
	Status  string `json:"status"` // ok or failing
	Key     string `json:"key"`
	Logs    int    `json:"logs"` // keys of logs that are watched
	Problem string `json:"problem,omitempty"`
}

// Health returns how the witness is. It is failing while the last cosignature it was asked for
// could not be stored.
func (w *Witness) Health() Health {
	h := Health{Schema: "wherefrom.network/witness-health/v1", Status: "ok", Key: w.key.String(), Logs: len(w.Logs())}
	if err := w.trouble.Load(); err != nil {
		h.Status, h.Problem = "failing", (*err).Error()
	}
	return h
}

// Server returns an HTTP server for the witness protocol and for those who run it: GET / says who
// this is, GET /healthz how it is, GET /metrics what it does. How long and how large a request may
// be is limited.
func (w *Witness) Server() *http.Server {
	numbers := prometheus.NewRegistry()
	numbers.MustRegister(w.Collectors()...)
	mux := http.NewServeMux()
	mux.Handle("/", w)
	mux.HandleFunc("GET /{$}", w.serveName)
	mux.HandleFunc("GET /healthz", w.serveHealth)
	mux.Handle("GET /metrics", promhttp.HandlerFor(numbers, promhttp.HandlerOpts{}))
	return &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      20 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}

func (w *Witness) serveName(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(rw, "This is a witness of transparency logs (c2sp.org/tlog-witness).\nIts key is %s\n", w.key)
}

func (w *Witness) serveHealth(rw http.ResponseWriter, _ *http.Request) {
	h := w.Health()
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	if h.Status != "ok" {
		rw.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(rw).Encode(h)
}
