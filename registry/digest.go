package registry

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/wherefrom-network/wherefrom/statement"
)

// Digest returns a hash over all rows in the order of their keys, and how many entries of the log they cover. Two
// registries of the same log that cover the same number have the same digest, however they came by it: an
// operator's check, and our tests'. It reads everything.
func (r *Registry) Digest(ctx context.Context) (d statement.Digest, covers uint64, err error) {
	done, err := r.use()
	if err != nil {
		return d, 0, err
	}
	defer done()
	snapshot := r.db.NewSnapshot()
	defer snapshot.Close()
	it, err := snapshot.NewIterWithContext(ctx, &pebble.IterOptions{LowerBound: firstKey, UpperBound: endKey})
	if err != nil {
		return d, 0, r.storeError(err)
	}
	defer it.Close()
	h := sha256.New()
	var head []byte
	for ok := it.First(); ok; ok = it.Next() {
		key, value := it.Key(), it.Value()
		if key[0] == kindState {
			row := decoder{rest: value}
			covers = row.number()
		}
		head = binary.AppendUvarint(head[:0], uint64(len(key)))
		head = binary.AppendUvarint(head, uint64(len(value)))
		h.Write(head)
		h.Write(key)
		h.Write(value)
	}
	if err := it.Error(); err != nil {
		return d, 0, fmt.Errorf("digest of the registry: %w", r.storeError(err))
	}
	h.Sum(d[:0])
	return d, covers, nil
}
