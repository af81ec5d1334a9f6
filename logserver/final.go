package logserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
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
		l.health.set(finalizing, err)
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
		return l.judge(ctx, round.Outcomes(), err)
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
		_ = l.judge(ctx, outcomes, nil)
	}
}

// judge looks for a witness that has the log's own signature on a tree that this log does not have:
// then another copy of the log has signed, and this one stops. A witness that only says so may be
// wrong; it stops nothing but what needs its cosignature. Nor is it a conflict if somebody else
// showed the witness a newer checkpoint of ours than the one it was asked about.
func (l *Log) judge(ctx context.Context, outcomes []witness.Outcome, err error) error {
	for _, o := range outcomes {
		var conflict *witness.ConflictError
		if errors.As(o.Err, &conflict) && l.contradicts(ctx, conflict.Signed) {
			f := conflictFault(o.Err)
			l.fail(f)
			return f
		}
	}
	return err
}

// contradicts reports whether a checkpoint is signed by this log and not of its tree.
func (l *Log) contradicts(ctx context.Context, signed []byte) bool {
	c, _, err := tlog.OpenCheckpoint(signed, l.key)
	if err != nil {
		return false
	}
	if c.Size > l.guard.Record().Size {
		return true
	}
	root, err := l.prover.Root(ctx, c.Size)
	return err == nil && root != c.Root
}

// conflictFault is the fault of a log of which a witness knows another past or a longer one.
func conflictFault(err error) *Fault {
	if errors.Is(err, witness.ErrWitnessForked) {
		return forked(err.Error())
	}
	return &Fault{Code: "rolled-back", Err: ErrRolledBack, What: err.Error(), Do: doBackup}
}

// askWitnesses asks the witnesses, before anything new is signed, whether they know a larger or
// another tree: only they can tell that the whole directory was restored from a backup, the guard's
// record with it. Here a witness's word is enough to refuse. At least one has to answer, unless the
// operator vouches for the directory with Options.Unwitnessed.
func (l *Log) askWitnesses(ctx context.Context, opts Options) error {
	if l.witnesses == nil {
		return nil
	}
	limit, cancel := context.WithTimeout(ctx, opts.WitnessWait)
	defer cancel()
	for wait := askAgain; ; wait *= 2 {
		answered, err := l.askOnce(limit)
		if answered || lasting(err) || ctx.Err() != nil {
			return err
		}
		l.logger.Warn("no witness could say whether it knows a larger tree", "err", err)
		if opts.Unwitnessed {
			return nil
		}
		select {
		case <-time.After(wait):
		case <-limit.Done():
			return &Fault{
				Code: "unwitnessed", Err: ErrUnwitnessed, What: "none of them answered: " + strings.ReplaceAll(err.Error(), "\n", "; "),
				Do: "make a witness of the policy reachable; or, if you know that this directory was not restored from a backup, start it once with `wherefrom log serve --unwitnessed`",
			}
		}
	}
}

// askOnce asks all witnesses about the newest signed checkpoint and keeps their cosignatures. It
// reports whether any could say what it has seen of this log; if not, the error says why.
func (l *Log) askOnce(ctx context.Context) (answered bool, err error) {
	tree, _ := l.fast.read()
	round, err := l.witnesses.Ask(ctx, tree.raw)
	if err != nil {
		return false, err
	}
	outcomes, err := round.Wait(ctx)
	l.metrics.answered(outcomes)
	errs := []error{err}
	for _, o := range outcomes {
		var refused *witness.RefusedError
		switch {
		case o.Err == nil:
			answered = true
		case errors.Is(o.Err, witness.ErrWitnessAhead), errors.Is(o.Err, witness.ErrWitnessForked):
			return true, conflictFault(o.Err)
		case errors.As(o.Err, &refused) && (refused.Status == http.StatusNotFound || refused.Status == http.StatusForbidden):
			answered = true // it has never cosigned anything under this key
		}
		errs = append(errs, o.Err)
	}
	if !answered {
		return false, errors.Join(errs...)
	}
	raw := round.Checkpoint()
	if _, err := l.policy.Check(raw); err != nil {
		return true, nil // the final checkpoint has to wait; publishFinal goes on asking
	}
	if err := l.storage.SetFinal(ctx, raw); err != nil {
		return true, fmt.Errorf("keep final checkpoint: %w", err)
	}
	l.restoreFinal(raw)
	return true, nil
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
	l.final.post(&signedTree{Checkpoint: v.Checkpoint, raw: raw})
}
