// Package receipttest makes receipts for tests: signed statements in logs in memory, and in logs
// far too large for memory.
//
//	alice := receipttest.Signer("alice")
//	env := receipttest.Content(alice, "photo.jpg", []byte("the bytes"))
//	log := tlogtest.New("example.org/log").Grow(1000)
//	r := receipttest.Record(log, env, "witness-1", "witness-2")
//
// Keys follow from names and times are fixed, so that the same test makes the same bytes each time.
package receipttest

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// Issued is when statements made here were issued, by their signers' clocks: a minute before the
// witnesses made by tlogtest sign.
var Issued = tlogtest.Time.Add(-time.Minute)

// Signer returns the signer whose Ed25519 key follows from a name.
func Signer(name string) statement.Signer {
	return must(statement.NewSigner(tlogtest.PrivateKey(name)))
}

// Content returns a signed content statement about a file.
func Content(by statement.Signer, name string, content []byte) []byte {
	return Sign(by, &statement.Content{
		Issuer: by.Issuer(), IssuedAt: Issued, MediaType: "text/plain", Size: int64(len(content)),
	}, statement.NewSubject(statement.Sum(content), name))
}

// Sign returns a signed statement.
func Sign(by statement.Signer, p statement.Predicate, subjects ...statement.Subject) []byte {
	return must(statement.Sign(must(statement.New(p, subjects...)), by))
}

// Revoke returns a signed revocation of an envelope.
func Revoke(by statement.Signer, envelope []byte, reason statement.Reason) []byte {
	st := must(statement.NewRevoke(must(statement.Open(envelope)), statement.Revoke{
		Issuer: by.Issuer(), IssuedAt: Issued.Add(time.Hour), Reason: reason,
	}))
	return must(statement.Sign(st, by))
}

// Record appends an envelope to a log and returns its receipt under the newest checkpoint, which
// the named witnesses have cosigned at [tlogtest.Time].
func Record(log *tlogtest.Log, envelope []byte, witnesses ...string) *receipt.Receipt {
	index := log.Append(envelope)
	return At(log, index, log.Size(), tlogtest.Time, witnesses...)
}

// At returns the receipt of an entry under the checkpoint of a size, cosigned at a time.
func At(log *tlogtest.Log, index, size uint64, when time.Time, witnesses ...string) *receipt.Receipt {
	checkpoint := log.CheckpointAt(size, cosigners(when, witnesses)...)
	return &receipt.Receipt{Log: log.Key(), Envelope: log.Entry(index), Proof: *log.Proof(index, checkpoint)}
}

// Deep returns the receipt of an entry in the middle of a log of 2^height entries. The other
// entries do not exist: their hashes are made up on the way to the root.
func Deep(log *tlogtest.Log, height int, envelope []byte, witnesses ...string) *receipt.Receipt {
	size := uint64(1) << height
	r := &receipt.Receipt{Log: log.Key(), Envelope: envelope, Proof: tlog.Proof{Index: size/3*2 + 1}}
	root := r.Leaf()
	for level := range height {
		sibling := tlog.Hash(sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(level))))
		if r.Proof.Index>>level&1 == 0 {
			root = tlog.NodeHash(root, sibling)
		} else {
			root = tlog.NodeHash(sibling, root)
		}
		r.Proof.Hashes = append(r.Proof.Hashes, sibling)
	}
	checkpoint := tlog.Checkpoint{Origin: log.Origin, Size: size, Root: root}
	signers := append([]note.Signer{log.Signer, log.COSE}, cosigners(tlogtest.Time, witnesses)...)
	r.Proof.Checkpoint = must(checkpoint.Sign(signers...))
	return r
}

func cosigners(when time.Time, names []string) []note.Signer {
	var signers []note.Signer
	for _, name := range names {
		signers = append(signers, tlogtest.CosignerAt(name, func() time.Time { return when }))
	}
	return signers
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
