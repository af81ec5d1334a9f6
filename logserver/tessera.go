package logserver

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/transparency-dev/tessera"
	"k8s.io/klog/v2"
)

// sequencer is Tessera: it puts entries in order and writes them into the tree.
type sequencer struct {
	add      tessera.AddFn
	shutdown func(context.Context) error
	size     func(context.Context) (uint64, error) // of the durable tree, signed or not
}

// startTessera starts the sequencer. The guard is its only signer. It works until ctx ends.
func startTessera(ctx context.Context, s Storage, guard *Guard, cfg Config) (*sequencer, error) {
	driver, err := s.Driver(ctx)
	if err != nil {
		return nil, fmt.Errorf("open storage driver: %w", err)
	}
	opts := tessera.NewAppendOptions().
		WithCheckpointSigner(guard, guard.COSE()).
		WithBatching(cfg.Batch, cfg.BatchAge).
		WithCheckpointInterval(cfg.Checkpoint).
		WithCheckpointRepublishInterval(0).
		WithPushback(uint(cfg.InFlight)).
		WithGarbageCollectionInterval(time.Minute)
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, opts)
	if err != nil {
		return nil, &Fault{
			Code: "sequencer", Err: ErrSequencer, What: err.Error(),
			Do: "see to what it names; tiles, bundles and signatures were found whole before",
		}
	}
	return &sequencer{add: appender.Add, shutdown: shutdown, size: reader.IntegratedSize}, nil
}

// quiet takes over what Tessera logs through klog, which is one for the whole process: it goes to
// the logger of the log that was opened last, at debug level, because what matters of it reaches
// the operator through errors and health. A nil logger changes nothing but that klog is silent
// from now on if it was not taken over before.
func quiet(logger *slog.Logger) {
	quietOnce.Do(func() {
		tesseraLog.Store(slog.New(slog.DiscardHandler))
		klog.SetSlogLogger(slog.New(debugHandler{}))
	})
	if logger != nil {
		tesseraLog.Store(logger)
	}
}

var (
	quietOnce  sync.Once
	tesseraLog atomic.Pointer[slog.Logger]
)

// debugHandler passes every record on to tesseraLog, at debug level.
type debugHandler struct{}

func (debugHandler) Enabled(ctx context.Context, _ slog.Level) bool {
	return tesseraLog.Load().Handler().Enabled(ctx, slog.LevelDebug)
}

func (debugHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return tesseraLog.Load().Handler().Handle(ctx, r)
}

func (h debugHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h debugHandler) WithGroup(string) slog.Handler      { return h }
