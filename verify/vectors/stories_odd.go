package main

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/verify"
)

// ours are statements that we put into words.
func ours() []story {
	log := town()
	subject := statement.NewSubject(statement.Sum([]byte(photo)), "photo.jpg")
	record := func(envelope []byte) string { return text(receipttest.Record(log, envelope, "w1", "w2")) }
	rights := receipttest.Sign(alice, &statement.Rights{
		Issuer: alice.Issuer(), IssuedAt: receipttest.Issued, Vocabulary: statement.AIPREF,
		TrainAI: statement.Disallow, Search: statement.Allow, License: "CC-BY-4.0", Holder: "Alice \"Al\" Stone",
	}, subject)
	generated := receipttest.Sign(alice, &statement.Content{
		Issuer: alice.Issuer(), IssuedAt: receipttest.Issued, MediaType: "image/png", Size: 9, Title: "A city",
		DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
	}, subject)
	earlier, manifest := statement.Sum([]byte("an earlier statement")), statement.Sum([]byte("a manifest"))
	edited := receipttest.Sign(alice, &statement.Content{
		Issuer: alice.Issuer(), IssuedAt: receipttest.Issued, MediaType: "image/jpeg", Size: int64(len(photo)), Made: "cropped and brightened",
		DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits", Supersedes: &earlier, Credential: &manifest,
		Fingerprints: []statement.Fingerprint{{Algorithm: "pdq", Value: "f8f8f0cc"}},
	}, subject)
	return []story{
		{
			name: "how the photo may be used", receipts: record(rights), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
			says: []string{`It states: training AI with it not allowed; search allowed; vocabulary draft-ietf-aipref-vocab-08; licence CC-BY-4.0; rights holder "Alice 'Al' Stone".`},
		},
		{
			name: "a picture made by AI, whose statement gives another size", receipts: record(generated), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
			says: []string{
				"It states: title \"A city\"; media type image/png; size 9 bytes; source made by AI.",
				"The statement gives the right digest but says 9 bytes, and there are 20 bytes.",
			},
		},
		{
			name: "an edited photo, with all that can be said of one", receipts: record(edited), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
			says: []string{
				`It states: media type image/jpeg; size 20 bytes; source edited by a person with digital tools; made "cropped and brightened"; fingerprint pdq f8f8f0cc; content credential ` +
					manifest.String() + "; replaces statement " + earlier.String() + ".",
			},
		},
	}
}

// foreign are statements of other makers.
func foreign() []story {
	log := town()
	subject := statement.NewSubject(statement.Sum([]byte(photo)), "photo.jpg")
	record := func(envelope []byte) string { return text(receipttest.Record(log, envelope, "w1", "w2")) }
	other := &statement.Statement{
		Subjects: []statement.Subject{subject}, PredicateType: "https://slsa.dev/provenance/v1", Predicate: jsontext.Value(`{"buildDefinition":{}}`),
	}
	sha512 := *other
	sha512.Subjects = []statement.Subject{{Name: "photo.jpg", Digest: map[string]string{"sha512": strings.Repeat("ab", 64)}}}
	several := *other
	several.Subjects = []statement.Subject{statement.NewSubject(statement.Sum([]byte("a cat")), "cat.jpg"), subject}
	strange := *other
	strange.Subjects = []statement.Subject{several.Subjects[0], statement.NewSubject(statement.Sum([]byte("a dog")), "dog.jpg")}
	deceiving := *other
	deceiving.Subjects = []statement.Subject{statement.NewSubject(statement.Sum([]byte(photo)), "A\u202egpj.exe\x1b[31m")}
	return []story{
		{
			name: "a build's provenance", receipts: record(sign(other, alice)), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
			says: []string{`It is a statement of the type "https://slsa.dev/provenance/v1", which this program checks and does not put into words.`},
		},
		{
			name: "a statement about several files, of which this is one", receipts: record(sign(&several, alice)), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
		},
		{
			name: "a statement about several files, of which this is none", receipts: record(sign(&strange, alice)), trust: demo(log),
			verdict: verify.NotSo, code: verify.CodeOtherSubject,
			summary: "The statement is about 2 files, and none has the bytes of photo.jpg.",
		},
		{
			name: "a statement that names files by another digest", receipts: record(sign(&sha512, alice)), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeNoComparableDigest,
			summary: "The statement names what it is about by other digests than SHA-256, so these bytes cannot be compared.",
		},
		{
			name: "a file's name that would deceive a terminal", receipts: record(sign(&deceiving, alice)), trust: demo(log),
			verdict: verify.Shown, code: verify.CodeOK, summary: shownTown,
			says: []string{"it calls them \"A\ufffdgpj.exe\ufffd[31m\"."},
		},
	}
}

// unfit are things that should not be in a log.
func unfit() []story {
	log := town()
	record := func(envelope []byte) string { return text(receipttest.Record(log, envelope, "w1", "w2")) }
	unsigned := []byte(`{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[]}`)
	keyless := []byte(strings.Replace(string(aboutPhoto(alice)), string(alice.Issuer()), "key-1", 1))
	return []story{
		{
			name: "nobody signed it", receipts: record(unsigned), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeNotSigned,
			summary: "Nobody signed the statement.",
		},
		{
			name: "it does not say which key signed", receipts: record(keyless), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeSignerUnsupported,
			summary: "The statement does not say which key signed it, so its signature cannot be checked.",
		},
		{
			name: "the log holds something that is no statement", receipts: record([]byte("hello, world")), trust: demo(log),
			verdict: verify.CannotTell, code: verify.CodeStatementUnread,
			summary: "The statement cannot be read: the text is not valid JSON: at byte 0: invalid character 'h' at start of value.",
		},
	}
}
