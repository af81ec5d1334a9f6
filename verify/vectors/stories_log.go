package main

import (
	"strings"

	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
	"github.com/wherefrom-network/wherefrom/verify"
)

func watched() []story {
	log := town()
	fast := receipttest.Record(log, aboutPhoto(alice))
	one := receipttest.Record(log, aboutPhoto(bob), "w3")
	final := receipttest.Record(log, aboutPhoto(alice), "w1", "w2")
	lists := demo(log)
	lists.Policies = append(lists.Policies, alone(log).Policies...)
	return []story{
		{
			name: "only the operator stands behind the log, and Alice asks for no more", receipts: text(fast), trust: alone(log),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: "photo.jpg has exactly the bytes that your own key alice signed a statement about; log example.org/town holds it, and no witness watches that log.",
			says: []string{
				"No witness watched it, and your list asks for none: that the log shows everybody the same rests on its operator's word alone.",
				"By the signer's own clock it was made at 2026-11-22 11:59:00 UTC; nobody else's clock says so.",
			},
		},
		{
			name: "a witness watched, although Alice asks for none", receipts: text(final), trust: alone(log),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: strings.Replace(shownTown, "2 witnesses", "1 witness", 1),
			says:    []string{"1 witness watched it: w1. Your list asks for none."},
		},
		{
			name: "no witness has watched yet, and Alice asks for two", receipts: text(fast), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeQuorumNotMet,
			summary: `Log example.org/town, which your list "demo" accepts, holds it as entry 1,000 of 1,001. None of the witnesses of that list has watched it.`,
		},
		{
			name: "one witness watched, and Alice asks for two", receipts: text(one), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeQuorumNotMet,
			summary: `Log example.org/town, which your list "demo" accepts, holds it as entry 1,001 of 1,002. Too few of the witnesses of that list have watched it: only w3.`,
		},
		{
			name: "one of Alice's lists is satisfied", receipts: text(one), trust: lists,
			verdict: verify.Shown, code: verify.CodeOK,
			summary: "photo.jpg has exactly the bytes that Bob Stone (friends) signed a statement about; log example.org/town holds it, and no witness watches that log.",
			says:    []string{`which your list "alone" accepts`},
		},
		{
			name: "it must satisfy the other list", receipts: text(one), trust: lists, require: verify.Require{Policy: "demo"},
			verdict: verify.CannotTell, code: verify.CodeQuorumNotMet,
			summary: `Log example.org/town, which your list "demo" accepts, holds it as entry 1,001 of 1,002. Too few of the witnesses of that list have watched it: only w3.`,
		},
		{
			name: "it must satisfy a list that Alice does not have", receipts: text(final), trust: lists, require: verify.Require{Policy: "strict"},
			verdict: verify.CannotTell, code: verify.CodeLogUnknown,
			summary: `The receipt is consistent with itself, but the key of log example.org/town is not in your list "strict".`,
		},
	}
}

func unknownLogs() []story {
	log := town()
	final := receipttest.Record(log, aboutPhoto(alice), "w1", "w2")
	impostor := receipttest.Record(stranger("example.org/town"), aboutPhoto(alice), "w1", "w2")
	elsewhere := receipttest.Record(tlogtest.New("example.net/elsewhere").Grow(10), aboutPhoto(alice), "w1", "w2")
	nobody := verify.Trust{People: people}
	return []story{
		{
			name: "Alice has no lists", receipts: text(final), trust: nobody,
			verdict: verify.CannotTell, code: verify.CodeLogUnknown,
			summary: "The receipt is consistent with itself, but the key of log example.org/town is in no list of yours.",
			says:    []string{"wherefrom trust add"},
		},
		{
			name: "Alice has no lists, and the receipt does not give the log's key", receipts: text(hinted(final, tlog.Key{})), trust: nobody,
			verdict: verify.CannotTell, code: verify.CodeLogUnknown,
			summary: "Log example.org/town is in no list of yours, and the receipt does not give the key that signed it, so its signature could not be checked.",
		},
		{
			name: "Alice has no lists, and the receipt gives another log's key", receipts: text(hinted(final, elsewhere.Log)), trust: nobody,
			verdict: verify.CannotTell, code: verify.CodeLogUnknown,
			summary: "Log example.org/town is in no list of yours, and the receipt does not give the key that signed it, so its signature could not be checked.",
		},
		{
			name: "the log is unknown, and the receipt does not even agree with itself", receipts: replaced(elsewhere, "\n11\n", "\n12\n"), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeCheckpointSignature,
			summary: "The receipt does not hold: a signature of the log's checkpoint does not verify.",
		},
		{
			name: "Alice knows the log, and the receipt gives another key", receipts: text(hinted(final, elsewhere.Log)), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
			says: []string{"The receipt's own log line names another key than the one in your list; your list was used."},
		},
		{
			name: "another log uses the name of one that Alice knows", receipts: text(impostor), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeCheckpointSignature,
			summary: "The receipt does not hold: a signature of the log's checkpoint does not verify.",
			says:    []string{"The checkpoint says that it is of log example.org/town, but the key that is known for that log did not sign it."},
		},
	}
}

func alteredProofs() []story {
	log := town()
	final := receipttest.Record(log, aboutPhoto(alice), "w1", "w2")
	cat := receipttest.Record(log, receipttest.Content(alice, "cat.jpg", []byte("a cat")), "w1", "w2")
	grown := *final
	grown.Proof = *log.Proof(final.Proof.Index, log.CheckpointAt(final.Proof.Index+1))
	log.Grow(100)
	grown.Proof.Checkpoint = receipttest.At(log, 0, log.Size(), tlogtest.Time, "w1", "w2").Proof.Checkpoint
	checkpoint := string(final.Proof.Checkpoint)
	cosigned := checkpoint[strings.Index(checkpoint, "— w1"):strings.Index(checkpoint, "— w2")]
	root := strings.Split(checkpoint, "\n")[2]
	return []story{
		{
			name: "the root in the checkpoint was changed", receipts: replaced(final, root, cycled(root)), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeCheckpointSignature,
			summary: "The receipt does not hold: a signature of the log's checkpoint does not verify.",
			says:    []string{"The signature of log example.org/town does not verify: the checkpoint was changed after it was signed."},
		},
		{
			name: "a witness's time was changed", receipts: replaced(final, cosigned, retimed(cosigned)), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeCheckpointSignature,
			summary: "The receipt does not hold: a signature of the log's checkpoint does not verify.",
			says:    []string{"The cosignature of a witness of log example.org/town does not verify: it was changed, or the checkpoint was."},
		},
		{
			name: "the proof is another statement's", receipts: text(with(cat, final.Envelope)), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeProofMismatch,
			summary: "The receipt does not hold: its proof does not lead from this statement to the log's checkpoint.",
			says:    []string{"it belongs to another statement or log, or was changed"},
		},
		{
			name: "the checkpoint is of another tree size than the proof", receipts: text(&grown), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeProofMismatch,
			summary: "The receipt does not hold: its proof does not lead from this statement to the log's checkpoint.",
			says:    []string{"The proof was made for another size of the log than 1,102, which the checkpoint has."},
		},
	}
}

func forks() []story { return []story{forkOfOneSize(), forkOfTwoSizes()} }

func forkOfOneSize() story {
	log := town()
	past := log.Fork(1000)
	shown := receipttest.Record(log, aboutPhoto(alice), "w1", "w2")
	hidden := receipttest.Record(past, receipttest.Content(mallory, "cat.jpg", []byte("a cat")), "w2", "w3")
	return story{
		name: "two receipts show that the log signed two pasts of one size", receipts: text(shown, hidden), trust: demo(log),
		verdict: verify.NotSo, code: verify.CodeLogForked,
		summary: "Log example.org/town signed two different pasts of 1,001 entries: nothing it says can be relied on.",
		says:    []string{"Keep this receipt file as it is"},
	}
}

func forkOfTwoSizes() story {
	log := town()
	past := log.Fork(1000)
	shown := receipttest.Record(log, aboutPhoto(alice), "w1", "w2")
	index := past.Append(receipttest.Content(mallory, "cat.jpg", []byte("a cat")))
	past.Grow(9)
	hidden := receipttest.At(past, index, past.Size(), tlogtest.Time, "w2", "w3")
	return story{
		name: "two receipts show that the log has two entries at one index", receipts: text(shown, hidden), trust: demo(log),
		verdict: verify.NotSo, code: verify.CodeLogForked,
		summary: "Log example.org/town signed two different pasts, with two statements as its entry 1,000: nothing it says can be relied on.",
	}
}
