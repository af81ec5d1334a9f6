package registry

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

// Record is what the registry keeps of one statement: enough to choose, not enough to believe. The receipt, which
// the log gives out by ID, is what proves it.
type Record struct {
	Index         uint64 // position in the log; of equal statements the first
	ID            statement.Digest
	Payload       statement.Digest // of the signed text, see [statement.Envelope.PayloadDigest]
	Issuers       []statement.Issuer
	PredicateType string
	IssuedAt      time.Time // by the issuer's own clock; zero if the predicate does not say
	Revoked       *Revocation

	revokers []statement.Issuer
}

// Revocation says that a statement's own issuer took it back. A revocation is final: revoking it does nothing, and
// who takes it back too records the statement again.
type Revocation struct {
	Index    uint64 // position in the log of the revoking statement, before or after that of the revoked one
	ID       statement.Digest
	Issuer   statement.Issuer
	IssuedAt time.Time // by the issuer's own clock
	Reason   statement.Reason
}

// newRecord returns the record of an entry, not yet with its revocation.
func newRecord(index uint64, e *statement.Envelope) Record {
	at, _ := statement.Issued(e)
	return Record{
		Index:         index,
		ID:            e.ID(),
		Payload:       e.PayloadDigest(),
		Issuers:       e.Issuers(),
		PredicateType: e.Statement().PredicateType,
		IssuedAt:      at,
		revokers:      revokers(e),
	}
}

// revokers returns who may revoke e: the issuer that its predicate names, or each signer if it names none; nobody
// for a revocation. [statement.Envelope.Revokes] has the same rule.
func revokers(e *statement.Envelope) []statement.Issuer {
	switch p := e.Predicate().(type) {
	case *statement.Content:
		return []statement.Issuer{p.Issuer}
	case *statement.Rights:
		return []statement.Issuer{p.Issuer}
	case *statement.Revoke:
		return nil
	default:
		return e.Issuers()
	}
}

// appendRecord encodes all of r but its index, which is in the key, and its revocation, which has its own row.
func appendRecord(dst []byte, r *Record) []byte {
	dst = append(dst, r.ID[:]...)
	dst = append(dst, r.Payload[:]...)
	dst = appendTime(dst, r.IssuedAt)
	dst = appendText(dst, r.PredicateType)
	dst = appendIssuers(dst, r.Issuers)
	return appendIssuers(dst, r.revokers)
}

func decodeRecord(index uint64, value []byte) (Record, error) {
	d := decoder{rest: value}
	r := Record{Index: index}
	d.digest(&r.ID)
	d.digest(&r.Payload)
	r.IssuedAt = d.time()
	r.PredicateType = d.text()
	r.Issuers = d.issuers()
	r.revokers = d.issuers()
	if err := d.end(); err != nil {
		return Record{}, fmt.Errorf("record %d: %w", index, err)
	}
	return r, nil
}

func newRevocation(index uint64, e *statement.Envelope, p *statement.Revoke) Revocation {
	return Revocation{Index: index, ID: e.ID(), Issuer: p.Issuer, IssuedAt: p.IssuedAt, Reason: p.Reason}
}

func appendRevocation(dst []byte, r *Revocation) []byte {
	dst = binary.AppendUvarint(dst, r.Index)
	dst = append(dst, r.ID[:]...)
	dst = appendTime(dst, r.IssuedAt)
	dst = appendText(dst, r.Issuer)
	return appendText(dst, r.Reason)
}

func decodeRevocation(value []byte) (*Revocation, error) {
	d := decoder{rest: value}
	r := &Revocation{Index: d.number()}
	d.digest(&r.ID)
	r.IssuedAt = d.time()
	r.Issuer = statement.Issuer(d.text())
	r.Reason = statement.Reason(d.text())
	if err := d.end(); err != nil {
		return nil, fmt.Errorf("revocation: %w", err)
	}
	return r, nil
}

// appendTime writes whole seconds, shifted by one so that 0 means that there is no time.
func appendTime(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.AppendUvarint(dst, 0)
	}
	return binary.AppendUvarint(dst, zigzag(t.Unix())+1)
}

func zigzag(n int64) uint64   { return uint64(n)<<1 ^ uint64(n>>63) }
func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }

func appendText[T ~string](dst []byte, s T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendIssuers(dst []byte, issuers []statement.Issuer) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(issuers)))
	for _, i := range issuers {
		dst = appendText(dst, i)
	}
	return dst
}

var errRow = errors.New("row is cut off or too long")

// decoder reads a row's value. After the first fault it returns zeros; end tells.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) take(n uint64) []byte {
	if d.bad || n > uint64(len(d.rest)) {
		d.bad = true
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) number() uint64 {
	v, n := binary.Uvarint(d.rest)
	if d.bad || n <= 0 {
		d.bad = true
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) digest(to *statement.Digest) { copy(to[:], d.take(uint64(len(to)))) }

func (d *decoder) text() string { return string(d.take(d.number())) }

func (d *decoder) time() time.Time {
	n := d.number()
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(unzigzag(n-1), 0).UTC()
}

func (d *decoder) issuers() []statement.Issuer {
	n := d.number()
	if n > statement.MaxSignatures {
		d.bad = true
		return nil
	}
	var list []statement.Issuer
	for range n {
		list = append(list, statement.Issuer(d.text()))
	}
	return list
}

func (d *decoder) end() error {
	if d.bad || len(d.rest) > 0 {
		return errRow
	}
	return nil
}
