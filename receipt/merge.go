package receipt

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Merge adds the receipts of a newer answer to those of an older file, and returns what the file
// should hold now. No evidence is lost:
//
//   - a statement in a log that the file does not have is appended;
//   - of two receipts for one statement in one log the better witnessed one stays, where better
//     means: every witness of the other, and more; if nobody watched either, the newer stays;
//   - two that were watched by the same witnesses stay as the earlier one, because it proves the
//     same at an earlier time; if each has a witness that the other lacks, both stay;
//   - signatures of one and the same checkpoint are put together;
//   - two receipts whose checkpoints contradict each other (one log, one size, two roots) both
//     stay: they are evidence.
//
// The order is that of old, then that of newer. Merge counts signature lines and verifies none:
// check the new receipts before you let them replace anything. Nor does it count to [MaxReceipts].
func Merge(old, newer []*Receipt) []*Receipt {
	var merged []*Receipt
	for _, r := range append(append([]*Receipt{}, old...), newer...) {
		merged = add(merged, r)
	}
	return merged
}

// add puts r among receipts: over the one that it betters, or at the end, or nowhere.
func add(receipts []*Receipt, r *Receipt) []*Receipt {
	view := look(r)
	for i, have := range receipts {
		winner := settle(have, r, look(have), view)
		if winner == nil {
			continue
		}
		receipts[i] = winner
		if winner != have { // it may better others too
			receipts = dropBettered(receipts, i)
		}
		return receipts
	}
	return append(receipts, r)
}

// dropBettered removes the receipts after keep that the one at keep makes needless.
func dropBettered(receipts []*Receipt, keep int) []*Receipt {
	view := look(receipts[keep])
	kept := receipts[:keep+1]
	for _, r := range receipts[keep+1:] {
		if settle(receipts[keep], r, view, look(r)) != receipts[keep] {
			kept = append(kept, r)
		}
	}
	return kept
}

// settle returns the one receipt that may stand for both, or nil if both are needed.
func settle(have, r *Receipt, a, b view) *Receipt {
	if a.id != b.id || a.origin != b.origin || !a.ok || !b.ok || have.Proof.Index != r.Proof.Index {
		if bytes.Equal(Marshal(have), Marshal(r)) {
			return have
		}
		return nil
	}
	if a.size == b.size {
		if a.text != b.text {
			return nil
		}
		return together(have, a, b)
	}
	switch more, less := b.covers(a), a.covers(b); {
	case more && less && len(a.witnesses) == 0:
		if b.size > a.size {
			return r
		}
		return have
	case more && less:
		if b.size < a.size {
			return r
		}
		return have
	case more:
		return r
	case less:
		return have
	}
	return nil
}

// together returns have with the signature lines of both views of one checkpoint.
func together(have *Receipt, a, b view) *Receipt {
	var missing []string
	for _, line := range b.lines {
		if !a.signed(line) {
			missing = append(missing, line)
		}
	}
	if len(missing) == 0 {
		return have
	}
	both := *have
	both.Proof.Checkpoint = append(bytes.Clone(have.Proof.Checkpoint), strings.Join(missing, "")...)
	return &both
}

// view is what Merge looks at in a receipt.
type view struct {
	ok        bool
	id        statement.Digest
	origin    tlog.Origin
	size      uint64
	text      string
	lines     []string // signature lines
	witnesses []string // who signed besides the log itself, by name and key id
}

func look(r *Receipt) view {
	v := view{id: r.ID()}
	c, err := tlog.UnverifiedCheckpoint(r.Proof.Checkpoint)
	text, signatures, ok := strings.Cut(string(r.Proof.Checkpoint), "\n\n")
	if err != nil || !ok {
		return v
	}
	v.ok, v.origin, v.size, v.text = true, c.Origin, c.Size, text
	for line := range strings.Lines(signatures) {
		v.lines = append(v.lines, line)
		if s := signer(line); !strings.HasPrefix(s, string(c.Origin)+" ") {
			v.witnesses = append(v.witnesses, s)
		}
	}
	return v
}

// covers reports whether every witness of b is one of v's.
func (v view) covers(b view) bool {
	return !slices.ContainsFunc(b.witnesses, func(w string) bool { return !slices.Contains(v.witnesses, w) })
}

// signed reports whether the key that made line also made one of v's lines.
func (v view) signed(line string) bool {
	return slices.ContainsFunc(v.lines, func(have string) bool { return signer(have) == signer(line) })
}

// signer returns what names the key in a signature line: its name and the four bytes of its id.
func signer(line string) string {
	name, sig, _ := strings.Cut(strings.TrimPrefix(line, signatureMark), " ")
	raw, err := base64.StdEncoding.DecodeString(sig[:min(len(sig), 8)])
	if err != nil || len(raw) < 4 {
		return line
	}
	return name + " " + string(raw[:4])
}
