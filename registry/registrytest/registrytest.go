// Package registrytest makes the statements and logs that tests of registries, servers and clients need. Everything
// follows from names and numbers, so that the same test makes the same bytes each time.
package registrytest

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sync"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// Time is the moment at which all statements of this package say they were issued.
var Time = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Signer returns the signer that follows from a name. Its key is no secret.
func Signer(name string) statement.Signer {
	seed := sha256.Sum256([]byte("registrytest " + name))
	s, err := statement.NewSigner(ed25519.NewKeyFromSeed(seed[:]))
	return must(s, err)
}

// Issuer returns the issuer that follows from a name.
func Issuer(name string) statement.Issuer { return Signer(name).Issuer() }

// Content returns an envelope in which the named issuer states something about the bytes of text.
func Content(issuer, text string) []byte {
	c := &statement.Content{Issuer: Issuer(issuer), IssuedAt: Time, MediaType: "text/plain", Size: int64(len(text))}
	st := must(statement.New(c, statement.NewSubject(statement.Sum([]byte(text)), "")))
	return must(statement.Sign(st, Signer(issuer)))
}

// Foreign returns an envelope with a predicate of another maker about the given digests, signed by several issuers.
func Foreign(predicateType string, digests map[string]string, issuers ...string) []byte {
	st := &statement.Statement{
		Subjects:      []statement.Subject{{Name: "thing", Digest: digests}},
		PredicateType: predicateType,
		Predicate:     []byte(`{"some":"thing"}`),
	}
	var signers []statement.Signer
	for _, name := range issuers {
		signers = append(signers, Signer(name))
	}
	return must(statement.Sign(st, signers...))
}

// Revoke returns an envelope in which the named issuer revokes target, whether that counts or not.
func Revoke(issuer string, target []byte) []byte {
	e := must(statement.Open(target))
	r := &statement.Revoke{Issuer: Issuer(issuer), IssuedAt: Time, PayloadDigest: e.PayloadDigest(), Reason: statement.Mistake}
	st := must(statement.New(r, statement.NewSubject(e.ID(), "")))
	return must(statement.Sign(st, Signer(issuer)))
}

// Open returns the envelopes of entries as a log gives them to its index: nil for what is not a statement.
func Open(entries ...[]byte) []*statement.Envelope {
	envelopes, _ := statement.OpenBatch(entries)
	return envelopes
}

// Log is a log in memory that can be followed. Its faults are functions that replace a read.
type Log struct {
	*tlogtest.Log
	Checkpoint func() ([]byte, error)
	Tile       func(ctx context.Context, level, index uint64, data []byte) ([]byte, error)
	Bundle     func(ctx context.Context, index uint64, data []byte) ([]byte, error)
}

// NewLog returns a log with the given entries.
func NewLog(entries ...[]byte) *Log {
	l := &Log{Log: tlogtest.New("example.org/log")}
	l.Append(entries...)
	return l
}

// Grow appends n content statements, "text N" by issuer "alice", and returns the log.
func (l *Log) Grow(n int) *Log {
	for range n {
		l.Append(text(int(l.Size())))
	}
	return l
}

// texts keeps what Grow has signed, for the next log.
var texts struct {
	sync.Mutex
	signed map[int][]byte
}

func text(i int) []byte {
	texts.Lock()
	defer texts.Unlock()
	if texts.signed == nil {
		texts.signed = make(map[int][]byte)
	}
	if texts.signed[i] == nil {
		texts.signed[i] = Content("alice", fmt.Sprintf("text %d", i))
	}
	return texts.signed[i]
}

// ReadCheckpoint serves the newest checkpoint, or what Checkpoint says.
func (l *Log) ReadCheckpoint(context.Context) ([]byte, error) {
	if l.Checkpoint != nil {
		return l.Checkpoint()
	}
	return l.Log.Checkpoint(), nil
}

// ReadTile serves a tile, or what Tile makes of it.
func (l *Log) ReadTile(ctx context.Context, level, index uint64, partial uint8) ([]byte, error) {
	data, err := l.Log.ReadTile(ctx, level, index, partial)
	if err == nil && l.Tile != nil {
		return l.Tile(ctx, level, index, data)
	}
	return data, err
}

// ReadEntryBundle serves an entry bundle, or what Bundle makes of it.
func (l *Log) ReadEntryBundle(ctx context.Context, index uint64, partial uint8) ([]byte, error) {
	data, err := l.Log.ReadEntryBundle(ctx, index, partial)
	if err == nil && l.Bundle != nil {
		return l.Bundle(ctx, index, data)
	}
	return data, err
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Unsigned returns an envelope in which an issuer seems to state something about text. Its signature is not one, which
// a registry does not look at: where many are needed, making them costs less.
func Unsigned(issuer statement.Issuer, text []byte) *statement.Envelope {
	payload := fmt.Appendf(nil, `{"_type":%q,"subject":[{"name":"","digest":{"sha256":%q}}],"predicateType":%q,`+
		`"predicate":{"issuer":%q,"issuedAt":%q,"size":%d,"mediaType":"image/jpeg","title":"holiday.jpg"}}`,
		statement.Type, statement.Sum(text).Hex(), statement.ContentType, issuer, Time.Format(time.RFC3339), len(text))
	raw := fmt.Appendf(nil, `{"payload":%q,"payloadType":%q,"signatures":[{"keyid":%q,"sig":%q}]}`,
		base64.StdEncoding.EncodeToString(payload), statement.PayloadType, issuer, base64.StdEncoding.EncodeToString(make([]byte, 64)))
	return must(statement.Parse(raw))
}
