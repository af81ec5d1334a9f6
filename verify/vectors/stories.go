package main

import (
	"strings"

	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
	"github.com/wherefrom-network/wherefrom/verify"
)

// shownTown is how most stories that end well end.
const shownTown = "photo.jpg has exactly the bytes that your own key alice signed a statement about; log example.org/town has held it since 2026-11-22 12:00:00 UTC at the latest, watched by 2 witnesses."

func ordinary() []story {
	log := town()
	final := receipttest.Record(log, aboutPhoto(alice), "w1", "w2")
	return []story{
		{
			name: "Alice recorded her photo, and has its receipt", receipts: text(final), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: shownTown,
			says: []string{
				"These are exactly the bytes that the statement is about.",
				"It states: media type text/plain; size 20 bytes.",
				"Signed by your own key alice.",
				`Log example.org/town, which your list "demo" accepts, holds it as entry 1,000 of 1,001. 2 witnesses watched it: w1 and w2.`,
				"The statement existed no later than 2026-11-22 12:00:00 UTC, by the clocks of the witnesses. By the signer's own clock it was made at 2026-11-22 11:59:00 UTC.",
				"The receipt at hand does not revoke it, as known at 2026-11-22 12:00:00 UTC; a revocation that is not at hand cannot be known.",
			},
		},
		{
			name: "there is no receipt", trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeNoRecord,
			summary: "No record found for photo.jpg: there is no receipt. That says nothing about the file itself.",
			says:    []string{"wherefrom find photo.jpg"},
		},
		{
			name: "a byte of the photo was changed", bytes: changed, receipts: text(final), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeBytesDiffer,
			summary: "photo.jpg does not have the bytes that the statement is about: it was changed since, or is another file of that name.",
		},
		{
			name: "the receipt is another file's", file: "cat.jpg", bytes: "a cat", receipts: text(final), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeOtherSubject,
			summary: `The receipt is for "photo.jpg", which has other bytes than cat.jpg.`,
		},
		{
			name: "the photo was renamed", file: "holiday one.jpg", receipts: text(final), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: "holiday one.jpg has exactly the bytes that your own key alice signed a statement about; log example.org/town has held it since 2026-11-22 12:00:00 UTC at the latest, watched by 2 witnesses.",
			says:    []string{`These are exactly the bytes that the statement is about; it calls them "photo.jpg".`},
		},
	}
}

func files() []story {
	log := town()
	final := receipttest.Record(log, aboutPhoto(alice), "w1", "w2")
	other := tlogtest.New("example.net/elsewhere").Grow(10)
	second := receipttest.Record(other, aboutPhoto(alice), "w1", "w2")
	cat := receipttest.Record(log, receipttest.Content(alice, "cat.jpg", []byte("a cat")), "w1", "w2")
	both := demo(log)
	both.Policies = append(both.Policies, verify.NamedPolicy{Name: "elsewhere", Policy: other.Policy(0)})
	return []story{
		{
			name: "the receipt file was cut off", receipts: text(final)[:900], trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeReceiptDamaged,
			summary: "The receipt of photo.jpg cannot be read: receipt 1: receipt is cut off in or after the proof's hashes.",
		},
		{
			name: "an editor saved the receipt with other line ends", receipts: strings.ReplaceAll(text(final), "\n", "\r\n"), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeReceiptDamaged,
			summary: "The receipt of photo.jpg cannot be read: receipt 1: receipt was altered by an editor or a mail program: its lines end in CR LF, and a receipt's end in LF.",
		},
		{
			name: "the receipt is of a newer version", receipts: strings.Replace(text(final), "receipt/v1", "receipt/v2", 1), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeReceiptVersion,
			summary: `The receipt of photo.jpg is of a newer version than this program reads: receipt 1: receipt of a newer version: it says "wherefrom.network/receipt/v2", and this program reads "wherefrom.network/receipt/v1".`,
			says:    []string{"Try again with a newer version of wherefrom."},
		},
		{
			name: "two logs hold the statement, and Alice accepts both", receipts: text(final, second), trust: both,
			verdict: verify.Shown, code: verify.CodeOK,
			summary: shownTown,
		},
		{
			name: "two logs hold the statement, and Alice knows one", receipts: text(second, final), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: shownTown,
			says:    []string{"The receipt is consistent with itself, but the key of log example.net/elsewhere is in no list of yours."},
		},
		{
			name: "the receipts of a folder are in one file", receipts: text(cat, final), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: shownTown,
		},
		{
			name:     "one of two receipts was altered",
			receipts: text(final) + "\n" + replaced(cat, "index 1001", "index 1000"), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeProofMismatch,
			summary: "The receipt does not hold: its proof does not lead from this statement to the log's checkpoint.",
		},
	}
}

// nameless are stories about bytes without a name, as from standard input.
func nameless() []story {
	log := town()
	unnamed := receipttest.Record(log, receipttest.Content(alice, "", []byte(photo)), "w1", "w2")
	named := receipttest.Record(log, aboutPhoto(alice), "w1", "w2")
	return []story{
		{
			name: "bytes without a name", file: noName, receipts: text(named), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: strings.Replace(shownTown, "photo.jpg", "The file", 1),
			says: []string{`it calls them "photo.jpg"`},
		},
		{
			name: "a statement about a file without a name", receipts: text(unnamed), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
			says: []string{"These are exactly the bytes that the statement is about."},
		},
		{
			name: "other bytes without a name", file: noName, bytes: changed, receipts: text(unnamed), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeBytesDiffer,
			summary: "The file does not have the bytes that the statement is about: one of them was changed, or they do not belong together.",
		},
		{
			name: "no receipt for bytes without a name", file: noName, trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeNoRecord,
			summary: "No record found for the file: there is no receipt. That says nothing about the file itself.",
			says:    []string{"wherefrom find FILE"},
		},
		{
			name: "no receipt for a file whose name a shell would take apart", file: "it's a photo; rm.jpg", trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeNoRecord,
			summary: "No record found for it's a photo; rm.jpg: there is no receipt. That says nothing about the file itself.",
			says:    []string{`wherefrom find 'it'\\''s a photo; rm.jpg'`},
		},
		{
			name: "one receipt file cannot be read, and there is none besides", receipts: "Dear Alice,\n", trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeReceiptDamaged,
			summary: `The receipt of photo.jpg cannot be read: receipt 1: not a receipt: its first line is "Dear Alice,".`,
		},
	}
}
