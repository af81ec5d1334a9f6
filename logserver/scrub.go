package logserver

import (
	"context"
	"errors"
	"time"

	"golang.org/x/time/rate"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// scrub reads the whole log back, slowly, over and over, so that damage to old entries is found by
// the log and not by a reader years later. It never reads faster than the configuration allows and
// holds one bundle at a time.
func (l *Log) scrub(ctx context.Context) {
	if l.cfg.ScrubRate < 0 {
		return
	}
	pace := rate.NewLimiter(rate.Limit(l.cfg.ScrubRate), 1<<24)
	tree, _ := l.fast.read()
	wait := l.cfg.ScrubEvery // a small log was read at start-up
	if tree.Size > l.cfg.FullScan {
		wait = 0
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.failed:
			return
		case <-time.After(wait):
		}
		started := l.now()
		tree, _ := l.fast.read()
		l.scrubOnce(ctx, tree.Checkpoint, pace)
		wait = max(time.Second, l.cfg.ScrubEvery-l.now().Sub(started))
	}
}

// scrubOnce reads a signed tree back once. What it finds stops the log: nothing is signed over
// damage. A file that cannot be read for the moment is left to the next pass.
func (l *Log) scrubOnce(ctx context.Context, tree tlog.Checkpoint, pace *rate.Limiter) {
	a := audit{reader: l.reader, tree: TreeState{tree.Size, tree.Root}}
	a.paced = func(ctx context.Context, bytes int) error {
		l.metrics.scrubbed.Add(float64(a.edge.size) - float64(l.scrubAt.Swap(a.edge.size)))
		return pace.WaitN(ctx, bytes)
	}
	l.scrubAt.Store(0)
	err := a.to(ctx, tree.Size)
	if err == nil {
		err = a.finish(ctx)
	}
	if err == nil && a.edge.root() != tree.Root {
		err = damaged("", errors.New("the entries do not have the root that was signed"))
	}
	l.metrics.scrubbed.Add(float64(a.edge.size) - float64(l.scrubAt.Swap(a.edge.size)))
	switch {
	case err == nil:
		l.metrics.scrubs.WithLabelValues("whole").Inc()
		l.health.set(scrubbing, nil)
	case ctx.Err() != nil:
	case lasting(err):
		l.metrics.scrubs.WithLabelValues("damaged").Inc()
		l.fail(err)
	default:
		l.metrics.scrubs.WithLabelValues("broken-off").Inc()
		l.health.set(scrubbing, err)
		l.logger.Warn("scrub broken off", "err", err)
	}
}
