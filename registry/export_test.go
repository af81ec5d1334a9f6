package registry

import (
	"context"

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
