package server

import (
	"context"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// backend is the log behind a server: one in the same process, or one that is reached over HTTP.
type backend interface {
	// submit records statements and waits for a checkpoint that covers them all.
	submit(ctx context.Context, wait logserver.Wait, envelopes []*statement.Envelope) (*outcome, error)
	// receipt returns the receipt of an entry, waiting until there is a checkpoint that covers it.
	receipt(ctx context.Context, index uint64, wait logserver.Wait) (*receipt.Receipt, error)
	// checkpoint returns the newest one; fs.ErrNotExist if there is none yet.
	checkpoint(ctx context.Context, wait logserver.Wait) ([]byte, error)
	// tile returns a hash tile or entry bundle, if the published tree has it.
	tile(ctx context.Context, t tlog.Tile) ([]byte, error)
	// size returns how many entries the log is known to have published.
	size() uint64
	// health says how the log is, and in words what is wrong with it. ok is false if the server should get no traffic.
	health() (h *client.LogHealth, problems []string, ok bool)
	// run does what has to go on in the background until ctx ends.
	run(ctx context.Context)
}

// outcome is what became of the statements of one submission.
type outcome struct {
	logserver.Batch
	// refused has those that the log's own server does not take, by their place; their entries are empty.
	refused map[int]*problem
}
