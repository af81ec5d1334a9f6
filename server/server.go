package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Options say what a server is made of. A registry is required, and one of Log and Upstream.
type Options struct {
	// Log is a log in this process, whose index is Registry.
	Log *logserver.Log
	// Upstream is the server of a log, or any C2SP tile log, which Registry follows; statements are passed on to it.
	Upstream *client.Client
	// Key is the upstream log's key; it is required with Upstream.
	Key tlog.Key
	// Policy is the upstream log's policy that GET /v1/policy answers; only the log's key if nil.
	Policy *tlog.Policy
	// FollowEvery is the time between two looks at the upstream log; one second if zero.
	FollowEvery time.Duration

	Registry *registry.Registry
	Limits   Limits
	// Metrics receives the server's metrics and is what GET /metrics shows; one of its own if nil.
	Metrics *prometheus.Registry
	// Logger gets a line for each request, and what an operator should know; nothing if nil. It gets no address of a
	// client, and nothing that was asked or submitted.
	Logger *slog.Logger
	// Version of the program, for GET /.
	Version string
	// Now is the clock for quotas and ages.
	Now func() time.Time
}

// Server answers the routes of openapi.yaml. It is an [http.Handler]; [Server.Serve] also sees to timeouts,
// connections and a graceful end.
type Server struct {
	backend  backend
	registry *registry.Registry
	key      tlog.Key
	policy   string
	version  string
	limits   Limits
	logger   *slog.Logger
	metrics  *metrics
	now      func() time.Time

	routes   []route
	handler  http.Handler
	quotas   *quotas
	bodies   *semaphore.Weighted // bytes of submissions in memory
	verifier chan struct{}       // one for each goroutine that checks signatures of a batch
}

// ErrOptions says that a server cannot be made of the options given.
var ErrOptions = errors.New("a server needs a registry and one log")

// New returns a server.
func New(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	s := &Server{
		registry: o.Registry, version: o.Version, limits: o.Limits.withDefaults(), logger: o.Logger, now: o.Now,
	}
	switch {
	case o.Registry == nil, (o.Log == nil) == (o.Upstream == nil):
		return nil, ErrOptions
	case o.Log != nil:
		s.backend, s.key, s.policy = local{o.Log, o.Now}, o.Log.Key(), o.Log.Policy().String()
	case o.Key.IsZero():
		return nil, fmt.Errorf("%w: the upstream log's key is missing", ErrOptions)
	default:
		s.backend, s.key = newRemote(o), o.Key
		s.policy = fmt.Sprintf("log %s %s\nquorum none\n", o.Key, o.Upstream.URL())
		if o.Policy != nil {
			s.policy = o.Policy.String()
		}
	}
	return s, s.assemble(o.Metrics)
}

// assemble makes the parts that do not depend on which log is behind the server.
func (s *Server) assemble(registry *prometheus.Registry) error {
	s.quotas = newQuotas(s.limits, s.now)
	s.bodies = semaphore.NewWeighted(s.limits.BodyBytes)
	s.verifier = make(chan struct{}, s.limits.Verifiers)
	s.metrics = newMetrics()
	if err := s.metrics.register(registry, s); err != nil {
		return fmt.Errorf("register metrics: %w", err)
	}
	s.routes = s.table(registry)
	s.handler = s.middleware(s.mux(s.routes))
	return nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// closeWait is how long Serve lets requests finish when it is told to end.
const closeWait = 10 * time.Second

// Serve answers on l until ctx ends, and then lets the requests that are under way finish. With an upstream, it also
// keeps the registry up to date. It closes l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	background, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { s.backend.run(background) })

	hs := s.httpServer()
	ended := make(chan error, 1)
	go func() { ended <- hs.Serve(limitConnections(l, s.limits.Connections)) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	closing, stop := context.WithTimeout(context.WithoutCancel(ctx), closeWait)
	defer stop()
	if err := hs.Shutdown(closing); err != nil {
		_ = hs.Close()
		return fmt.Errorf("stop serving %s: requests were cut off: %w", l.Addr(), err)
	}
	return nil
}

// errorLog passes on what net/http has to say.
func errorLog(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelWarn) }
