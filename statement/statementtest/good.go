package statementtest

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/wherefrom-network/wherefrom/statement"
)

// goodCases are envelopes that open.
func goodCases() []Vector {
	cases := []Vector{
		{Name: "content with the least that must be said", Envelope: Content(alice, "hello")},
		{Name: "content with everything that can be said", Envelope: fullContent()},
		{Name: "rights with preferences and a licence", Envelope: fullRights()},
		{Name: "rights of several subjects, with nothing but a holder", Envelope: Sign(
			&statement.Rights{Issuer: alice.Issuer(), IssuedAt: At, Holder: "Alice Example"}, alice,
			Subject("hello", "hello.txt"), Subject("bye", "bye.txt"))},
		{Name: "a revocation of the first envelope", Envelope: revocation(Content(alice, "hello"))},
		{Name: "signed with P-256", Envelope: Content(carol, "hello")},
		{Name: "signed with P-256, the other s that fits", Envelope: withOtherS(Content(carol, "hello"))},
		{
			Name:     "a member of the predicate with a colon in its name is somebody's extension",
			Envelope: Envelope(alice, ours(statement.ContentType, `HEAD,"size":5,"https://example.org/mood":{"as":["they","like"]}`)),
		},
	}
	cases = append(cases, goodForms()...)
	cases = append(cases, goodForeign()...)
	for _, e := range EdgeCases() {
		if e.Good {
			cases = append(cases, Vector{Name: "Ed25519: " + e.Name, Envelope: e.envelope()})
		}
	}
	for i := range cases {
		cases[i].Want = ok
	}
	return cases
}

// goodForms are ordinary statements in unusual envelopes.
func goodForms() []Vector {
	const payload = `{"a":1}`
	text := foreign(payload)
	std := base64.StdEncoding.EncodeToString([]byte(text))
	plain := Envelope(alice, text)
	return []Vector{
		{Name: "two signers", Envelope: dsse(text, signed(alice, text), signed(carol, text))},
		{Name: "as many signers as there may be", Envelope: dsse(text, manySigners(text, statement.MaxSignatures)...)},
		{Name: "base64 in the URL-safe alphabet", Envelope: urlSafe()},
		{Name: "members in another order, and space between them", Envelope: fmt.Appendf(nil,
			" {\n \"signatures\" : [\t{ \"sig\":%q, \"keyid\":%q } ] ,\r\n\"payloadType\":%q, \"payload\":%q }\n",
			sign(alice, text), alice.Issuer(), statement.PayloadType, std)},
		{Name: "names and texts with escapes", Envelope: replace(replace(plain, `"keyid":"did:key:`, `"k\u0065yid":"did\u003akey:`), `"payloadType":"application/`, `"payloadType":"application\/`)},
		{Name: "members that DSSE does not define are ignored", Envelope: replace(replace(plain,
			`{"payload":`, `{"seen":[null,true,{"sig":1}],"payload":`), `{"keyid":`, `{"extension":{"kind":"x"},"keyid":`)},
		{Name: "members that in-toto does not define are ignored", Envelope: Envelope(alice, replaceText(foreignAbout(
			replaceText(textSubject, `{"digest"`, `{"colour":"red","digest"`), payload), `{"_type"`, `{"colour":1,"_type"`))},
		{Name: "a subject with every member, and digests of several kinds", Envelope: Envelope(alice, foreignAbout(
			`{"name":"a","uri":"pkg:a","digest":{"sha512":"0f","gitCommit":"1a"},"content":"aGk=","downloadLocation":"https://example.org/a","mediaType":"text/plain","annotations":{"n":[1]}}`, payload))},
		{Name: "nested as deeply as may be", Envelope: Envelope(alice, foreign(`{"a":`+nested(statement.MaxDepth-2)+`}`))},
		{Name: "as many values as may be", Envelope: Envelope(alice, foreign(fmt.Sprintf(`{"a":[%s]}`, repeat("0", statement.MaxValues-9))))},
		{Name: "as many subjects as may be", Envelope: Envelope(alice, foreignAbout(repeat(`{"digest":{"a":"b"}}`, statement.MaxSubjects), payload))},
		{Name: "as large as may be", Envelope: plain, Spaces: statement.MaxEnvelope - len(plain)},
	}
}

// goodForeign are statements of other makers, shaped like theirs but signed with the keys of this package.
func goodForeign() []Vector {
	model := modelSignature()
	der := Certificate(P256Key("carol"))
	return []Vector{
		{Name: "SLSA provenance v1", Envelope: Envelope(alice, provenance())},
		{Name: "a statement of in-toto v0.1", Envelope: Envelope(alice, replaceText(provenance(), statement.Type, "https://in-toto.io/Statement/v0.1"))},
		{Name: "a statement without a predicate", Envelope: Envelope(alice, replaceText(foreign(`{}`), `,"predicate":{}`, ``))},
		{Name: "a later version of one of our predicates is a foreign one", Envelope: Envelope(alice, ours("https://wherefrom.network/content/v2", `"size":"large"`))},
		{
			Name:     "a model signature in a Sigstore bundle with a certificate",
			Envelope: bundle(`"certificate":`+certificateJSON(der)+`,"tlogEntries":[{"logIndex":"1"}]`, dsse(model, keyless(carol, model, `""`))),
		},
		{
			Name:     "a model signature in a Sigstore bundle with a chain of certificates, and null as its keyid",
			Envelope: bundle(fmt.Sprintf(`"x509CertificateChain":{"certificates":[%s,{"rawBytes":"AA=="}]}`, certificateJSON(der)), dsse(model, keyless(carol, model, `null`))),
		},
		{
			Name:     "a Sigstore bundle with an Ed25519 certificate",
			Envelope: bundle(`"certificate":`+certificateJSON(Certificate(Ed25519Key("alice"))), Envelope(alice, model)),
		},
		{
			Name:     "a Sigstore bundle with a key that is named by its hint",
			Envelope: bundle(fmt.Sprintf(`"publicKey":{"hint":%q}`, alice.Issuer()), dsse(model, fmt.Sprintf(`{"sig":%q}`, sign(alice, model)))),
		},
		{
			Name:     "a Sigstore bundle with a hint that only its makers understand, and an issuer as its keyid",
			Envelope: bundle(`"publicKey":{"hint":"SHA256:abc"}`, Envelope(alice, model)),
		},
	}
}

func (e EdgeCase) envelope() []byte {
	payload := foreign(`{}`)
	sig := base64.StdEncoding.EncodeToString(e.Sign(PAE(statement.PayloadType, payload)))
	return dsse(payload, fmt.Sprintf(`{"keyid":%q,"sig":%q}`, e.Issuer, sig))
}

func fullContent() []byte {
	return Sign(&statement.Content{
		Issuer: alice.Issuer(), IssuedAt: At, MediaType: "image/jpeg", Size: 4_318_223, Title: "Hafen im Morgengrauen — 港の夜明け",
		Made:              "Photographed from the pier.\nCropped.",
		DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
		Fingerprints: []statement.Fingerprint{
			{Algorithm: "iscc", Value: "ISCC:KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY"},
			{Algorithm: "pdq", Value: strings.Repeat("f8f8f0cee0f4a84f", 4)},
		},
		Credential: &someDigest,
		Supersedes: &someDigest,
	}, alice, Subject("hello", "harbour.jpg"))
}

func fullRights() []byte {
	return Sign(&statement.Rights{
		Issuer: alice.Issuer(), IssuedAt: At, Vocabulary: statement.AIPREF, TrainAI: statement.Disallow, Search: statement.Allow,
		License: "CC-BY-4.0 OR (GPL-2.0-or-later WITH Classpath-exception-2.0 AND LicenseRef-own)", Holder: "Alice Example",
		Terms: "https://example.org/terms",
	}, alice, Subject("hello", "hello.txt"))
}

func revocation(raw []byte) []byte {
	target, err := statement.Open(raw)
	if err != nil {
		panic(err)
	}
	st, err := statement.NewRevoke(target, statement.Revoke{Issuer: alice.Issuer(), IssuedAt: At, Reason: statement.Mistake, Note: "Wrong file."})
	if err != nil {
		panic(err)
	}
	raw, err = statement.Sign(st, alice)
	if err != nil {
		panic(err)
	}
	return raw
}

func withOtherS(raw []byte) []byte {
	e, err := statement.Open(raw)
	if err != nil {
		panic(err)
	}
	sig := e.Signatures()[0].Bytes
	return replace(raw, base64.StdEncoding.EncodeToString(sig), base64.StdEncoding.EncodeToString(otherS(sig)))
}

// urlSafe returns an envelope whose payload and signature look different in the two alphabets.
func urlSafe() []byte {
	for i := 0; ; i++ {
		payload := foreign(fmt.Sprintf(`{"a":"?>~%d"}`, i))
		sig := sign(alice, payload)
		text := base64.StdEncoding.EncodeToString([]byte(payload))
		if strings.Contains(sig, "+") && strings.Contains(sig, "/") && strings.ContainsAny(text, "+/") {
			return []byte(strings.NewReplacer(text, base64.URLEncoding.EncodeToString([]byte(payload)),
				sig, strings.NewReplacer("+", "-", "/", "_").Replace(sig)).Replace(string(Envelope(alice, payload))))
		}
	}
}

func manySigners(payload string, n int) (signatures []string) {
	for i := range n {
		signatures = append(signatures, signed(Signer(fmt.Sprintf("signer %d", i)), payload))
	}
	return signatures
}

// keyless returns an element of signatures whose keyid is the given JSON value.
func keyless(s statement.Signer, payload, keyID string) string {
	return fmt.Sprintf(`{"sig":%q,"keyid":%s}`, sign(s, payload), keyID)
}

// nested returns n arrays in each other.
func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// repeat returns n times the same, with commas between.
func repeat(what string, n int) string {
	return strings.TrimSuffix(strings.Repeat(what+",", n), ",")
}

func replaceText(text, old, with string) string { return string(replace([]byte(text), old, with)) }

// provenance returns a payload as GitHub's and npm's builders make them.
func provenance() string {
	return fmt.Sprintf(`{"_type":%q,"subject":[{"name":"pkg:npm/hello@1.0.0","digest":{"sha512":%q}}],"predicateType":"https://slsa.dev/provenance/v1",`+
		`"predicate":{"buildDefinition":{"buildType":"https://example.org/workflow/v1","externalParameters":{"workflow":{"ref":"refs/heads/main",`+
		`"repository":"https://example.org/hello","path":".ci/build.yml"}},"internalParameters":{"event":"push"},"resolvedDependencies":[{"uri":`+
		`"git+https://example.org/hello@refs/heads/main","digest":{"gitCommit":"1f4b3a1f4b3a1f4b3a1f4b3a1f4b3a1f4b3a1f4b"}}]},"runDetails":{"builder":`+
		`{"id":"https://example.org/runner"},"metadata":{"invocationId":"https://example.org/runs/7"}}}}`, statement.Type, strings.Repeat("ab", 64))
}

// modelSignature returns a payload as the OpenSSF model signing tools make them.
func modelSignature() string {
	return fmt.Sprintf(`{"_type": %q, "subject": [{"name": "model", "digest": {"sha256": %[2]q}}], "predicateType": "https://model_signing/signature/v1.0", `+
		`"predicate": {"serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": false, "ignore_paths": ["model.sig"]}, `+
		`"resources": [{"algorithm": "sha256", "name": "weights.safetensors", "digest": %[2]q}]}}`, statement.Type, someDigest.Hex())
}
