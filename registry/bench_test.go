package registry_test

import (
	"encoding/binary"
	"testing"

	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
)

// benchBatch is about how many statements the log gives its index at once under load.
const benchBatch = 256

// BenchmarkAppend counts statements. Look at the user and system time of the whole process too, as the store writes in
// the background: go test -run '^$' -bench Append -benchtime 1000000x ./registry
func BenchmarkAppend(b *testing.B) {
	r, err := registry.Open(b.TempDir(), registry.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	entries := make([]*statement.Envelope, 0, benchBatch)
	alice := registrytest.Issuer("alice")
	before := cpuTime(b)
	b.ResetTimer()
	for n := 0; n < b.N; {
		b.StopTimer()
		making := cpuTime(b)
		entries = entries[:0]
		for ; len(entries) < benchBatch && n < b.N; n++ {
			entries = append(entries, registrytest.Unsigned(alice, binary.BigEndian.AppendUint64(nil, uint64(n))))
		}
		before += cpuTime(b) - making
		b.StartTimer()
		if err := r.Append(b.Context(), r.Next(), entries); err != nil {
			b.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64(b.N)/1e3, "cpu-µs/statement")
}
