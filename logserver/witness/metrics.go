package witness

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what a witness does.
type metrics struct {
	answers  *prometheus.CounterVec
	failures prometheus.Counter
	forks    prometheus.Counter
	logs     prometheus.GaugeFunc
}

func newMetrics(w *Witness) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return &metrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wherefrom_witness_answers_total",
			Help: "Answers to add-checkpoint by status.",
		}, []string{"status"}),
		failures: counter("wherefrom_witness_write_failures_total",
			"Cosignatures that were not given because they could not be stored."),
		forks: counter("wherefrom_witness_forks_total",
			"Pairs of checkpoints seen by which a log convicts itself of showing two pasts."),
		logs: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "wherefrom_witness_logs",
			Help: "Keys of logs that are watched.",
		}, func() float64 { return float64(len(w.Logs())) }),
	}
}

func (m *metrics) answered(status int) { m.answers.WithLabelValues(strconv.Itoa(status)).Inc() }

// Collectors returns what a Prometheus registry needs to show what the witness does.
func (w *Witness) Collectors() []prometheus.Collector {
	return []prometheus.Collector{w.metrics.answers, w.metrics.failures, w.metrics.forks, w.metrics.logs}
}
