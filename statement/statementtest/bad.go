package statementtest

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/wherefrom-network/wherefrom/statement"
)

// badCases are envelopes that do not open, each with the code of its error.
func badCases() []Vector {
	cases := badJSON()
	cases = append(cases, badEnvelopes()...)
	cases = append(cases, badSignatures()...)
	cases = append(cases, badBundles()...)
	cases = append(cases, badStatements()...)
	cases = append(cases, badPredicates()...)
	for _, e := range EdgeCases() {
		switch {
		case e.BadKey:
			cases = append(cases, bad("key", "Ed25519: "+e.Name, e.envelope()))
		case !e.Good:
			cases = append(cases, bad("signature", "Ed25519: "+e.Name, e.envelope()))
		}
	}
	return cases
}

func bad(code, name string, envelope []byte) Vector {
	return Vector{Name: name, Want: code, Envelope: envelope}
}

func badJSON() []Vector {
	plain := Content(alice, "hello")
	in := func(code, name, predicate string) Vector {
		return bad(code, "in the payload: "+name, Envelope(alice, foreign(predicate)))
	}
	return []Vector{
		bad("truncated", "nothing at all", nil),
		bad("truncated", "cut off in the middle", plain[:len(plain)/2]),
		bad("truncated", "the last brace is missing", plain[:len(plain)-1]),
		bad("trailing", "a second envelope follows", append(plain[:len(plain):len(plain)], plain...)),
		bad("trailing", "a brace follows", append(plain[:len(plain):len(plain)], '}')),
		bad("encoding", "a byte-order mark", append([]byte("\xef\xbb\xbf"), plain...)),
		bad("encoding", "a byte that is not UTF-8", replace(plain, `"payload":`, "\"\xff\":1,\"payload\":")),
		bad("malformed", "not JSON", []byte("hello")),
		bad("malformed", "a comma too many", replace(plain, `,"payloadType"`, `,,"payloadType"`)),
		bad("malformed", "half a surrogate pair", replace(plain, `"keyid":"did`, `"keyid":"\ud800did`)),
		bad("malformed", "a comment", append([]byte("/**/"), plain...)),
		bad("malformed", "a number with a zero before it", replace(plain, `"payload":`, `"n":01,"payload":`)),
		bad("wrong-type", "an array", []byte("[]")),
		bad("wrong-type", "null", []byte("null")),
		bad("duplicate-key", "a second payload", replace(plain, `"payload":`, `"payload":"","payload":`)),
		bad("duplicate-key", "the same name written differently", replace(plain, `"payload":`, `"p\u0061yload":"","payload":`)),
		{Name: "one byte too large", Want: "too-large", Envelope: plain, Spaces: statement.MaxEnvelope + 1 - len(plain)},
		bad("too-deep", "nested too deeply", replace(plain, `"payload":`, `"n":`+nested(statement.MaxDepth)+`,"payload":`)),
		bad("too-many", "too many values", replace(plain, `"payload":`, `"n":[`+repeat("0", statement.MaxValues)+`],"payload":`)),
		in("duplicate-key", "a member twice", `{"a":1,"a":1}`),
		in("duplicate-key", "a member twice, deep inside", `{"a":[{"b":1,"b":2}]}`),
		in("too-deep", "nested too deeply", `{"a":`+nested(statement.MaxDepth-1)+`}`),
		in("too-many", "too many values", fmt.Sprintf(`{"a":[%s]}`, repeat("0", statement.MaxValues-8))),
		in("encoding", "a byte that is not UTF-8", "{\"a\":\"\xc3\"}"),
		in("malformed", "not a number", `{"a":NaN}`),
		bad("truncated", "in the payload: nothing", Envelope(alice, "")),
		bad("trailing", "in the payload: a second statement", Envelope(alice, foreign(`{}`)+foreign(`{}`))),
		bad("wrong-type", "in the payload: an array", Envelope(alice, `[]`)),
	}
}

func badEnvelopes() []Vector {
	text := foreign(`{}`)
	plain := Envelope(alice, text)
	payload := base64.StdEncoding.EncodeToString([]byte(text))
	with := func(payload string) []byte {
		return replace(plain, base64.StdEncoding.EncodeToString([]byte(text)), payload)
	}
	padded := foreign(`{"a":1}`) // one longer or two, until its base64 needs padding
	for len(padded)%3 != 1 {
		padded += " "
	}
	stray := strings.Replace(base64.StdEncoding.EncodeToString([]byte(padded)), "==", "", 1)
	stray = stray[:len(stray)-1] + string(stray[len(stray)-1]+1) + "=="
	return []Vector{
		bad("missing", "no payload", []byte(`{"payloadType":"application/vnd.in-toto+json","signatures":[]}`)),
		bad("missing", "no payload type", []byte(`{"payload":"","signatures":[]}`)),
		bad("missing", "no signatures", []byte(`{"payload":"","payloadType":"application/vnd.in-toto+json"}`)),
		bad("missing", "names are case-sensitive", replace(plain, `"payloadType"`, `"PayloadType"`)),
		bad("missing", "a signature without sig", dsse(text, fmt.Sprintf(`{"keyid":%q}`, alice.Issuer()))),
		bad("wrong-type", "the payload is an object", replace(plain, `"payload":"`+payload+`"`, `"payload":{}`)),
		bad("wrong-type", "the signatures are an object", dsse2(text, `{}`)),
		bad("wrong-type", "a signature is a string", dsse(text, `"sig"`)),
		bad("wrong-type", "the second signature is null", dsse(text, signed(alice, text), `null`)),
		bad("wrong-type", "a keyid is a number", dsse(text, `{"keyid":1,"sig":""}`)),
		bad("payload-type", "another payload type", replace(plain, "application/vnd.in-toto+json", "application/json")),
		bad("base64", "a line break in base64", with(payload[:4]+`\n`+payload[4:])),
		bad("base64", "a space in base64", with(payload[:4]+` `+payload[4:])),
		bad("base64", "base64 without padding", with(strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(padded)), "="))),
		bad("base64", "stray bits in base64", with(stray)),
		bad("base64", "both alphabets in one text", with("+-==")),
		bad("base64", "something after the padding", with(base64.StdEncoding.EncodeToString([]byte(padded))+"AAAA")),
		bad("base64", "a signature that is not base64", dsse(text, fmt.Sprintf(`{"keyid":%q,"sig":"~"}`, alice.Issuer()))),
	}
}

// dsse2 returns an envelope whose signatures are the given JSON.
func dsse2(payload, signatures string) []byte {
	return replace(dsse(payload), `"signatures":[]`, `"signatures":`+signatures)
}

func badSignatures() []Vector {
	text := foreign(`{}`)
	sig := sign(alice, text)
	named := func(keyID string) []byte { return dsse(text, fmt.Sprintf(`{"keyid":%q,"sig":%q}`, keyID, sig)) }
	point := func(codec string, point []byte) []byte { return named(string(didKey(codec, point))) }
	ecdsaSig, _ := base64.StdEncoding.DecodeString(sign(carol, text))
	withSig := func(s statement.Signer, sig []byte) []byte {
		return dsse(text, fmt.Sprintf(`{"keyid":%q,"sig":%q}`, s.Issuer(), base64.StdEncoding.EncodeToString(sig)))
	}
	return []Vector{
		bad("no-signature", "no signature at all", dsse(text)),
		bad("too-many", "too many signatures", dsse(text, manySigners(text, statement.MaxSignatures+1)...)),
		bad("repeated-signature", "the same key signed twice", dsse(text, signed(alice, text), signed(bob, text), signed(alice, text))),
		bad("signature", "the payload was changed", replace(Envelope(alice, text), base64.StdEncoding.EncodeToString([]byte(text)),
			base64.StdEncoding.EncodeToString([]byte(foreign(`{ }`))))),
		bad("signature", "another key signed", named(string(bob.Issuer()))),
		bad("signature", "the second of two signatures is bad", dsse(text, signed(alice, text), fmt.Sprintf(`{"keyid":%q,"sig":%q}`, bob.Issuer(), sig))),
		bad("signature", "the payload is signed without its DSSE encoding", withSig(alice, bare(alice, text))),
		bad("signature", "an empty signature", withSig(alice, nil)),
		bad("signature", "an Ed25519 signature that is cut off", withSig(alice, make([]byte, 63))),
		bad("signature", "a P-256 signature as r and s side by side", withSig(carol, plainRS(ecdsaSig))),
		bad("signature", "a P-256 signature with a byte after it", withSig(carol, append(ecdsaSig[:len(ecdsaSig):len(ecdsaSig)], 0))),
		bad("unknown-key", "a keyid that is a name", named("alice")),
		bad("unknown-key", "no keyid", dsse(text, fmt.Sprintf(`{"sig":%q}`, sig))),
		bad("unknown-key", "another kind of DID", named("did:web:example.org")),
		bad("key", "a did:key that is not base58", named("did:key:z6MkO0Il")),
		bad("key", "a did:key in another base", named("did:key:u7QE")),
		bad("key", "a did:key with a fragment", named(string(alice.Issuer())+"#key")),
		bad("key", "an Ed25519 key that is too short", point("\xed\x01", seed("a")[:31])),
		bad("key", "an Ed25519 key that is no point", point("\xed\x01", append([]byte{2}, make([]byte, 31)...))),
		bad("key", "a P-256 key that is not compressed", point("\x80\x24", append([]byte{4}, make([]byte, 64)...))),
		bad("key", "a P-256 key that is no point", point("\x80\x24", append([]byte{5}, make([]byte, 32)...))),
		bad("key", "a P-256 key with the first byte 4", point("\x80\x24", append([]byte{4}, make([]byte, 32)...))),
		bad("algorithm", "a secp256k1 key", point("\xe7\x01", append([]byte{2}, seed("a")...))),
		bad("algorithm", "an X25519 key", point("\xec\x01", seed("a"))),
	}
}

// bare returns a signature of the payload alone.
func bare(s statement.Signer, payload string) []byte {
	sig, err := s.Sign([]byte(payload))
	if err != nil {
		panic(err)
	}
	return sig
}

func badBundles() []Vector {
	text := modelSignature()
	envelope := dsse(text, keyless(carol, text, `""`))
	certificate := `"certificate":` + certificateJSON(Certificate(P256Key("carol")))
	good := bundle(certificate, envelope)
	return []Vector{
		bad("algorithm", "a bundle with a P-384 certificate", bundle(`"certificate":`+certificateJSON(Certificate(p384Key("carol"))), envelope)),
		bad("signature", "a bundle with another's certificate", bundle(`"certificate":`+certificateJSON(Certificate(P256Key("dave"))), envelope)),
		bad("certificate", "a bundle whose certificate is none", bundle(`"certificate":{"rawBytes":"AAAA"}`, envelope)),
		bad("base64", "a bundle whose certificate is not base64", bundle(`"certificate":{"rawBytes":"?"}`, envelope)),
		bad("unknown-key", "a bundle with no key", bundle(`"tlogEntries":[]`, envelope)),
		bad("unknown-key", "a bundle with the name of a key that only its makers understand", bundle(`"publicKey":{"hint":"SHA256:abc"}`, envelope)),
		bad("bundle", "a bundle whose certificate and keyid differ", bundle(certificate, Envelope(alice, text))),
		bad("bundle", "a bundle whose hint and keyid differ", bundle(fmt.Sprintf(`"publicKey":{"hint":%q}`, bob.Issuer()), Envelope(alice, text))),
		bad("bundle", "a bundle with two ways of naming its key", bundle(certificate+`,"publicKey":{"hint":"a"}`, envelope)),
		bad("bundle", "a bundle of a signature without a statement", []byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","messageSignature":{}}`)),
		bad("bundle", "a bundle and an envelope at the same time", replace(good, `{"mediaType"`, `{"payload":"","mediaType"`)),
		bad("bundle", "a bundle that does not say that it is one", replace(good, "application/vnd.dev.sigstore.bundle.v0.3+json", "application/json")),
		bad("no-signature", "a bundle without a signature", bundle(certificate, dsse(text))),
		bad("repeated-signature", "a bundle with two signatures", bundle(certificate, dsse(text, keyless(carol, text, `""`), keyless(carol, text, `""`)))),
	}
}

func badStatements() []Vector {
	in := func(code, name, payload string) Vector { return bad(code, name, Envelope(alice, payload)) }
	plain := foreign(`{}`)
	about := func(code, name, subjects string) Vector { return in(code, name, foreignAbout(subjects, `{}`)) }
	return []Vector{
		in("missing", "a statement without _type", replaceText(plain, `"_type"`, `"type"`)),
		in("missing", "a statement without subject", replaceText(plain, `"subject"`, `"subjects"`)),
		in("missing", "a statement without predicateType", replaceText(plain, `"predicateType"`, `"predicatetype"`)),
		in("statement-type", "a statement of an unknown version", replaceText(plain, statement.Type, "https://in-toto.io/Statement/v2")),
		in("wrong-type", "a predicate that is a text", foreign(`"hello"`)),
		in("wrong-type", "a subject that is not in a list", replaceText(plain, "["+textSubject+"]", textSubject)),
		about("no-subject", "no subject", ``),
		about("too-many", "too many subjects", repeat(`{"digest":{"a":"b"}}`, statement.MaxSubjects+1)),
		about("subject", "a subject without a digest", `{"name":"a"}`),
		about("subject", "a subject with no digest in its digests", `{"digest":{}}`),
		about("subject", "a digest without a value", `{"digest":{"sha512":""}}`),
		about("subject", "a digest without a name", `{"digest":{"":"ab"}}`),
		about("subject", "a SHA-256 in capital letters", fmt.Sprintf(`{"digest":{"sha256":%q}}`, strings.ToUpper(someDigest.Hex()))),
		about("subject", "a SHA-256 that is too short", fmt.Sprintf(`{"digest":{"sha256":%q}}`, someDigest.Hex()[1:])),
		about("wrong-type", "a digest that is a number", `{"digest":{"sha256":1}}`),
		about("wrong-type", "annotations that are a list", `{"digest":{"a":"b"},"annotations":[]}`),
		about("base64", "a subject's content that is not base64", `{"digest":{"a":"b"},"content":"?"}`),
	}
}

func badPredicates() []Vector {
	cases := badContent()
	in := func(typ, code, name, predicate string) {
		cases = append(cases, inPredicate(typ, code, name, predicate))
	}
	rights := func(code, name, predicate string) { in(statement.RightsType, code, name, predicate) }
	rights("predicate", "nothing said", `HEAD`)
	rights("predicate", "a preference that is a word", `HEAD,"vocabulary":"v","train-ai":"no"`)
	rights("wrong-type", "a preference that is true", `HEAD,"vocabulary":"v","train-ai":true`)
	rights("missing", "a preference without its vocabulary", `HEAD,"train-ai":"n"`)
	rights("predicate", "a slip of the pen", `HEAD,"vocabulary":"v","train-AI":"n"`)
	for _, license := range []string{"CC BY", "(MIT", "MIT)", "MIT OR", "AND MIT", "+", "()", "MIT WITH (A)", "ftp://example.org/", "MIT\nOR X"} {
		rights("predicate", fmt.Sprintf("a licence like %q", license), fmt.Sprintf(`HEAD,"license":%q`, license))
	}
	revoke := func(code, name, predicate string) { in(statement.RevokeType, code, name, predicate) }
	revoke("missing", "no reason", fmt.Sprintf(`HEAD,"payloadDigest":%q`, someDigest))
	revoke("missing", "no digest of the payload", `HEAD,"reason":"mistake"`)
	revoke("predicate", "an unknown reason", fmt.Sprintf(`HEAD,"payloadDigest":%q,"reason":"whim"`, someDigest))
	revoke("predicate", "a digest of the payload without its prefix", fmt.Sprintf(`HEAD,"payloadDigest":%q,"reason":"legal"`, someDigest.Hex()))
	return append(cases, badOwnSubjects()...)
}

func inPredicate(typ, code, name, predicate string) Vector {
	return bad(code, strings.TrimPrefix(typ, "https://wherefrom.network/")+": "+name, Envelope(alice, ours(typ, predicate)))
}

func badContent() (cases []Vector) {
	content := func(code, name, predicate string) {
		cases = append(cases, inPredicate(statement.ContentType, code, name, predicate))
	}
	content("missing", "nothing", ``)
	content("missing", "no issuer", `"issuedAt":"2026-01-31T12:00:00Z","size":5`)
	content("missing", "no time", fmt.Sprintf(`"issuer":%q,"size":5`, alice.Issuer()))
	content("missing", "no size", `HEAD`)
	content("issuer", "in another's name", fmt.Sprintf(`"issuer":%q,"issuedAt":"2026-01-31T12:00:00Z","size":5`, bob.Issuer()))
	for _, at := range []string{
		"2026-01-31T12:00:00+00:00", "2026-01-31T12:00:00.5Z", "2026-01-31t12:00:00z", "2026-02-30T12:00:00Z", "2026-01-31T24:00:00Z",
		"2026-01-31T2:00:00Z", "2026-01-31 12:00:00Z", "2026-01-31", "20260131T120000Z",
	} {
		content("predicate", "a time like "+at, fmt.Sprintf(`"issuer":%q,"issuedAt":%q,"size":5`, alice.Issuer(), at))
	}
	for _, size := range []string{"-1", "1.5", "1e3", "9007199254740992", "99999999999999999999"} {
		content("predicate", "a size like "+size, `HEAD,"size":`+size)
	}
	content("wrong-type", "a size that is a text", `HEAD,"size":"5"`)
	content("wrong-type", "a title that is null", `HEAD,"size":5,"title":null`)
	content("predicate", "an empty title", `HEAD,"size":5,"title":""`)
	content("predicate", "a title of two lines", `HEAD,"size":5,"title":"a\nb"`)
	content("predicate", "a title with a terminal's escape", `HEAD,"size":5,"title":"a\u001b[2Jb"`)
	content("predicate", "a title that turns the direction of text", `HEAD,"size":5,"title":"a\u202eb"`)
	content("predicate", "a title that is too long", fmt.Sprintf(`HEAD,"size":5,"title":%q`, strings.Repeat("é", 301)))
	content("predicate", "an unknown member", `HEAD,"size":5,"subtitle":"b"`)
	content("predicate", "a media type that is none", `HEAD,"size":5,"mediaType":"jpeg"`)
	content("predicate", "a digital source type that is a word", `HEAD,"size":5,"digitalSourceType":"digitalCapture"`)
	content("predicate", "a digest without its prefix", fmt.Sprintf(`HEAD,"size":5,"credential":%q`, someDigest.Hex()))
	content("predicate", "a fingerprint with an unknown member", `HEAD,"size":5,"fingerprints":[{"algorithm":"a","value":"b","c":1}]`)
	content("missing", "a fingerprint without a value", `HEAD,"size":5,"fingerprints":[{"algorithm":"a"}]`)
	content("predicate", "too many fingerprints", fmt.Sprintf(`HEAD,"size":5,"fingerprints":[%s]`, repeat(`{"algorithm":"a","value":"b"}`, 17)))
	return cases
}

// badOwnSubjects are predicates of ours about the wrong subjects, or in the wrong kind of statement.
func badOwnSubjects() []Vector {
	content := ours(statement.ContentType, `HEAD,"size":5`)
	two := textSubject + "," + textSubject
	other := `{"digest":{"sha512":"ab"}}`
	return []Vector{
		bad("subject", "content/v1: two subjects", Envelope(alice, replaceText(content, textSubject, two))),
		bad("subject", "content/v1: a subject without SHA-256", Envelope(alice, replaceText(content, textSubject, other))),
		bad("subject", "rights/v1: the second subject without SHA-256",
			Envelope(alice, replaceText(ours(statement.RightsType, `HEAD,"holder":"a"`), textSubject, textSubject+","+other))),
		bad("missing", "content/v1: no predicate", Envelope(alice, replaceText(foreign(`{}`), `"https://example.org/note/v1","predicate":{}`, `"`+statement.ContentType+`"`))),
		bad("statement-type", "content/v1: in a statement of in-toto v0.1", Envelope(alice, replaceText(content, statement.Type, "https://in-toto.io/Statement/v0.1"))),
	}
}
