package logserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wherefrom-network/wherefrom/logserver/witness"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Options is what a running log needs from its process.
type Options struct {
	// Index knows where each statement is. It is required.
	Index Index
	// Storage is where the tree lies. Default: the POSIX driver in the log's directory.
	Storage Storage
	// Guard is where the guard's record lies. Default: the directory named in log.json.
	Guard RecordStore
	// Logger gets what an operator should read. Default: nothing is logged.
	Logger *slog.Logger
	// Metrics shows the log's metrics. Default: nowhere.
	Metrics prometheus.Registerer
	// HTTP asks the witnesses. Default: a client that follows no redirects.
	HTTP *http.Client
	// WitnessWait is how long Open waits for the first answer of a witness. Default: 10 seconds.
	WitnessWait time.Duration
	// Unwitnessed lets the log start although no witness answers. The operator then vouches that the
	// directory, with the guard's record, was not restored from a backup.
	Unwitnessed bool
	// Now is the clock for ages and durations. Nothing that is signed depends on it.
	Now func() time.Time

	signer   func(logSigner) logSigner // lets tests see every signature
	patience patience                  // lets tests wait less
}

// Log is a running log. Its methods are safe for concurrent use.
type Log struct {
	cfg     Config
	key     tlog.Key
	policy  *tlog.Policy
	storage Storage
	reader  Reader
	guard   *Guard
	index   Index
	prover  *tlog.Prover
	now     func() time.Time
	logger  *slog.Logger
	metrics *metrics
	health  health

	sequencer *sequencer
	flights   flights
	budget    budget
	queue     chan *call // Add to dispatch
	sequenced chan *call // dispatch to collect
	indexing  chan *call // collect to the indexer
	expected  chan uint64

	fast      *board
	final     *board          // fast itself, if the policy asks for no witnesses
	witnesses *witness.Client // nil if there are none to ask

	gate    sync.RWMutex
	closing bool          // guarded by gate
	failed  chan struct{} // closed when failure is set
	failure atomic.Pointer[error]

	collectors []prometheus.Collector
	registerer prometheus.Registerer
	scrubAt    atomic.Uint64
	patience   patience

	cancel  context.CancelFunc
	running sync.WaitGroup
	release func() error
}

// Stopped returns a channel that is closed when the log stops for a reason that needs its operator;
// [Log.Err] then says which.
func (l *Log) Stopped() <-chan struct{} { return l.failed }

// patience is how long the log waits before it does something about a thing that should have come.
type patience struct {
	signing time.Duration // a signature over entries that lie in the tree
	closing time.Duration // the last final checkpoint, while the log closes
}

// Open opens the log in dir, checks that what lies there is what was signed, repairs what can be
// repaired without guessing, brings the index up to the tree, and starts to accept statements. An
// error that needs the operator is a [*Fault].
func Open(ctx context.Context, dir string, opts Options) (*Log, error) {
	cfg, key, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	if cfg.Key, err = readKey(dir, key); err != nil {
		return nil, err
	}
	if opts.Storage == nil {
		opts.Storage = posixStorage{dir}
	}
	if opts.Guard == nil {
		opts.Guard = guardStore(dir, cfg)
	}
	setDefault(&opts.WitnessWait, 10*time.Second)
	setDefault(&opts.patience, patience{signing: 2 * time.Second, closing: 5 * time.Second})
	return open(ctx, cfg, key, opts)
}

// open opens a log whose storage may be of any kind.
func open(ctx context.Context, cfg Config, key tlog.Key, opts Options) (*Log, error) {
	l, err := newLog(cfg, key, opts)
	if err != nil {
		return nil, err
	}
	release, err := opts.Storage.Lock(ctx)
	if err != nil {
		return nil, err
	}
	l.release = release
	running, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	if err := l.start(ctx, running, opts); err != nil {
		cancel()
		l.running.Wait()
		l.unregister()
		return nil, errors.Join(err, release())
	}
	return l, nil
}

// newLog fills in what needs no storage.
func newLog(cfg Config, key tlog.Key, opts Options) (*Log, error) {
	if opts.Index == nil {
		return nil, &Fault{Code: "config", Err: ErrConfig, What: "no index was given", Do: "pass one in Options"}
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	policy, err := cfg.policy(key)
	if err != nil {
		return nil, err
	}
	quiet(opts.Logger)
	l := &Log{
		cfg: cfg, key: key, policy: policy,
		storage: opts.Storage, reader: opts.Storage.Reader(), index: opts.Index,
		now: opts.Now, logger: opts.Logger, metrics: newMetrics(), registerer: opts.Metrics,
		flights:   newFlights(),
		budget:    budget{maxEntries: cfg.InFlight, maxBytes: cfg.Bytes},
		queue:     make(chan *call, cfg.InFlight),
		sequenced: make(chan *call, cfg.InFlight),
		indexing:  make(chan *call, cfg.InFlight),
		expected:  make(chan uint64, 1),
		failed:    make(chan struct{}),
		patience:  opts.patience,
	}
	l.prover = tlog.NewProver(l.reader, 0)
	l.fast = newBoard(l.failed, l.Err)
	l.final = l.fast
	if len(policy.Witnesses()) > 0 {
		l.final = newBoard(l.failed, l.Err)
		l.witnesses, err = witness.NewClient(witness.ClientOptions{Policy: policy, Prover: l.prover, HTTP: opts.HTTP})
		if err != nil {
			return nil, configFault("policy: " + err.Error())
		}
	}
	return l, nil
}

// start checks the log and sets its goroutines to work.
func (l *Log) start(ctx, running context.Context, opts Options) error {
	if err := l.startGuard(ctx, running, opts); err != nil {
		return err
	}
	if err := l.catchUpIndex(ctx); err != nil {
		return err
	}
	if err := l.askWitnesses(ctx, opts); err != nil {
		return err
	}
	var err error
	if l.sequencer, err = startTessera(running, l.storage, l.guard, l.cfg); err != nil {
		return err
	}
	if size, err := l.sequencer.size(ctx); err == nil {
		l.expect(size) // what was not signed when the log stopped last
	}
	if err := l.register(l.registerer); err != nil {
		return fmt.Errorf("register metrics: %w", err)
	}
	// These two wait for Tessera's answers, which a full stop may cut off: nobody waits for them.
	go l.dispatch(running)
	go l.collect(running)
	x := &indexer{log: l, ready: map[uint64]*flight{}}
	l.running.Go(func() { x.run(running) })
	l.running.Go(func() { l.unstick(running) })
	l.running.Go(func() { l.scrub(running) })
	if l.witnesses != nil {
		l.running.Go(func() { l.publishFinal(running) })
	}
	return nil
}

// fail stops the log for a reason that needs its operator. Nothing is accepted or written any more,
// and whoever waits is told why. The first reason stays.
func (l *Log) fail(err error) {
	if l.failure.CompareAndSwap(nil, &err) {
		l.logger.Error("the log has stopped", "err", err)
		close(l.failed)
		l.cancel()
	}
}

// Err returns why the log has stopped, nil if it has not. It is a [*Fault].
func (l *Log) Err() error {
	if err := l.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// Close stops accepting, lets what is in flight come to its end, tries to get a last final
// checkpoint, and closes the log. If ctx ends before, what was not acknowledged yet may or may not
// be recorded, as after a crash.
func (l *Log) Close(ctx context.Context) error {
	l.gate.Lock()
	was := l.closing
	l.closing = true
	l.gate.Unlock()
	if was {
		return ErrClosed
	}
	err := l.drain(ctx)
	l.cancel()
	l.running.Wait()
	l.unregister()
	return errors.Join(err, l.release())
}

func (l *Log) drain(ctx context.Context) error {
	if l.Err() != nil {
		return nil // nothing will be signed any more
	}
	select {
	case <-l.budget.drained():
	case <-l.failed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close log: statements are still in flight: %w", ctx.Err())
	}
	if err := l.sequencer.shutdown(ctx); err != nil && l.Err() == nil {
		return fmt.Errorf("close log: stop sequencer: %w", err)
	}
	last, _ := l.fast.read()
	wait, cancel := context.WithTimeout(ctx, l.patience.closing)
	defer cancel()
	if _, err := l.final.wait(wait, last.Size); err != nil {
		l.logger.Warn("closed without a final checkpoint of the last entries", "err", err)
	}
	return nil
}

func (l *Log) unregister() {
	for _, c := range l.collectors {
		l.registerer.Unregister(c)
	}
}

// Origin returns the log's name.
func (l *Log) Origin() tlog.Origin { return l.cfg.Origin }

// Key returns the key that verifies the log's checkpoints.
func (l *Log) Key() tlog.Key { return l.key }

// Policy returns the log's tlog-policy: its key, its witnesses, and the quorum it asks for.
func (l *Log) Policy() *tlog.Policy { return l.policy }

// Reader reads the log's tiles and bundles. Serve nothing beyond the size of [Log.Checkpoint].
func (l *Log) Reader() Reader { return l.reader }

// Checkpoint returns the newest fast checkpoint, and a channel that is closed when there is a newer.
func (l *Log) Checkpoint() ([]byte, <-chan struct{}) { return l.fast.show() }

// Final returns the newest final checkpoint, nil if there is none yet, and a channel that is closed
// when there is a newer.
func (l *Log) Final() ([]byte, <-chan struct{}) { return l.final.show() }
