package registry

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"

	"github.com/wherefrom-network/wherefrom/statement"
)

// Limits of one page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
	// maxPageBytes bounds the memory of a page: what strangers wrote into their statements can be long.
	maxPageBytes = 1 << 20
	// maxScan bounds the work of one call whose query has a second condition: a page may come back short, or even
	// empty, with a cursor to go on from.
	maxScan = 4096
)

// Subject names bytes by one of their digests, "algorithm:digest", as the statement wrote it.
type Subject string

// ParseSubject reads "algorithm:digest", or the 64 bare hex digits of a SHA-256.
func ParseSubject(s string) (Subject, error) {
	if d, err := statement.ParseDigest(s); err == nil {
		return SubjectOf(d), nil
	}
	algorithm, value, ok := strings.Cut(s, ":")
	if !ok || algorithm == "" || value == "" || algorithm == "sha256" {
		return "", fmt.Errorf("%w: %.80q is not a digest such as sha256:<64 lower-case hex digits>", ErrQuery, s)
	}
	return subjectOf(algorithm, value), nil
}

// SubjectOf returns the subject with this SHA-256.
func SubjectOf(d statement.Digest) Subject { return Subject(d.String()) }

func subjectOf(algorithm, value string) Subject { return Subject(algorithm + ":" + value) }

// Query says what to look for. At least one field is set; a record has to match all that are.
type Query struct {
	Subject       Subject
	Issuer        statement.Issuer
	PredicateType string
}

// Page says which part of a list is wanted. The zero value is the oldest [DefaultLimit] records.
type Page struct {
	After  Cursor
	Limit  int  // at most MaxLimit; DefaultLimit if zero
	Newest bool // newest first, instead of the order of the log
}

// Cursor is where a page ended. It stays good for ever, and is meant for the same query in the same order. Empty, it
// is the beginning, or says that there is no more.
type Cursor string

// Results is one page of a list.
type Results struct {
	Records []Record
	Next    Cursor // where the next page begins; empty if there is none
	// Covers is how many entries of the log this answer knows about. "Nothing found" means: nothing in these.
	Covers uint64
}

// Find returns the records that match the query. A page may have fewer than Limit, and still not be the last one.
func (r *Registry) Find(ctx context.Context, q Query, page Page) (Results, error) {
	done, err := r.use()
	if err != nil {
		return Results{}, err
	}
	defer done()
	res, err := r.find(ctx, q, page)
	if err != nil {
		return Results{}, fmt.Errorf("find: %w", err)
	}
	return res, nil
}

func (r *Registry) find(ctx context.Context, q Query, page Page) (Results, error) {
	bounds, err := q.bounds(page)
	if err != nil {
		return Results{}, err
	}
	limit, err := page.limit()
	if err != nil {
		return Results{}, err
	}
	res := Results{Covers: r.Next()}
	snapshot := r.db.NewSnapshot() // so that a Reset in the middle does not look like damage
	defer snapshot.Close()
	it, err := snapshot.NewIterWithContext(ctx, bounds)
	if err != nil {
		return Results{}, r.storeError(err)
	}
	defer it.Close()
	start, step := it.First, it.Next
	if page.Newest {
		start, step = it.Last, it.Prev
	}
	size := 0
	more := start()
	for scanned := 0; more && len(res.Records) < limit && scanned < maxScan && size < maxPageBytes; more = step() {
		scanned++
		rec, err := r.record(snapshot, listIndex(it.Key()))
		if err != nil {
			return Results{}, err
		}
		if q.matches(&rec) {
			res.Records = append(res.Records, rec)
			size += 200 + len(rec.PredicateType) + 64*len(rec.Issuers)
		}
		res.Next = Cursor(strconv.FormatUint(rec.Index, 10))
	}
	if err := it.Error(); err != nil {
		return Results{}, r.storeError(err)
	}
	if !more {
		res.Next = ""
	}
	return res, nil
}

// bounds chooses the list to walk, the one likely to be shortest, and the part of it that the page is in.
func (q Query) bounds(page Page) (*pebble.IterOptions, error) {
	var kind byte
	var n name
	switch {
	case q.Subject != "":
		kind, n = kindSubject, nameOf(q.Subject)
	case q.Issuer != "":
		kind, n = kindIssuer, nameOf(q.Issuer)
	case q.PredicateType != "":
		kind, n = kindPredicate, nameOf(q.PredicateType)
	default:
		return nil, fmt.Errorf("%w: it names no subject, issuer or predicate type", ErrQuery)
	}
	low, high := uint64(0), ^uint64(0)
	if page.After != "" {
		after, err := strconv.ParseUint(string(page.After), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("%w: %.40q is not a cursor", ErrQuery, string(page.After))
		}
		if page.Newest {
			high = after
		} else {
			low = after + 1
		}
	}
	return &pebble.IterOptions{
		LowerBound: appendListKey(nil, kind, n, low),
		UpperBound: appendListKey(nil, kind, n, high),
	}, nil
}

func (p Page) limit() (int, error) {
	switch {
	case p.Limit == 0:
		return DefaultLimit, nil
	case p.Limit < 0, p.Limit > MaxLimit:
		return 0, fmt.Errorf("%w: a page has 1 to %d records, not %d", ErrQuery, MaxLimit, p.Limit)
	default:
		return p.Limit, nil
	}
}

// matches checks the conditions that the list which is walked has not met already.
func (q Query) matches(rec *Record) bool {
	return (q.Issuer == "" || slices.Contains(rec.Issuers, q.Issuer)) &&
		(q.PredicateType == "" || q.PredicateType == rec.PredicateType)
}

// ByID returns the record of a statement.
func (r *Registry) ByID(id statement.Digest) (rec Record, ok bool, err error) {
	done, err := r.use()
	if err != nil {
		return Record{}, false, err
	}
	defer done()
	snapshot := r.db.NewSnapshot()
	defer snapshot.Close()
	index, ok, err := r.lookup(snapshot, id)
	if err != nil || !ok {
		return Record{}, false, err
	}
	rec, err = r.record(snapshot, index)
	return rec, err == nil, err
}

// Lookup returns the index of the first log entry with this statement.
func (r *Registry) Lookup(id statement.Digest) (index uint64, ok bool, err error) {
	done, err := r.use()
	if err != nil {
		return 0, false, err
	}
	defer done()
	return r.lookup(r.db, id)
}

func (r *Registry) lookup(rows pebble.Reader, id statement.Digest) (index uint64, ok bool, err error) {
	var key [1 + len(id)]byte
	value, closer, err := rows.Get(appendIDKey(key[:0], id))
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look up %s: %w", id, r.storeError(err))
	}
	defer closer.Close()
	if len(value) != 8 {
		return 0, false, fmt.Errorf("look up %s: %w", id, r.storeError(errRow))
	}
	return binary.BigEndian.Uint64(value), true, nil
}

// record reads one record and whether it was revoked.
func (r *Registry) record(rows pebble.Reader, index uint64) (Record, error) {
	var key [9]byte
	value, closer, err := rows.Get(appendRecordKey(key[:0], index))
	if errors.Is(err, pebble.ErrNotFound) {
		err = fmt.Errorf("%w: record %d is missing", errRow, index) // a list or an id has it
	}
	if err != nil {
		return Record{}, r.storeError(err)
	}
	rec, err := decodeRecord(index, value)
	_ = closer.Close()
	if err == nil {
		rec.Revoked, err = revocation(rows, &rec)
	}
	if err != nil {
		return Record{}, r.storeError(err)
	}
	return rec, nil
}

// revocation returns the first revocation of rec, if any of those who may revoke it did.
func revocation(rows pebble.Reader, rec *Record) (first *Revocation, err error) {
	var key [1 + 2*nameSize]byte
	for _, issuer := range rec.revokers {
		value, closer, err := rows.Get(appendRevokedKey(key[:0], rec.Payload, issuer))
		if errors.Is(err, pebble.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rev, err := decodeRevocation(value)
		_ = closer.Close()
		if err != nil {
			return nil, err
		}
		if first == nil || rev.Index < first.Index {
			first = rev
		}
	}
	return first, nil
}
