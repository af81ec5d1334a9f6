package registry

import (
	"context"
	"log/slog"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// SetFS makes a registry live in another file system.
func (o *Options) SetFS(fs vfs.FS) { o.fs = fs }

// Flush writes what is in memory to disk, as the store does by itself from time to time.
func (r *Registry) Flush(ctx context.Context) error {
	r.appending.Lock()
	defer r.appending.Unlock()
	return r.flush(ctx)
}

// FormatVersion is the format that this program writes.
const FormatVersion = formatVersion

// PebbleLogger is what the store is given to say that it cannot go on.
func PebbleLogger(fatal func(error)) interface{ Fatalf(string, ...any) } {
	return pebbleLogger{slog.New(slog.DiscardHandler), fatal}
}
