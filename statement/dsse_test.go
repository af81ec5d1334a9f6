package statement_test

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"pgregory.net/rapid"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/statement/statementtest"
)

// The example that the DSSE protocol specification publishes.
func TestPublishedEncodingOfDSSE(t *testing.T) {
	got := string(statement.PAE("http://example.com/HelloWorld", []byte("hello world")))
	if want := "DSSEv1 29 http://example.com/HelloWorld 11 hello world"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEncodingIsThatOfSecureSystemsLab(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ, payload := rapid.String().Draw(t, "type"), rapid.SliceOf(rapid.Byte()).Draw(t, "payload")
		if got, want := string(statement.PAE(typ, payload)), string(dsse.PAE(typ, payload)); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// theirs makes one of our signers a signer and verifier of the Secure Systems Lab's library.
type theirs struct{ statement.Signer }

func (s theirs) KeyID() (string, error)                              { return string(s.Issuer()), nil }
func (s theirs) Sign(_ context.Context, data []byte) ([]byte, error) { return s.Signer.Sign(data) }
func (s theirs) Public() crypto.PublicKey                            { return nil }
func (s theirs) Verify(_ context.Context, data, sig []byte) (err error) {
	key, err := s.Issuer().PublicKey()
	if err != nil {
		return err
	}
	return key.Verify(data, sig)
}

func TestTheirEnvelopesOpenHere(t *testing.T) {
	signer, err := dsse.NewEnvelopeSigner(theirs{alice}, theirs{carol})
	if err != nil {
		t.Fatal(err)
	}
	payload := mustOpen(t, statementtest.Content(alice, "hello")).Payload()
	envelope, err := signer.SignPayload(context.Background(), statement.PayloadType, payload)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(envelope)
	if err != nil {
		t.Fatal(err)
	}
	if e := mustOpen(t, raw); string(e.Payload()) != string(payload) || len(e.Issuers()) != 2 {
		t.Errorf("opened to %s by %v", e.Payload(), e.Issuers())
	}
}

func TestOurEnvelopesVerifyThere(t *testing.T) {
	var envelope dsse.Envelope
	if err := json.Unmarshal(statementtest.Content(carol, "hello"), &envelope); err != nil {
		t.Fatal(err)
	}
	verifier, err := dsse.NewEnvelopeVerifier(theirs{carol})
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := verifier.Verify(context.Background(), &envelope)
	if err != nil || len(accepted) != 1 || accepted[0].KeyID != string(carol.Issuer()) {
		t.Errorf("accepted %v, %v", accepted, err)
	}
}

func TestAddKeyIDChangesNothingButTheHint(t *testing.T) {
	opened := mustOpen(t, statementtest.Content(alice, "hello"))
	payload := base64.StdEncoding.EncodeToString(opened.Payload())
	sig := base64.StdEncoding.EncodeToString(opened.Signatures()[0].Bytes)
	key, err := alice.Issuer().PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	const before, after = `{ "payloadType": "application/vnd.in-toto+json", "x":1, "payload": "PAYLOAD", "signatures": [ {`, `"sig": "SIG", "y": {"keyid": "z"} } ] }  `
	for name, keyid := range map[string][2]string{
		"a name":  {`"keyid" : "alice" ,`, `"keyid" : "DID" ,`},
		"escapes": {`"keyid":"\u0061\"",`, `"keyid":"DID",`},
		"null":    {`"keyid":null, `, `"keyid":"DID", `},
		"empty":   {`"keyid":"",`, `"keyid":"DID",`},
		"none":    {` `, `"keyid":"DID", `},
	} {
		t.Run(name, func(t *testing.T) {
			fill := strings.NewReplacer("PAYLOAD", payload, "SIG", sig, "DID", string(alice.Issuer()))
			raw := []byte(fill.Replace(before + keyid[0] + after))
			if _, err := statement.Open(raw); !errors.Is(err, statement.ErrUnknownKey) || !strings.Contains(err.Error(), "write its did:key there") {
				t.Errorf("before: %v", err)
			}
			got, err := statement.AddKeyID(raw, key)
			if err != nil {
				t.Fatal(err)
			}
			if want := fill.Replace(before + keyid[1] + after); string(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			mustOpen(t, got)
		})
	}
}

func TestAddKeyIDFindsTheRightSignature(t *testing.T) {
	st := &statement.Statement{
		Subjects:      []statement.Subject{statementtest.Subject("hello", "")},
		PredicateType: "https://example.org/note/v1", Predicate: jsontext.Value(`{}`),
	}
	want, err := statement.Sign(st, alice, carol, bob)
	if err != nil {
		t.Fatal(err)
	}
	raw := want
	for _, s := range []statement.Signer{alice, carol, bob} {
		raw = []byte(strings.Replace(string(raw), string(s.Issuer()), "somebody", 1))
	}
	for _, s := range []statement.Signer{bob, alice, carol} {
		key, err := s.Issuer().PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		if raw, err = statement.AddKeyID(raw, key); err != nil {
			t.Fatal(err)
		}
		if _, err := statement.AddKeyID(raw, key); !errors.Is(err, statement.ErrSignature) {
			t.Errorf("a second time: %v", err)
		}
	}
	if string(raw) != string(want) {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}

func TestAddKeyIDRefuses(t *testing.T) {
	key, err := bob.Issuer().PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	raw := []byte(strings.Replace(string(statementtest.Content(bob, "hello")), `"keyid":"`+string(bob.Issuer())+`",`, ``, 1))
	full := append(raw[:len(raw):len(raw)], strings.Repeat(" ", statement.MaxEnvelope-len(raw))...)
	for name, tt := range map[string]struct {
		raw  []byte
		want error
	}{
		"another's signature":         {[]byte(strings.Replace(string(statementtest.Content(alice, "hello")), string(alice.Issuer()), "", 1)), statement.ErrSignature},
		"no JSON":                     {[]byte("{"), statement.ErrTruncated},
		"an envelope already too big": {append(full[:len(full):len(full)], ' '), statement.ErrTooLarge},
		"an envelope that would be":   {full, statement.ErrTooLarge},
		"a payload not in base64":     {[]byte(`{"payload":"?","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":""}]}`), statement.ErrBase64},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := statement.AddKeyID(tt.raw, key); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}
