package logserver

import (
	"context"
	"time"

	"github.com/transparency-dev/tessera"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// Reader reads what the log has published, as it lies in storage. Tessera's LogReader and its fsck
// read the same way. A partial tile or bundle that is no longer there is answered with the full one.
type Reader interface {
	ReadCheckpoint(ctx context.Context) ([]byte, error)
	ReadTile(ctx context.Context, level, index uint64, partial uint8) ([]byte, error)
	ReadEntryBundle(ctx context.Context, index uint64, partial uint8) ([]byte, error)
}

// TreeState is what the storage says about its own tree.
type TreeState struct {
	Size uint64
	Root tlog.Hash
}

// Storage is what this package needs to know of a Tessera driver besides the driver itself. The
// POSIX one is in posix.go; one for MySQL and S3, or for Spanner and GCS, implements the same. If it
// has a method Running() bool, [Check] uses it to say whether a process has the log open.
type Storage interface {
	// Lock makes this process the only one that writes, until release is called. The error is
	// [ErrLocked] if another process holds it.
	Lock(ctx context.Context) (release func() error, err error)
	// Tree returns the state of the tree without changing anything. It is called before the driver
	// exists, and up to a hundred times a second while it runs. A missing state is [ErrTreeState],
	// never an empty tree: an empty tree over an old one would be signed as such.
	Tree(ctx context.Context) (TreeState, error)
	// SetTree replaces a tree state that is missing or wrong. Only [RestoreTree] calls it, after it
	// has read the whole tree back.
	SetTree(ctx context.Context, tree TreeState) error
	// Reader reads tiles and bundles, whether the driver runs or not.
	Reader() Reader
	// Driver returns Tessera's driver. Only Init may let it create anything.
	Driver(ctx context.Context) (tessera.Driver, error)
	// SetCheckpoint replaces a checkpoint that is damaged, missing or stale.
	SetCheckpoint(ctx context.Context, signed []byte) error
	// Sweep removes what interrupted writes left behind, near the right edge of a tree of the given
	// size, if it is older than age, and says how many files that were.
	Sweep(ctx context.Context, size uint64, age time.Duration) (removed int, err error)
	// Final returns the newest checkpoint with a quorum of cosignatures; nil if there is none.
	Final(ctx context.Context) ([]byte, error)
	// SetFinal keeps it durably.
	SetFinal(ctx context.Context, signed []byte) error
}

// RecordStore keeps the guard's record. It should lie where a restored backup of the log's storage
// does not reach.
type RecordStore interface {
	// Load returns the record; fs.ErrNotExist if there is none.
	Load() ([]byte, error)
	// Save replaces the record. When it returns nil, the record survives a power failure.
	Save(record []byte) error
}
