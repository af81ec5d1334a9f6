package registry

import (
	"errors"
	"fmt"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// Facts about a registry's own store.
var (
	// ErrLocked says that another process uses the registry.
	ErrLocked = errors.New("registry is in use by another process")
	// ErrNewer says that a newer version of this program wrote the registry.
	ErrNewer = errors.New("registry was written by a newer version of this program")
	// ErrOtherLog says that the registry is of another log.
	ErrOtherLog = errors.New("registry is of another log")
	// ErrForeignDir says that the directory holds something that is not a registry.
	ErrForeignDir = errors.New("directory is not empty and not a registry")
	// ErrDamaged says that the store's files are not what was written. [Open] repairs that by starting anew.
	ErrDamaged = errors.New("registry is damaged")
	// ErrClosed says that the registry was closed.
	ErrClosed = errors.New("registry is closed")
	// ErrStorage says that the store cannot write, for example because the disk is full. Nothing is lost: the
	// entries are in the log, and Append goes on when there is room.
	ErrStorage = errors.New("registry cannot be written")
)

// Reasons why one call is refused.
var (
	// ErrGap says that Append was called with entries that do not follow the last ones.
	ErrGap = errors.New("entries are missing before these")
	// ErrConflict says that an entry is not the one that the registry has at its index.
	ErrConflict = errors.New("another statement is recorded at this index")
	// ErrQuery says that a query or cursor cannot be read.
	ErrQuery = errors.New("not a query")
	// ErrNoLog says that a registry that was opened without a log's key cannot follow one.
	ErrNoLog = errors.New("registry was opened without the key of a log to follow")
)

// What may be wrong with a log that is followed.
var (
	// ErrForked says that the log signed two trees of which neither begins with the other.
	ErrForked = errors.New("log has forked")
	// ErrRolledBack says that the log showed a smaller tree than before.
	ErrRolledBack = errors.New("log has rolled back")
	// ErrWrongTile says that tiles do not hash to the root that the log signed.
	ErrWrongTile = errors.New("log serves tiles that are not of the tree it signed")
	// ErrWrongBundle says that an entry bundle is not the one in the tree.
	ErrWrongBundle = errors.New("log serves entries that are not of the tree it signed")
	// ErrStalled says that the log did not answer in time.
	ErrStalled = errors.New("log does not answer")
)

// ConflictError is two signed checkpoints of one log that do not go together. [ErrForked] and [ErrRolledBack] are
// found in it with errors.Is. A fork is proof against the log's operator: keep both checkpoints.
type ConflictError struct {
	Fact     error // ErrForked or ErrRolledBack
	Old, New tlog.Checkpoint
	// OldSigned and NewSigned are the checkpoints as the log signed them.
	OldSigned, NewSigned []byte
	// File is where both are kept; empty if they could not be.
	File string
}

// Error names the sizes of both checkpoints.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%q: %v: tree of %d with root %s, after tree of %d with root %s",
		e.Old.Origin, e.Fact, e.New.Size, e.New.Root, e.Old.Size, e.Old.Root)
}

// Unwrap returns the fact.
func (e *ConflictError) Unwrap() error { return e.Fact }
