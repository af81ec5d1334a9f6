package server

import (
	"net/http"
	"runtime"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/statement"
)

// Limits bound what strangers can make a server do. The zero value of each is a default.
type Limits struct {
	// BodyBytes is how much of submissions may be in memory at the same time; 128 MiB. What does not fit is refused
	// as busy. With all that is made of them on the way, submissions take about four times as much.
	BodyBytes int64
	// Connections is how many connections may be open; 4096. Others wait in the system's own queue.
	Connections int
	// IssuerRate is how many statements a second one issuer may submit in the long run; 20,000.
	IssuerRate float64
	// IssuerBurst is how many one issuer may submit at once after a quiet time; 200,000.
	IssuerBurst int
	// Issuers is how many issuers' quotas are remembered, the least recently seen forgotten first; 16,384.
	Issuers int
	// Verifiers is how many goroutines may check signatures of batches at the same time; one for each processor.
	Verifiers int
	// Wait bounds how long a request waits for the log; 20 seconds.
	Wait time.Duration
	// Header, Read, Write and Idle are the timeouts of a connection, as in [http.Server]: 10 seconds, and 2, 4 and 2
	// minutes.
	Header, Read, Write, Idle time.Duration
}

// What one request may bring. These are part of the API, not options.
const (
	maxEnvelope   = statement.MaxEnvelope
	maxBatchBytes = client.MaxBatchBytes
	maxBatchLines = client.MaxBatchLines
	maxHeader     = 16 << 10
)

func (l Limits) withDefaults() Limits {
	orElse(&l.BodyBytes, 128<<20)
	orElse(&l.Connections, 4096)
	orElse(&l.IssuerRate, 20_000)
	orElse(&l.IssuerBurst, 200_000)
	orElse(&l.Issuers, 16_384)
	orElse(&l.Verifiers, runtime.GOMAXPROCS(0))
	orElse(&l.Wait, 20*time.Second)
	orElse(&l.Header, 10*time.Second)
	orElse(&l.Read, 2*time.Minute)
	orElse(&l.Write, 4*time.Minute)
	orElse(&l.Idle, 2*time.Minute)
	return l
}

func orElse[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// httpServer returns a server with every timeout set.
func (s *Server) httpServer() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.limits.Header,
		ReadTimeout:       s.limits.Read,
		WriteTimeout:      s.limits.Write,
		IdleTimeout:       s.limits.Idle,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          errorLog(s.logger),
	}
}
