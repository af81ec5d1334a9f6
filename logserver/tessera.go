package logserver

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
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
		return nil, fmt.Errorf("start sequencer: %w", err)
	}
	return &sequencer{add: appender.Add, shutdown: shutdown, size: reader.IntegratedSize}, nil
}

// quiet sends what Tessera logs through klog to the logger of the first log that opens, at debug
// level: what matters of it reaches the operator through errors and health. klog is one for the
// whole process.
func quiet(logger *slog.Logger) {
	quietOnce.Do(func() {
		klog.SetSlogLogger(slog.New(debugHandler{logger.Handler()}))
	})
}

var quietOnce sync.Once

// debugHandler lowers every record to debug level.
type debugHandler struct{ slog.Handler }

func (h debugHandler) Enabled(ctx context.Context, _ slog.Level) bool {
	return h.Handler.Enabled(ctx, slog.LevelDebug)
}

func (h debugHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return h.Handler.Handle(ctx, r)
}

func (h debugHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return debugHandler{h.Handler.WithAttrs(attrs)}
}

func (h debugHandler) WithGroup(name string) slog.Handler {
	return debugHandler{h.Handler.WithGroup(name)}
}
