package registry

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/wherefrom-network/wherefrom/statement"
)

// Append takes in the log's entries from index first on, in order: all or none. A nil entry is one that is not a
// statement. The caller has verified the signatures. Entries that were taken in before are passed over, so a call
// may be repeated; [ErrConflict] says that they are not the same entries, [ErrGap] that some are missing before.
func (r *Registry) Append(ctx context.Context, first uint64, entries []*statement.Envelope) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done, err := r.use()
	if err != nil {
		return err
	}
	defer done()
	r.appending.Lock()
	defer r.appending.Unlock()
	if err := r.append(ctx, first, entries); err != nil {
		return fmt.Errorf("append entries from %d on: %w", first, err)
	}
	return nil
}

func (r *Registry) append(ctx context.Context, first uint64, entries []*statement.Envelope) error {
	state := *r.state.Load()
	if first > state.Next {
		return fmt.Errorf("%w: the registry is at %d", ErrGap, state.Next)
	}
	known := min(state.Next-first, uint64(len(entries)))
	for i, e := range entries[:known] {
		if err := r.checkSame(first+uint64(i), e); err != nil {
			return err
		}
	}
	if entries = entries[known:]; len(entries) == 0 {
		return nil
	}
	if err := r.ready(ctx); err != nil {
		return err
	}
	w := writer{db: r.db, batch: r.db.NewBatchWithSize(len(entries) * 512), state: state, ids: make(map[statement.Digest]bool, len(entries))}
	defer w.batch.Close()
	for _, e := range entries {
		if err := w.entry(e); err != nil {
			return r.storeError(err)
		}
	}
	if err := w.commit(); err != nil {
		return r.storeError(err)
	}
	r.setState(w.state)
	return nil
}

// checkSame makes sure that an entry which was taken in before is the one given now.
func (r *Registry) checkSame(index uint64, e *statement.Envelope) error {
	value, closer, err := r.db.Get(appendRecordKey(nil, index))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil // not a statement, or repeated
	}
	if err != nil {
		return r.storeError(err)
	}
	defer closer.Close()
	rec, err := decodeRecord(index, value)
	if err != nil {
		return r.storeError(err)
	}
	if e == nil || e.ID() != rec.ID {
		return fmt.Errorf("%w: index %d", ErrConflict, index)
	}
	return nil
}

// writer makes the rows of one batch. Each entry's rows depend on that entry alone, but for the question whether an
// earlier one has the same bytes or revokes the same statement; the first wins, so the split into batches does not
// matter.
type writer struct {
	db         *pebble.DB
	batch      *pebble.Batch
	state      State
	ids        map[statement.Digest]bool // statements in this batch
	revoked    map[string]bool           // keys of revocations in this batch
	key, value []byte                    // scratch
}

func (w *writer) entry(e *statement.Envelope) error {
	index := w.state.Next
	w.state.Next++
	if e == nil {
		w.state.Skipped++
		return nil
	}
	id := e.ID()
	w.key = appendIDKey(w.key[:0], id)
	repeated := w.ids[id]
	if !repeated {
		var err error
		if repeated, err = has(w.db, w.key); err != nil {
			return err
		}
	}
	if repeated {
		w.state.Repeated++
		return nil
	}
	w.ids[id] = true
	w.value = binary.BigEndian.AppendUint64(w.value[:0], index)
	if err := w.batch.Set(w.key, w.value, nil); err != nil {
		return err
	}
	rec := newRecord(index, e)
	w.key, w.value = appendRecordKey(w.key[:0], index), appendRecord(w.value[:0], &rec)
	if err := w.batch.Set(w.key, w.value, nil); err != nil {
		return err
	}
	if err := w.lists(&rec, e.Statement()); err != nil {
		return err
	}
	if p, ok := e.Predicate().(*statement.Revoke); ok {
		return w.revocation(newRevocation(index, e, p), p.PayloadDigest)
	}
	return nil
}

// lists adds the entry to the lists it can be found in.
func (w *writer) lists(rec *Record, st *statement.Statement) error {
	if err := w.list(kindPredicate, nameOf(rec.PredicateType), rec.Index); err != nil {
		return err
	}
	for _, i := range rec.Issuers {
		if err := w.list(kindIssuer, nameOf(i), rec.Index); err != nil {
			return err
		}
	}
	for _, s := range st.Subjects {
		for algorithm, value := range s.Digest {
			if err := w.list(kindSubject, nameOf(subjectOf(algorithm, value)), rec.Index); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) list(kind byte, n name, index uint64) error {
	w.key = appendListKey(w.key[:0], kind, n, index)
	return w.batch.Set(w.key, nil, nil)
}

// revocation notes the first revocation of a signed text by an issuer, whether that text is known yet or not.
func (w *writer) revocation(rev Revocation, payload statement.Digest) error {
	w.key = appendRevokedKey(w.key[:0], payload, rev.Issuer)
	if w.revoked[string(w.key)] {
		return nil
	}
	if found, err := has(w.db, w.key); found || err != nil {
		return err
	}
	if w.revoked == nil {
		w.revoked = make(map[string]bool)
	}
	w.revoked[string(w.key)] = true
	w.value = appendRevocation(w.value[:0], &rev)
	return w.batch.Set(w.key, w.value, nil)
}

func (w *writer) commit() error {
	if err := w.batch.Set(stateKey, appendState(nil, w.state), nil); err != nil {
		return err
	}
	return w.batch.Commit(pebble.NoSync)
}

func has(db *pebble.DB, key []byte) (bool, error) {
	_, closer, err := db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, closer.Close()
}

func appendState(dst []byte, s State) []byte {
	for _, n := range []uint64{s.Next, s.Repeated, s.Skipped} {
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}

func readState(db *pebble.DB) (State, error) {
	value, closer, err := db.Get(stateKey)
	if errors.Is(err, pebble.ErrNotFound) {
		return State{}, nil
	}
	if err != nil {
		return State{}, err
	}
	defer closer.Close()
	d := decoder{rest: value}
	s := State{Next: d.number(), Repeated: d.number(), Skipped: d.number()}
	if err := d.end(); err != nil {
		return State{}, fmt.Errorf("state: %w", err)
	}
	return s, nil
}
