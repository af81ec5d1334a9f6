package statementtest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/wherefrom-network/wherefrom/statement"
)

// Vectors is the content of spec/testdata/statement.json.
type Vectors struct {
	Schema string `json:"schema"`
	// About tells a reader of the file what it is.
	About   string   `json:"about"`
	Vectors []Vector `json:"vectors"`
}

// Vector is one envelope and what is to be found in it.
type Vector struct {
	// Name says in words what is special about the envelope.
	Name string `json:"name"`
	// Envelope is the envelope's bytes, in standard base64.
	Envelope []byte `json:"envelope"`
	// Spaces is how many spaces follow after Envelope; they belong to the envelope's bytes.
	Spaces int `json:"spaces,omitzero"`
	// Want is "ok", or the code of the error that opening the envelope must report.
	Want string `json:"want"`

	// The rest is there only if Want is "ok".
	ID            statement.Digest   `json:"id,omitzero"`
	PayloadDigest statement.Digest   `json:"payloadDigest,omitzero"`
	Issuers       []statement.Issuer `json:"issuers,omitempty"`
	PredicateType string             `json:"predicateType,omitzero"`
	IssuedAt      time.Time          `json:"issuedAt,omitzero"`
	// Revokes is the ID of the envelope that this one takes back.
	Revokes statement.Digest `json:"revokes,omitzero"`
}

// MakeVectors makes every vector. It fails if an envelope does not open as it should, so that a wrong vector is never
// written.
func MakeVectors() (*Vectors, error) {
	v := &Vectors{
		Schema: "wherefrom.network/statement-vectors/v1",
		About:  "Made by spec/internal/statementvectors; the rules are in spec/statement.md. Open each envelope and compare.",
	}
	for _, c := range append(goodCases(), badCases()...) {
		filled, err := c.fill()
		if err != nil {
			return nil, fmt.Errorf("vector %q: %w", c.Name, err)
		}
		v.Vectors = append(v.Vectors, filled)
	}
	return v, nil
}

// JSON returns the file's text.
func (v *Vectors) JSON() ([]byte, error) {
	text, err := json.Marshal(v, jsontext.WithIndent("  "))
	return append(text, '\n'), err
}

// Raw returns the envelope's bytes.
func (v *Vector) Raw() []byte {
	return append(v.Envelope[:len(v.Envelope):len(v.Envelope)], strings.Repeat(" ", v.Spaces)...)
}

// fill opens the envelope and writes down what was found.
func (v Vector) fill() (Vector, error) {
	e, err := statement.Open(v.Raw())
	if v.Want != ok {
		if code := statement.Code(err); code != v.Want {
			return v, fmt.Errorf("want %s, got %s: %w", v.Want, code, err)
		}
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.ID, v.PayloadDigest, v.Issuers = e.ID(), e.PayloadDigest(), e.Issuers()
	v.PredicateType = e.Statement().PredicateType
	v.IssuedAt, _ = statement.Issued(e)
	if _, isRevoke := e.Predicate().(*statement.Revoke); isRevoke {
		v.Revokes, _ = e.Statement().Subjects[0].SHA256()
	}
	return v, nil
}

// ok is what a good vector wants.
const ok = "ok"

// PAE returns the bytes that a DSSE signature covers, written here a second time so that the vectors do not depend on
// the code they test.
func PAE(payloadType, payload string) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}

// sign returns the signature of a payload in base64.
func sign(s statement.Signer, payload string) string {
	sig, err := s.Sign(PAE(statement.PayloadType, payload))
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(sig)
}

// signed returns one element of an envelope's signatures.
func signed(s statement.Signer, payload string) string {
	return fmt.Sprintf(`{"keyid":%q,"sig":%q}`, s.Issuer(), sign(s, payload))
}

// dsse returns an envelope with the payload and the signatures, which are JSON already.
func dsse(payload string, signatures ...string) []byte {
	return fmt.Appendf(nil, `{"payload":%q,"payloadType":%q,"signatures":[%s]}`,
		base64.StdEncoding.EncodeToString([]byte(payload)), statement.PayloadType, strings.Join(signatures, ","))
}

// Envelope returns an envelope with the payload, whatever it is, and the signer's good signature.
func Envelope(s statement.Signer, payload string) []byte { return dsse(payload, signed(s, payload)) }

// bundle returns a Sigstore bundle with the verification material, which is JSON already.
func bundle(material string, envelope []byte) []byte {
	return fmt.Appendf(nil, `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{%s},"dsseEnvelope":%s}`,
		material, envelope)
}

// certificateJSON returns the JSON of a certificate in a bundle.
func certificateJSON(der []byte) string {
	return fmt.Sprintf(`{"rawBytes":%q}`, base64.StdEncoding.EncodeToString(der))
}

// foreign returns a payload of a predicate type that is not ours.
func foreign(predicate string) string { return foreignAbout(textSubject, predicate) }

// foreignAbout returns a payload of a predicate type that is not ours, with the subjects.
func foreignAbout(subjects, predicate string) string {
	return fmt.Sprintf(`{"_type":%q,"subject":[%s],"predicateType":"https://example.org/note/v1","predicate":%s}`,
		statement.Type, subjects, predicate)
}

// ours returns a payload of one of our predicate types; the predicate may begin with HEAD, which stands for issuer and
// time.
func ours(typ, predicate string) string {
	predicate = strings.ReplaceAll(predicate, "HEAD", head)
	return fmt.Sprintf(`{"_type":%q,"subject":[%s],"predicateType":%q,"predicate":{%s}}`, statement.Type, textSubject, typ, predicate)
}

var (
	alice = Signer("alice")
	bob   = Signer("bob")
	carol = P256Signer("carol")

	textSubject = fmt.Sprintf(`{"digest":{"sha256":%q}}`, statement.Sum([]byte("hello")).Hex())
	head        = fmt.Sprintf(`"issuer":%q,"issuedAt":"2026-01-31T12:00:00Z"`, alice.Issuer())
)

// replace replaces the one occurrence of old in an envelope.
func replace(raw []byte, old, with string) []byte {
	if bytes.Count(raw, []byte(old)) != 1 {
		panic(fmt.Sprintf("%q is not once in %s", old, raw))
	}
	return bytes.Replace(raw, []byte(old), []byte(with), 1)
}
