package main

import (
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
	"github.com/wherefrom-network/wherefrom/verify"
)

func times() []story {
	log := town()
	final := receipttest.Record(log, aboutPhoto(alice), "w1", "w2")
	ahead := receipttest.Record(log, issuedAt(tlogtest.Time.Add(48*time.Hour)), "w1", "w2")
	slow := *final
	slow.Proof.Checkpoint = append([]byte{}, final.Proof.Checkpoint...)
	slow.Proof.Checkpoint = append(slow.Proof.Checkpoint, cosignature(log, log.Size()-1, "w3", tlogtest.Time.Add(time.Hour))...)
	far := *final
	far.Proof.Checkpoint = append([]byte{}, final.Proof.Checkpoint...)
	far.Proof.Checkpoint = append(far.Proof.Checkpoint, cosignature(log, log.Size()-1, "w3", time.Unix(1<<40, 0).UTC())...)
	timeless := receipttest.Record(log, sign(&statement.Statement{
		Subjects:      []statement.Subject{statement.NewSubject(statement.Sum([]byte(photo)), "photo.jpg")},
		PredicateType: "https://example.org/seen", Predicate: jsontext.Value(`{}`),
	}, alice))
	return []story{
		{
			name: "a third witness came later than the two that are enough", receipts: text(&slow), trust: demo(log), at: now.Add(time.Hour),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: strings.Replace(shownTown, "2 witnesses", "3 witnesses", 1),
		},
		{
			name: "Alice's own clock stands at the beginning of time", receipts: text(final), trust: demo(log), at: time.Unix(0, 0).UTC(),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
			says: []string{"Witness w1 dates it 2026-11-22 12:00:00 UTC, which is later than your own clock, 1970-01-01 00:00:00 UTC: one of the two is wrong."},
		},
		{
			name: "a witness lives in the far future", receipts: text(&far), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: strings.Replace(shownTown, "2 witnesses", "3 witnesses", 1),
			says: []string{"Witness w3 dates it 9999-12-31 23:59:59 UTC, which is later than your own clock, 2026-11-22 13:00:00 UTC: one of the two is wrong."},
		},
		{
			name: "nobody says when a foreign statement was made", receipts: text(timeless), trust: alone(log),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: "photo.jpg has exactly the bytes that your own key alice signed a statement about; log example.org/town holds it, and no witness watches that log.",
			says:    []string{"Nobody says when it was made."},
		},
		{
			name: "the signer's clock is two days ahead", receipts: text(ahead), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
			says: []string{
				"The signer dates it 2026-11-24 12:00:00 UTC, but it was in the log by 2026-11-22 12:00:00 UTC: the signer's clock was ahead.",
				"The signer dates it 2026-11-24 12:00:00 UTC, which is later than your own clock, 2026-11-22 13:00:00 UTC: one of the two is wrong.",
			},
		},
	}
}

// asOf are stories of readers who ask about a time.
func asOf() []story {
	log := town()
	final, bare := receipttest.Record(log, aboutPhoto(alice), "w1", "w2"), receipttest.Record(log, aboutPhoto(alice))
	revoked := receipttest.Record(log, receipttest.Revoke(alice, final.Envelope, statement.Mistake), "w1", "w2")
	long, held := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), tlogtest.Time
	const tooEarly = "At 2020-01-01 00:00:00 UTC nothing at hand shows that the statement was recorded; log example.org/town has held it since 2026-11-22 12:00:00 UTC at the latest."
	const ownWord = "photo.jpg has exactly the bytes that your own key alice signed a statement about; log example.org/town holds it, and no witness watches that log."
	return []story{
		{
			name: "was it recorded years before", receipts: text(final), trust: demo(log), asOf: long,
			verdict: verify.CannotTell, code: verify.CodeNotYetRecorded, summary: tooEarly,
		},
		{
			name: "was it recorded a second before the witnesses saw it", receipts: text(final), trust: demo(log), asOf: held.Add(-time.Second),
			verdict: verify.CannotTell, code: verify.CodeNotYetRecorded, summary: strings.Replace(tooEarly, "2020-01-01 00:00:00", "2026-11-22 11:59:59", 1),
		},
		{
			name: "was it recorded when the witnesses saw it", receipts: text(final), trust: demo(log), asOf: held,
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
		},
		{
			name: "was it recorded years before, in a log that nobody watches", receipts: text(bare), trust: alone(log), asOf: long,
			verdict: verify.CannotTell, code: verify.CodeNotYetRecorded,
			summary: "At 2020-01-01 00:00:00 UTC nothing at hand shows that the statement was recorded; log example.org/town holds it, and no witness says since when.",
		},
		{
			name: "is it recorded now, in a log that nobody watches", receipts: text(bare), trust: alone(log), asOf: now,
			verdict: verify.Shown, code: verify.CodeOK, summary: ownWord,
		},
		{
			name: "Alice took it back, which counts for all times", receipts: text(final, revoked), trust: demo(log), asOf: long,
			verdict: verify.NotSo, code: verify.CodeRevoked,
			summary: "Its issuer took the statement back: it was a mistake. Revoked at 2026-11-22 12:59:00 UTC by the issuer's own clock, and in the log by 2026-11-22 12:00:00 UTC.",
			says:    []string{tooEarly},
		},
	}
}

// unheard are stories of readers who asked for newer word in vain.
func unheard() []story {
	log := town()
	byAlice, byBob := receipttest.Record(log, aboutPhoto(alice), "w1", "w2"), receipttest.Record(log, aboutPhoto(bob), "w1", "w2")
	revoked := receipttest.Record(log, receipttest.Revoke(alice, byAlice.Envelope, statement.Mistake), "w1", "w2")
	const untold = "Whether the statement was taken back since 2026-11-22 12:00:00 UTC cannot be told: newer word was asked for, and did not come."
	return []story{
		{
			name: "newer word was asked for, and the registry is out of reach", receipts: text(byAlice), trust: demo(log), unheard: true,
			verdict: verify.CannotTell, code: verify.CodeUnheard, summary: untold,
			says: []string{"Ask again when the registry can be reached: wherefrom verify --online photo.jpg"},
		},
		{
			name: "the registry is out of reach, and the receipts at hand revoke the statement", receipts: text(byAlice, revoked), trust: demo(log), unheard: true,
			verdict: verify.NotSo, code: verify.CodeRevoked,
			summary: "Its issuer took the statement back: it was a mistake. Revoked at 2026-11-22 12:59:00 UTC by the issuer's own clock, and in the log by 2026-11-22 12:00:00 UTC.",
		},
		{
			name: "Alice took hers back, and whether Bob did cannot be told", receipts: text(byAlice, revoked, byBob), trust: demo(log), unheard: true,
			verdict: verify.CannotTell, code: verify.CodeUnheard, summary: untold,
		},
		{
			name: "the registry is out of reach, and the photo was changed", bytes: changed, receipts: text(byAlice), trust: demo(log), unheard: true,
			verdict: verify.NotSo, code: verify.CodeBytesDiffer,
			summary: "photo.jpg does not have the bytes that the statement is about: it was changed since, or is another file of that name.",
		},
	}
}

func revocations() []story {
	log := town()
	other := tlogtest.New("example.net/elsewhere").Grow(10)
	byAlice, byBob := receipttest.Record(log, aboutPhoto(alice), "w1", "w2"), receipttest.Record(log, aboutPhoto(bob), "w1", "w2")
	revoke := receipttest.Revoke(alice, byAlice.Envelope, statement.Mistake)
	revoked := receipttest.Record(log, revoke, "w1", "w2")
	unwatched := receipttest.Record(log, revoke)
	copied := receipttest.Record(log, rewrapped(byAlice.Envelope), "w1", "w2")
	twice := receipttest.Record(log, receipttest.Revoke(alice, byAlice.Envelope, statement.Legal), "w1", "w2")
	meddled := receipttest.Record(log, receipttest.Sign(mallory, &statement.Revoke{
		Issuer: mallory.Issuer(), IssuedAt: receipttest.Issued, Reason: statement.Withdrawn, PayloadDigest: payloadDigest(byAlice.Envelope),
	}, statement.NewSubject(byAlice.ID(), "")), "w1", "w2")
	const taken = "Its issuer took the statement back: it was a mistake. Revoked at 2026-11-22 12:59:00 UTC by the issuer's own clock, and in the log by 2026-11-22 12:00:00 UTC."
	return []story{
		{
			name: "the statement is at hand in another envelope than the one that Alice's revocation names", receipts: text(copied, revoked), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeRevoked, summary: taken + " The revocation names the same statement in another envelope.",
			says: []string{"It takes back the statement " + copied.ID().String() + ", which is at hand, and names the same statement in another envelope."},
		},
		{
			name: "the statement that Alice took back is at hand in two envelopes", receipts: text(copied, byAlice, revoked), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeRevoked, summary: taken + " The revocation names the same statement in another envelope.",
			says: []string{"It takes back the statement " + byAlice.ID().String() + ", which is at hand."},
		},
		{
			name: "Alice took her statement back", receipts: text(byAlice, revoked), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeRevoked, summary: taken,
			says: []string{"It takes back the statement " + byAlice.ID().String() + ", which is at hand.", "Statement " + byAlice.ID().String() + " is taken back by your own key alice."},
		},
		{
			name: "the order of the receipts does not matter", receipts: text(revoked, byAlice), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeRevoked, summary: taken,
		},
		{
			name: "Alice took hers back, and Bob's stands", receipts: text(byAlice, revoked, byBob), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: strings.Replace(shownTown, "your own key alice", "Bob Stone (friends)", 1),
			says:    []string{"None of the 3 receipts at hand revokes it", taken},
		},
		{
			name: "Alice signed a revocation that a strange log holds", receipts: text(byAlice, receipttest.Record(other, revoke, "w1", "w2")), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeRevocationUnclear,
			summary: "Its issuer signed a revocation (it was a mistake), but no log of your lists is shown to hold it.",
		},
		{
			name: "Alice signed a revocation that no witness has watched yet", receipts: text(byAlice, unwatched), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeRevocationUnclear,
			summary: "Its issuer signed a revocation (it was a mistake), but no log of your lists is shown to hold it.",
		},
		{
			name: "Alice took it back twice, for two reasons", receipts: text(byAlice, twice, revoked), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeRevoked,
			summary: strings.Replace(taken, "it was a mistake", "for a legal reason", 1),
		},
		{
			name: "Mallory revokes what is not hers", receipts: text(byAlice, meddled), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
			says: []string{"None of the 2 receipts at hand revokes it"},
		},
		{
			name: "there is only the revocation", receipts: text(revoked), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeNoRecord,
			summary: "No record found: none of the receipts at hand is about photo.jpg.",
			says:    []string{"It is not about a file: it takes back another statement, which is not at hand."},
		},
		{
			name: "the revocation was altered", receipts: text(byAlice, with(revoked, forge(revoked.Envelope, "mistake", "mistaka"))), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeProofMismatch,
			summary: "The receipt does not hold: its proof does not lead from this statement to the log's checkpoint.",
		},
	}
}
