package logserver

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wherefrom-network/wherefrom/logserver/witness"
)

// metrics are what an operator watches. Each log has its own; they are shown only if Options names
// a registry.
type metrics struct {
	entries   *prometheus.CounterVec // by result: recorded, known
	rejected  *prometheus.CounterVec // by reason
	refusals  prometheus.Counter
	signed    prometheus.Counter
	durations *prometheus.HistogramVec // by step
	witnesses *prometheus.CounterVec   // by witness, result
	scrubbed  prometheus.Counter
	scrubs    *prometheus.CounterVec // by result: whole, damaged, broken-off
}

var buckets = []float64{.002, .005, .01, .02, .05, .1, .15, .2, .3, .5, 1, 2, 5, 10}

func newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "wherefrom", Subsystem: "log", Name: name, Help: help})
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "wherefrom", Subsystem: "log", Name: name, Help: help}, labels)
	}
	return &metrics{
		entries:  counters("statements_total", "Statements answered with a proof, by whether they were new.", "result"),
		rejected: counters("rejected_total", "Calls of Add that ended in an error, by reason.", "reason"),
		refusals: counter("guard_refusals_total", "Signatures that the guard refused."),
		signed:   counter("checkpoints_total", "Checkpoints that the guard signed."),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "wherefrom", Subsystem: "log", Name: "duration_seconds",
			Help: "How long things took: add (a whole call), final (a quorum of witnesses).", Buckets: buckets,
		}, []string{"step"}),
		witnesses: counters("witness_answers_total", "Answers of witnesses, by result.", "witness", "result"),
		scrubbed:  counter("scrubbed_entries_total", "Entries that the background scrub has read back."),
		scrubs:    counters("scrubs_total", "Passes of the background scrub, by result.", "result"),
	}
}

// register shows the log's metrics in a registry, with gauges read from the log at that moment.
func (l *Log) register(r prometheus.Registerer) error {
	if r == nil {
		return nil
	}
	m := l.metrics
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "wherefrom", Subsystem: "log", Name: name, Help: help}, value)
	}
	l.collectors = []prometheus.Collector{
		m.entries, m.rejected, m.refusals, m.signed, m.durations, m.witnesses, m.scrubbed, m.scrubs,
		gauge("in_flight_entries", "Statements on their way into the log.", func() float64 {
			n, _ := l.budget.load()
			return float64(n)
		}),
		gauge("in_flight_bytes", "Bytes of the statements on their way into the log.", func() float64 {
			_, n := l.budget.load()
			return float64(n)
		}),
		gauge("size", "Entries that the newest fast checkpoint covers.", func() float64 { return sizeOf(l.fast) }),
		gauge("final_size", "Entries that the newest final checkpoint covers.", func() float64 { return sizeOf(l.final) }),
		gauge("tree_size", "Entries in the durable tree, signed or not.", func() float64 {
			n, err := l.sequencer.size(context.Background())
			if err != nil {
				return -1
			}
			return float64(n)
		}),
		gauge("checkpoint_age_seconds", "Time since the newest fast checkpoint was signed.", func() float64 {
			return l.now().Sub(l.health.lastSigned()).Seconds()
		}),
		gauge("stopped", "1 if the log has stopped for a reason that needs its operator.", func() float64 {
			if l.Err() != nil {
				return 1
			}
			return 0
		}),
		gauge("scrub_position", "Entry that the running scrub has reached.", func() float64 {
			return float64(l.scrubAt.Load())
		}),
	}
	for i, c := range l.collectors {
		if err := r.Register(c); err != nil {
			l.collectors = l.collectors[:i]
			return err
		}
	}
	return nil
}

func sizeOf(b *board) float64 {
	tree, _ := b.read()
	if tree == nil {
		return 0
	}
	return float64(tree.Size)
}

// added counts what came of an Add.
func (m *metrics) added(b *Batch, err error, took time.Duration) {
	if err != nil {
		m.rejected.WithLabelValues(reason(err)).Inc()
		return
	}
	m.durations.WithLabelValues("add").Observe(took.Seconds())
	known := 0
	for i := range b.Entries {
		if b.Entries[i].Known {
			known++
		}
	}
	m.entries.WithLabelValues("known").Add(float64(known))
	m.entries.WithLabelValues("recorded").Add(float64(len(b.Entries) - known))
}

// reason names an error of Add for the metric.
func reason(err error) string {
	var f *Fault
	switch {
	case errors.Is(err, ErrBusy):
		return "busy"
	case errors.Is(err, ErrBatchTooLarge):
		return "batch-too-large"
	case errors.Is(err, ErrNotVerified):
		return "not-verified"
	case errors.Is(err, ErrClosed):
		return "closed"
	case errors.Is(err, ErrStorage):
		return "storage"
	case cancelled(err):
		return "cancelled"
	case errors.As(err, &f):
		return "stopped"
	}
	return "other"
}

// answered counts the answers of a round of witnesses.
func (m *metrics) answered(outcomes []witness.Outcome) {
	for _, o := range outcomes {
		result := "cosigned"
		switch {
		case o.Err == nil:
		case errors.Is(o.Err, witness.ErrSuperseded), errors.Is(o.Err, witness.ErrWitnessBusy):
			result = "late"
		case errors.Is(o.Err, witness.ErrWitnessUnreachable):
			result = "unreachable"
		default:
			result = "refused"
		}
		m.witnesses.WithLabelValues(o.Witness.Name, result).Inc()
	}
}
