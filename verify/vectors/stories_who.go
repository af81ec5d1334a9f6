package main

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/verify"
)

func signers() []story {
	log := town()
	byBob := receipttest.Record(log, aboutPhoto(bob), "w1", "w2")
	byMallory := receipttest.Record(log, aboutPhoto(mallory), "w1", "w2")
	altered := forge(aboutPhoto(bob), "text/plain", "text/plait")
	loggedAltered := receipttest.Record(log, altered, "w1", "w2")
	borrowed := receipttest.Record(log, forge(aboutPhoto(mallory), string(mallory.Issuer()), string(bob.Issuer())), "w1", "w2")
	together := receipttest.Record(log, sign(&statement.Statement{
		Subjects:      []statement.Subject{statement.NewSubject(statement.Sum([]byte(photo)), "photo.jpg")},
		PredicateType: "https://example.org/agreed", Predicate: jsontext.Value(`{}`),
	}, alice, bob), "w1", "w2")
	const shownBob = "photo.jpg has exactly the bytes that Bob Stone (friends) signed a statement about; log example.org/town has held it since 2026-11-22 12:00:00 UTC at the latest, watched by 2 witnesses."
	return []story{
		{
			name: "Bob signed it, who is in the address book", receipts: text(byBob), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownBob,
			says: []string{"Signed by Bob Stone (friends)."},
		},
		{
			name: "somebody signed it whom nobody knows", receipts: text(byMallory), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: strings.Replace(shownBob, "Bob Stone (friends)", "unknown key "+string(mallory.Issuer()), 1),
			says:    []string{"No list of yours says whose key that is.", "If it matters to you who signed, compare the key with one that they gave you themselves."},
		},
		{
			name: "Alice and Bob signed it together", receipts: text(together), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK,
			summary: strings.Replace(shownBob, "Bob Stone (friends)", "your own key alice and Bob Stone (friends)", 1),
		},
		{
			name: "it must be signed by Bob, and is", receipts: text(byBob), trust: demo(log), require: verify.Require{Signer: bob.Issuer()},
			verdict: verify.Shown, code: verify.CodeOK, summary: shownBob,
			says: []string{"Signed by Bob Stone (friends). That is the signer you asked for."},
		},
		{
			name: "it must be signed by Bob, and is not", receipts: text(byMallory), trust: demo(log), require: verify.Require{Signer: bob.Issuer()},
			verdict: verify.NotSo, code: verify.CodeSignerNotTheOne,
			summary: "Signed by unknown key " + string(mallory.Issuer()) + ". You asked for a statement signed by Bob Stone (friends).",
		},
		{
			name: "it must be signed by Bob, and one of two is", receipts: text(byMallory, byBob), trust: demo(log), require: verify.Require{Signer: bob.Issuer()},
			verdict: verify.Shown, code: verify.CodeOK, summary: shownBob,
		},
		{
			name: "the statement was changed in the receipt", receipts: text(with(byBob, altered)), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeBadSignature,
			summary: "The receipt does not hold: the statement in it is not what its signer signed.",
			says:    []string{"What it says is not repeated here, because no good signature stands under it."},
		},
		{
			name: "the log took a statement that was changed after signing", receipts: text(loggedAltered), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeBadSignature,
			summary: "The receipt does not hold: the statement in it is not what its signer signed.",
			says:    []string{"holds it as entry 1,002 of 1,003", "The signature does not verify: the statement was changed after it was signed, or another key signed it."},
		},
		{
			name: "Mallory put Bob's name into her statement", receipts: text(borrowed), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeIssuerMismatch,
			summary: "The receipt does not hold: the statement speaks for somebody who did not sign it.",
		},
	}
}
