package logserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// Facts about a log that make Open refuse, or that stop a running log. Each reaches the caller
// inside a [*Fault], which says what to do.
var (
	// ErrLocked says that another process runs this log.
	ErrLocked = errors.New("log is in use by another process")
	// ErrNotALog says that there is no log in the directory.
	ErrNotALog = errors.New("no log here")
	// ErrExists says that Init found a log, or part of one, already there.
	ErrExists = errors.New("there is a log here already")
	// ErrConfig says that the log's configuration cannot be used.
	ErrConfig = errors.New("log configuration is not usable")
	// ErrKeyChanged says that the private key is not the one the log was made with.
	ErrKeyChanged = errors.New("the key is not this log's key")
	// ErrTreeState says that the storage no longer knows the size of its tree.
	ErrTreeState = errors.New("tree state is missing or unreadable")
	// ErrDamaged says that a tile, bundle or checkpoint does not have the content that was signed.
	ErrDamaged = errors.New("stored data is damaged")
	// ErrRolledBack says that the tree is smaller than one that was signed before.
	ErrRolledBack = errors.New("the tree was rolled back")
	// ErrForked says that the tree does not contain the one that was signed before.
	ErrForked = errors.New("the tree is not an extension of the signed one")
	// ErrGuardMissing says that the guard's record of the newest signature is gone.
	ErrGuardMissing = errors.New("guard record is missing")
	// ErrGuardDamaged says that the guard's record cannot be read.
	ErrGuardDamaged = errors.New("guard record is damaged")
	// ErrGuardBehind says that the log's key signed more than the guard's record knows of.
	ErrGuardBehind = errors.New("guard record is older than a signature of this log")
	// ErrGuardForeign says that the guard's record is of another log or key, or was changed by
	// another process.
	ErrGuardForeign = errors.New("guard record belongs to another log or process")
	// ErrUnwitnessed says that no witness could tell whether it knows a larger tree of this log.
	ErrUnwitnessed = errors.New("no witness vouches for this copy of the log")
	// ErrSequencer says that Tessera does not start over storage whose tree was found whole.
	ErrSequencer = errors.New("the sequencer does not start")
	// ErrIndexAhead says that the index knows entries that the tree does not have.
	ErrIndexAhead = errors.New("the index has entries that the log does not have")
)

// Reasons why Add, Receipt and others refuse one call. The log itself is well.
var (
	// ErrBusy says that the log has as much in flight as it may. See [*BusyError] for when to retry.
	ErrBusy = errors.New("log is busy")
	// ErrBatchTooLarge says that a call has more entries than may ever be in flight.
	ErrBatchTooLarge = errors.New("more statements in one call than this log accepts")
	// ErrNotVerified says that a statement's signatures were not checked before it was added.
	ErrNotVerified = errors.New("statement was not verified")
	// ErrClosed says that the log is closing or closed.
	ErrClosed = errors.New("log is closed")
	// ErrStorage says that an entry could not be stored, for example because the disk is full. It
	// was not acknowledged; adding it again is safe.
	ErrStorage = errors.New("could not be stored")
	// ErrNotRecorded says that the log has no such entry.
	ErrNotRecorded = errors.New("no such entry in this log")
)

// Fault is something wrong with a log that its operator has to see to. Errors.Is finds the fact.
type Fault struct {
	Code string // stable name for machines: "rolled-back"
	Err  error  // one of the sentinels above
	What string // what was found
	Do   string // what the operator should do
	Path string // the file concerned, below the log's directory; empty if not a single file
}

// Error returns what was found, without the advice.
func (f *Fault) Error() string {
	if f.Path == "" {
		return f.Err.Error() + ": " + f.What
	}
	return fmt.Sprintf("%s: %s: %s", f.Err, f.Path, f.What)
}

// Unwrap returns the fact.
func (f *Fault) Unwrap() error { return f.Err }

// BusyError is an [ErrBusy] that says when to come back.
type BusyError struct {
	Reason     string
	RetryAfter time.Duration
}

// Error says that the log is busy, and with what.
func (b *BusyError) Error() string { return ErrBusy.Error() + ": " + b.Reason }

// Is makes errors.Is(err, ErrBusy) true.
func (b *BusyError) Is(target error) bool { return target == ErrBusy }

const (
	doMirror = "stop the log and copy this one file from a mirror or backup of the log; then run `wherefrom log check` before serving again"
	doBackup = "do not continue from this copy: put back the newest tiles directory (a mirror has it); " +
		"if it is lost for good, retire this log and start a new one under a new origin"
	doCheck = "stop the log and run `wherefrom log check`: it says whether only entries are concerned that were never " +
		"signed, and so never acknowledged"
	doUnsigned = "everything that was signed is whole; `wherefrom log check --restore-tree` drops the entries after it, " +
		"which were never acknowledged"
	doStale   = "only the tree's state is old: `wherefrom log check --restore-tree` reads back what was signed and writes the state anew"
	doNeither = "put the newest guard record back and run `wherefrom log check --restore-tree`; or put the newest tiles directory " +
		"back, with its .state, and run `wherefrom log check --restore-guard`; if both are lost for good, retire this log and " +
		"start a new one under a new origin"
	doGuard = "put the newest guard record back; if it is lost, `wherefrom log check --restore-guard` makes a new one " +
		"after a full check of the tree and of what the witnesses have seen"
)

// damaged is the fault of a tile or bundle whose content is not what was signed.
func damaged(path string, err error) *Fault {
	return &Fault{Code: "damaged", Err: ErrDamaged, Path: path, What: err.Error(), Do: doMirror}
}

// unsignedFault gives other advice for damage among entries that are not signed yet: no mirror has
// them.
func unsignedFault(err error, do string) error {
	var f *Fault
	if !errors.As(err, &f) || f.Err != ErrDamaged {
		return err
	}
	advised := *f
	advised.Do = do
	return &advised
}

// readFault is the error for a file that could not be read. A file that is not there is damage; any
// other reason may pass, so it is not a [Fault].
func readFault(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return damaged(path, errors.New("is missing"))
	}
	return fmt.Errorf("read %s: %w", path, err)
}

// lasting reports whether an error will not go away by trying again.
func lasting(err error) bool {
	var f *Fault
	return errors.As(err, &f)
}

func cancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
