// Package receipt reads and writes the one small file that a person keeps beside a work:
// FILE.receipt, a signed statement together with the proof that a log holds it.
//
// A receipt is text, and everything in it is verbatim: the envelope's bytes as the log received
// them, and the proof as the log handed it out (c2sp.org/tlog-proof@v1). A file may hold several
// receipts, one after another: the same work recorded twice, or a statement and what revokes it.
//
//	receipts, err := receipt.Parse(text)
//	text = receipt.Marshal(receipts...) // exactly what was read
//
// Parse judges form only. Whether a receipt is true, and of what, is the work of package verify.
// The format is specified in spec/receipt.md, with vectors in spec/testdata/receipt.json.
package receipt

//go:generate go run ./vectors -o ../spec/testdata/receipt.json

import (
	"strconv"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Header is the first line of every receipt.
const Header = "wherefrom.network/receipt/v1"

// Limits of [Parse].
const (
	MaxFile     = 1 << 20 // bytes in a file
	MaxReceipts = 64      // receipts in a file
)

// Receipt is a statement and the proof that a log holds it.
type Receipt struct {
	// Log is the key under which the log's own words verify, as the log says itself. It is a
	// hint for a reader who does not know the log yet, and never a reason to trust it. The zero
	// Key if the receipt does not give one.
	Log tlog.Key
	// Envelope is the signed statement, byte for byte as the log received it.
	Envelope []byte
	// Proof leads from the envelope to a checkpoint that the log, and its witnesses, signed. Its
	// Extra is not part of a receipt.
	Proof tlog.Proof
}

// ID returns the statement's id: the digest of the envelope.
func (r *Receipt) ID() statement.Digest { return statement.Sum(r.Envelope) }

// Leaf returns the hash of the log entry that the proof is about.
func (r *Receipt) Leaf() tlog.Hash { return tlog.LeafHash(r.Envelope) }

// TLogProof returns the proof alone, as a c2sp.org/tlog-proof file: whoever has the envelope can
// check it with any verifier of that format.
func (r *Receipt) TLogProof() []byte {
	proof := r.Proof
	proof.Extra = nil
	return proof.Marshal()
}

// Marshal returns the text of a file that holds the given receipts. [Parse] reads it back.
func Marshal(receipts ...*Receipt) []byte {
	var b []byte
	for i, r := range receipts {
		if i > 0 {
			b = append(b, '\n')
		}
		b = r.append(b)
	}
	return b
}

func (r *Receipt) append(b []byte) []byte {
	b = append(b, Header+"\n"...)
	if !r.Log.IsZero() {
		b = append(b, logField+r.Log.String()+"\n"...)
	}
	b = append(b, statementField...)
	b = strconv.AppendInt(b, int64(len(r.Envelope)), 10)
	b = append(b, '\n')
	b = append(b, r.Envelope...)
	b = append(b, '\n')
	return append(b, r.TLogProof()...)
}
