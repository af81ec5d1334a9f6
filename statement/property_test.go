package statement_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/statement/statementtest"
)

// Whatever is done to an envelope, it either does not open, or it still says the same by the same keys.
func TestNoChangeMakesAnEnvelopeSaySomethingElse(t *testing.T) {
	var good []*statement.Envelope
	for _, v := range readVectors(t) {
		if v.Want == "ok" && len(v.Envelope) < 6<<10 && v.Spaces == 0 {
			good = append(good, mustOpen(t, v.Envelope))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(good).Draw(t, "envelope")
		raw := bytes.Clone(e.Raw())
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(raw)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				raw[at] = rapid.Byte().Draw(t, "byte")
			case 1:
				raw = slices.Delete(raw, at, at+1)
			default:
				raw = slices.Insert(raw, at, rapid.SampledFrom([]byte(" \"\\{}[],:=A")).Draw(t, "inserted"))
			}
		}
		changed, err := statement.Open(raw)
		if err != nil {
			if statement.Code(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if !bytes.Equal(changed.Payload(), e.Payload()) || !slices.Equal(changed.Issuers(), e.Issuers()) {
			t.Fatalf("now %v say %s", changed.Issuers(), changed.Payload())
		}
	})
}

// Any content, rights or revocation that can be made is read as it was made.
func TestPredicatesAreReadAsTheyWereMade(t *testing.T) {
	line := rapid.StringMatching(`[a-zé港 "\\<>&/]{0,40}`)
	rapid.Check(t, func(t *rapid.T) {
		at := statementtest.At.Add(time.Duration(rapid.Int32().Draw(t, "seconds")) * time.Second)
		digest := statement.Sum([]byte(line.Draw(t, "digest")))
		p := rapid.SampledFrom([]statement.Predicate{
			&statement.Content{
				Issuer: alice.Issuer(), IssuedAt: at, Size: rapid.Int64Range(0, 1<<53-1).Draw(t, "size"), Title: line.Draw(t, "title"),
				Made: line.Draw(t, "made"), Credential: rapid.SampledFrom([]*statement.Digest{nil, &digest}).Draw(t, "credential"),
			},
			&statement.Rights{
				Issuer: alice.Issuer(), IssuedAt: at, Vocabulary: "v", Holder: "h" + line.Draw(t, "holder"), Terms: line.Draw(t, "terms"),
				TrainAI: rapid.SampledFrom([]statement.Preference{statement.Allow, statement.Disallow, statement.Unknown}).Draw(t, "train"),
			},
			&statement.Revoke{Issuer: alice.Issuer(), IssuedAt: at, PayloadDigest: digest, Reason: statement.Legal, Note: line.Draw(t, "note")},
		}).Draw(t, "predicate")
		e, err := statement.Open(statementtest.Sign(p, alice, statement.NewSubject(digest, line.Draw(t, "name"))))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(p, e.Predicate()); d != "" {
			t.Fatal(d)
		}
	})
}
