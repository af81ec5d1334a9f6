package server

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics count what the server does. The log has its own.
type metrics struct {
	requests   *prometheus.CounterVec   // by route, status
	durations  *prometheus.HistogramVec // by route
	underway   prometheus.Gauge
	problems   *prometheus.CounterVec // by code
	statements *prometheus.CounterVec // by what became of them
	batch      prometheus.Histogram
	bodyBytes  prometheus.Gauge
	panics     prometheus.Counter
}

const namespace, subsystem = "wherefrom", "server"

func newMetrics() *metrics {
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Subsystem: subsystem, Name: name, Help: help}, labels)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Subsystem: subsystem, Name: name, Help: help})
	}
	return &metrics{
		requests: counters("requests_total", "Requests answered, by route and status.", "route", "status"),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "request_duration_seconds",
			Help:    "Time from a request's header to the end of its answer, by route.",
			Buckets: []float64{.001, .005, .02, .05, .1, .15, .2, .3, .5, 1, 2, 5, 10, 30},
		}, []string{"route"}),
		underway:   gauge("requests_underway", "Requests being answered."),
		problems:   counters("problems_total", "Requests refused, by code.", "code"),
		statements: counters("statements_total", "Statements submitted, by what became of them: recorded, known or refused.", "result"),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "batch_lines",
			Help: "Lines in a batch.", Buckets: prometheus.ExponentialBuckets(1, 4, 8),
		}),
		bodyBytes: gauge("body_bytes", "Bytes of submissions for which memory is set aside."),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "panics_total", Help: "Requests that ended in a panic: each is a bug.",
		}),
	}
}

// register shows the metrics, and those of the process, which something else in it may have done already.
func (m *metrics) register(r *prometheus.Registry, s *Server) error {
	gauge := func(subsystem, name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace, Subsystem: subsystem, Name: name, Help: help}, value)
	}
	for _, c := range []prometheus.Collector{
		m.requests, m.durations, m.underway, m.problems, m.statements, m.batch, m.bodyBytes, m.panics,
		gauge(subsystem, "quota_issuers", "Issuers whose quota is remembered.", func() float64 { return float64(s.quotas.size()) }),
		gauge("registry", "next", "Entries of the log that the registry has taken in.", func() float64 { return float64(s.registry.State().Next) }),
		gauge("registry", "repeated", "Entries whose bytes an earlier entry has.", func() float64 { return float64(s.registry.State().Repeated) }),
		gauge("registry", "skipped", "Entries that are not statements.", func() float64 { return float64(s.registry.State().Skipped) }),
	} {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := r.Register(c); err != nil && !errors.As(err, new(prometheus.AlreadyRegisteredError)) {
			return err
		}
	}
	return nil
}
