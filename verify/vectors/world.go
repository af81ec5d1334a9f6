package main

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
	"github.com/wherefrom-network/wherefrom/verify"
)

// The people and logs of the stories. The reader is Alice; she knows Bob; nobody knows Mallory.
var (
	alice, bob, mallory = receipttest.Signer("alice"), receipttest.Signer("bob"), receipttest.Signer("mallory")

	people = map[statement.Issuer]verify.Person{
		alice.Issuer(): {Name: "alice", Own: true},
		bob.Issuer():   {Name: "Bob Stone", Source: "friends"},
	}
	now = tlogtest.Time.Add(time.Hour)
)

const (
	photo   = "the bytes of a photo"
	changed = "the bytes of a phota"
	noName  = "-" // in a story: the file has no name
)

// stories returns all of them.
func stories() []story {
	all := slicesOf(ordinary, files, nameless, signers, watched, unknownLogs, alteredProofs, forks, times, asOf, unheard, revocations, ours, foreign, unfit)
	for i := range all { // unless a story says otherwise
		switch all[i].file {
		case "":
			all[i].file = "photo.jpg"
		case noName:
			all[i].file = ""
		}
		if all[i].bytes == "" {
			all[i].bytes = photo
		}
		if all[i].at.IsZero() {
			all[i].at = now
		}
	}
	return all
}

func slicesOf(parts ...func() []story) []story {
	var all []story
	for _, part := range parts {
		all = append(all, part()...)
	}
	return all
}

// town is the log that everybody in the stories uses.
func town() *tlogtest.Log { return tlogtest.New("example.org/town").Grow(1000) }

// demo trusts a log if two of three witnesses watched it.
func demo(log *tlogtest.Log) verify.Trust {
	return verify.Trust{People: people, Policies: []verify.NamedPolicy{{Name: "demo", Policy: log.Policy(2, "w1", "w2", "w3")}}}
}

// alone trusts a log for itself.
func alone(log *tlogtest.Log) verify.Trust {
	return verify.Trust{People: people, Policies: []verify.NamedPolicy{{Name: "alone", Policy: log.Policy(0, "w1")}}}
}

func aboutPhoto(by statement.Signer) []byte {
	return receipttest.Content(by, "photo.jpg", []byte(photo))
}

func text(receipts ...*receipt.Receipt) string { return string(receipt.Marshal(receipts...)) }

// forge returns an envelope in which a text of the signed payload was replaced after signing.
func forge(envelope []byte, old, new string) []byte {
	var e struct {
		Payload     []byte         `json:"payload"`
		PayloadType string         `json:"payloadType"`
		Signatures  jsontext.Value `json:"signatures"`
	}
	check(json.Unmarshal(envelope, &e))
	if !strings.Contains(string(e.Payload), old) {
		panic("the payload has no " + old)
	}
	e.Payload = []byte(strings.Replace(string(e.Payload), old, new, 1))
	raw, err := json.Marshal(e)
	check(err)
	return raw
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// with returns a receipt with another envelope, and nothing else changed.
func with(r *receipt.Receipt, envelope []byte) *receipt.Receipt {
	c := *r
	c.Envelope = envelope
	return &c
}

// hinted returns a receipt with another log line.
func hinted(r *receipt.Receipt, key tlog.Key) *receipt.Receipt {
	c := *r
	c.Log = key
	return &c
}

// replaced returns the receipt with one part of its text replaced by another of the same length.
func replaced(r *receipt.Receipt, old, new string) string {
	t := text(r)
	if !strings.Contains(t, old) || len(old) != len(new) {
		panic("cannot replace " + old)
	}
	return strings.Replace(t, old, new, 1)
}

// sign returns a statement of another maker.
func sign(st *statement.Statement, by ...statement.Signer) []byte {
	raw, err := statement.Sign(st, by...)
	check(err)
	return raw
}

// issuedAt returns Alice's statement about the photo, dated by a clock of hers.
func issuedAt(t time.Time) []byte {
	return receipttest.Sign(alice, &statement.Content{
		Issuer: alice.Issuer(), IssuedAt: t, MediaType: "text/plain", Size: int64(len(photo)),
	}, statement.NewSubject(statement.Sum([]byte(photo)), "photo.jpg"))
}

// rewrapped returns the same signed statement in an envelope of other bytes.
func rewrapped(envelope []byte) []byte {
	e, err := statement.Open(append([]byte(" "), envelope...))
	check(err)
	return e.Raw()
}

func payloadDigest(envelope []byte) statement.Digest {
	e, err := statement.Open(envelope)
	check(err)
	return e.PayloadDigest()
}

// stranger returns a log with the name of another one and a key of its own.
func stranger(origin tlog.Origin) *tlogtest.Log {
	log := tlogtest.New(origin).Grow(10)
	signer, err := tlog.NewLogSigner(origin, tlogtest.PrivateKey("a stranger"))
	check(err)
	log.Signer = signer
	return log
}

// cosignature returns the line with which a witness cosigns a checkpoint of a log at a time.
func cosignature(log *tlogtest.Log, size uint64, witness string, at time.Time) []byte {
	signed := string(log.CheckpointAt(size, tlogtest.CosignerAt(witness, func() time.Time { return at })))
	return []byte(signed[strings.Index(signed, "— "+witness):])
}

// cycled returns a hash in base64 with its first character moved on.
func cycled(hash string) string {
	if hash[0] == 'A' {
		return "B" + hash[1:]
	}
	return "A" + hash[1:]
}

// retimed returns a cosignature line that says a second more.
func retimed(line string) string {
	name, sig, _ := strings.Cut(strings.TrimPrefix(line, "— "), " ")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(sig, "\n"))
	check(err)
	raw[11]++ // after four bytes of key id, the last of eight of time
	return "— " + name + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
}
