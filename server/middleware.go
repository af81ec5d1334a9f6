package server

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"
)

// requestID is the header that names a request, in the answer and in the logs.
const requestID = "X-Request-Id"

// middleware is what happens around every request: it gets a name, its answer gets safe headers, a panic becomes a
// 500, and what came of it is logged and counted.
func (s *Server) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := s.now()
		out := &recorder{ResponseWriter: w}
		setHeaders(w.Header(), r.Method)
		s.metrics.underway.Inc()
		defer func() {
			s.recovered(out, r, recover())
			s.metrics.underway.Dec()
			s.observe(out, r, s.now().Sub(started))
		}()
		next.ServeHTTP(out, r)
	})
}

// setHeaders sets what every answer has. Any page may read what is public; none may submit in its visitor's name, so
// POST has no CORS header.
func setHeaders(h http.Header, method string) {
	h.Set(requestID, newRequestID())
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	if method == http.MethodGet || method == http.MethodHead {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "Retry-After, "+requestID)
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
}

func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// recovered turns a panic into a 500, unless the answer has begun: then the connection is cut, so that no client
// takes half an answer for a whole one.
func (s *Server) recovered(w *recorder, r *http.Request, fault any) {
	if fault == nil {
		return
	}
	if fault != http.ErrAbortHandler {
		s.metrics.panics.Inc()
		s.logger.Error("panic", slog.Any("panic", fault), slog.String("request", w.Header().Get(requestID)),
			slog.String("route", r.Pattern), slog.String("stack", string(debug.Stack())))
	}
	if w.status != 0 || fault == http.ErrAbortHandler {
		panic(http.ErrAbortHandler)
	}
	s.fail(w, r, fmt.Errorf("panic: %v", fault))
}

// observe logs and counts a request. The log has the route, not the address, which may say what someone looked for.
func (s *Server) observe(w *recorder, r *http.Request, took time.Duration) {
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	status := w.status
	if status == 0 {
		status = http.StatusOK
	}
	s.metrics.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	s.metrics.durations.WithLabelValues(route).Observe(took.Seconds())
	s.logger.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("id", w.Header().Get(requestID)),
		slog.String("route", route),
		slog.Int("status", status),
		slog.Int64("received", max(r.ContentLength, 0)),
		slog.Int64("sent", w.written),
		slog.Duration("took", took))
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status  int
	written int64
}

// WriteHeader notes the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes how much was written.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.written += int64(n)
	return n, err
}

// Unwrap lets an [http.ResponseController] reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
