package logserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wherefrom-network/wherefrom/logserver/witness"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// How long the log waits before it asks the witnesses again after they were too few.
const (
	askAgain    = 200 * time.Millisecond
	askAgainMax = 15 * time.Second
)

// publishFinal has each newest fast checkpoint cosigned, and publishes it when the policy's quorum
// is met. While one is asked about, the next ones gather.
func (l *Log) publishFinal(ctx context.Context) {
	wait := askAgain
	for {
		tree, err := l.nextToCosign(ctx)
		if err != nil {
			return
		}
		if err = l.cosign(ctx, tree); err == nil {
			wait = askAgain
		}
		l.health.set("final checkpoint", err)
		if err == nil || l.Err() != nil {
			continue
		}
		l.logger.Warn("no final checkpoint", "err", err, "retry_in", wait)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
			wait = min(2*wait, askAgainMax)
		}
	}
}

// nextToCosign waits for a fast checkpoint that is not final yet.
func (l *Log) nextToCosign(ctx context.Context) (*signedTree, error) {
	for {
		tree, changed := l.fast.read()
		if final, _ := l.final.read(); final == nil || final.Size < tree.Size {
			return tree, l.Err()
		}
		select {
		case <-changed:
		case <-l.failed:
			return nil, l.Err()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// cosign asks the witnesses about one checkpoint and publishes it if enough of them cosign.
func (l *Log) cosign(ctx context.Context, tree *signedTree) error {
	started := l.now()
	round, err := l.witnesses.Ask(ctx, tree.raw)
	if err != nil {
		return err
	}
	raw, err := round.Quorum(ctx)
	l.running.Go(func() { l.count(ctx, round) })
	if err != nil {
		return l.judge(round.Outcomes(), err)
	}
	if err := l.storage.SetFinal(ctx, raw); err != nil {
		return fmt.Errorf("keep final checkpoint: %w", err)
	}
	l.final.post(&signedTree{Checkpoint: tree.Checkpoint, raw: raw})
	l.metrics.durations.WithLabelValues("final").Observe(l.now().Sub(started).Seconds())
	return nil
}

// count waits for the last witnesses of a round, for the metrics and for proof against the log.
func (l *Log) count(ctx context.Context, round *witness.Round) {
	outcomes, err := round.Wait(ctx)
	l.metrics.answered(outcomes)
	if err == nil {
		_ = l.judge(outcomes, nil)
	}
}

// judge looks for a witness that has the log's own signature on a tree that the log does not have:
// then another copy of the log has signed, and this one stops. A witness that only says so may be
// wrong; it stops nothing but what needs its cosignature.
func (l *Log) judge(outcomes []witness.Outcome, err error) error {
	for _, o := range outcomes {
		var conflict *witness.ConflictError
		if errors.As(o.Err, &conflict) && conflict.Signed != nil {
			f := conflictFault(o.Err)
			l.fail(f)
			return f
		}
	}
	return err
}

// conflictFault is the fault of a log of which a witness knows another past or a longer one.
func conflictFault(err error) *Fault {
	if errors.Is(err, witness.ErrWitnessForked) {
		return forked(err.Error())
	}
	return &Fault{Code: "rolled-back", Err: ErrRolledBack, What: err.Error(), Do: doBackup}
}

// askWitnesses asks the witnesses, before anything new is signed, whether they know a larger or
// another tree: that is how a restored backup shows which has the guard's record in it. Here a
// witness's word is enough to refuse. Witnesses that do not answer are passed over with a warning.
func (l *Log) askWitnesses(ctx context.Context) error {
	if l.witnesses == nil {
		return nil
	}
	tree, _ := l.fast.read()
	round, err := l.witnesses.Ask(ctx, tree.raw)
	if err != nil {
		return err
	}
	outcomes, err := round.Wait(ctx)
	if err != nil {
		return err
	}
	l.metrics.answered(outcomes)
	for _, o := range outcomes {
		switch {
		case errors.Is(o.Err, witness.ErrWitnessAhead), errors.Is(o.Err, witness.ErrWitnessForked):
			return conflictFault(o.Err)
		case o.Err != nil:
			l.logger.Warn("a witness could not be asked whether it knows a larger tree", "err", o.Err)
		}
	}
	raw := round.Checkpoint()
	if _, err := l.policy.Check(raw); err == nil {
		if err := l.storage.SetFinal(ctx, raw); err != nil {
			return fmt.Errorf("keep final checkpoint: %w", err)
		}
		l.restoreFinal(raw)
	}
	return nil
}

// restoreFinal shows a final checkpoint from storage, if the policy still accepts it.
func (l *Log) restoreFinal(raw []byte) {
	if l.final == l.fast {
		return
	}
	v, err := l.policy.Check(raw)
	if err != nil {
		l.logger.Info("the stored final checkpoint does not meet the present policy", "err", err)
		return
	}
	l.final.post(&signedTree{Checkpoint: tlog.Checkpoint(v.Checkpoint), raw: raw})
}
