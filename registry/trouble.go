package registry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// trouble is what the store's background work has met. A store that cannot write, for want of space above all,
// recovers; one that reads what was not written does not, and is thrown away when it is next opened.
type trouble struct {
	fault   atomic.Pointer[error] // why the store could not write; cleared by flush
	faulted chan struct{}         // has one when fault was set
	pending <-chan struct{}       // closed when the memory that flush gave out is on disk; belongs to the holder of appending
	damaged atomic.Bool           // the DAMAGED file is written
	full    atomic.Bool           // the ballast was thrown off
}

// events watches the store.
func (r *Registry) events() *pebble.EventListener {
	return &pebble.EventListener{
		BackgroundError: r.setFault,
		DataCorruption:  func(info pebble.DataCorruptionInfo) { r.markDamaged(info.Details) },
	}
}

// setFault notes why the store cannot write. The store tries again without end; once is enough to say so.
func (r *Registry) setFault(err error) {
	if r.fault.Swap(&err) == nil {
		r.opts.Logger.Warn("registry cannot be written", slog.Any("error", err))
	}
	select {
	case r.faulted <- struct{}{}:
	default:
	}
}

// ready makes sure that the store can write before it is given more, or waits in it would never end.
func (r *Registry) ready(ctx context.Context) error {
	if r.full.Load() {
		if err := r.takeBallast(); err != nil {
			return fmt.Errorf("%w: %w", ErrStorage, err)
		}
	}
	if r.fault.Load() == nil {
		return nil
	}
	return r.flush(ctx)
}

// flush writes what is in memory to disk.
func (r *Registry) flush(ctx context.Context) error {
	r.fault.Store(nil)
	select {
	case <-r.faulted:
	default:
	}
	if r.pending == nil {
		pending, err := r.db.AsyncFlush()
		if err != nil {
			return r.storeError(err)
		}
		r.pending = pending
	}
	select {
	case <-r.pending:
		r.pending = nil
		return nil
	case <-r.faulted:
		if fault := r.fault.Load(); fault != nil {
			return fmt.Errorf("%w: %w", ErrStorage, *fault)
		}
		return ErrStorage
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ballastBytes is a file that is there to be thrown off. When the disk is full, Pebble could end the whole program
// because a few bytes about its own files do not fit, and with it the log.
const ballastBytes = 1 << 20

// withBallast returns a file system that throws the ballast off when the disk is full, and then tries again.
func (r *Registry) withBallast(inner vfs.FS) vfs.FS {
	return vfs.OnDiskFull(inner, func() {
		if err := inner.Remove(r.path(ballastFile)); err == nil || r.full.Load() {
			r.full.Store(true)
			r.setFault(syscall.ENOSPC)
		}
	})
}

// takeBallast takes the ballast aboard, if there is room.
func (r *Registry) takeBallast() error {
	if info, err := r.fs.Stat(r.path(ballastFile)); err == nil && info.Size() == ballastBytes {
		r.full.Store(false)
		return nil
	}
	r.full.Store(false) // so that a full disk is noticed anew
	err := r.writeFile(ballastFile, make([]byte, ballastBytes))
	if err != nil {
		r.full.Store(true)
	}
	return err
}

// markDamaged makes the next Open throw the rows away.
func (r *Registry) markDamaged(err error) {
	if r.damaged.Swap(true) {
		return
	}
	r.opts.Logger.Error("registry is damaged and will be built again when it is next opened", slog.Any("error", err))
	if err := r.writeFile(damagedFile, nil); err != nil {
		r.opts.Logger.Error("registry could not be marked as damaged", slog.Any("error", err))
	}
}

// storeError turns an error of the store into one of ours.
func (r *Registry) storeError(err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, errRow), pebble.IsCorruptionError(err), errors.Is(err, fs.ErrNotExist):
		r.markDamaged(err)
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	default:
		return fmt.Errorf("%w: %w", ErrStorage, err)
	}
}

// environmental reports whether an error is the machine's and not the data's: no permission, no space, too many
// files. Throwing rows away would not help.
func environmental(err error) bool {
	number, ok := errors.AsType[syscall.Errno](err)
	return ok && number != syscall.ENOENT
}

// pebbleLogger passes on what Pebble finds wrong; its running commentary is left out.
type pebbleLogger struct {
	to    *slog.Logger
	fatal func(error)
}

// Infof is silent.
func (pebbleLogger) Infof(string, ...any) {}

// Errorf passes the message on.
func (l pebbleLogger) Errorf(format string, args ...any) {
	l.to.Error("registry store", slog.String("error", fmt.Sprintf(format, args...)))
}

// Fatalf ends the program: see [Options].
func (l pebbleLogger) Fatalf(format string, args ...any) {
	cause := fmt.Errorf("%w: %s", ErrStorage, fmt.Sprintf(format, args...))
	for _, arg := range args {
		if err, ok := arg.(error); ok {
			cause = fmt.Errorf("%w: %w", ErrStorage, err)
		}
	}
	if l.fatal != nil {
		l.fatal(cause)
	}
	panic(cause)
}
