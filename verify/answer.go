package verify

import (
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Schema names the JSON form of an [Answer]. Fields are only ever added to it.
const Schema = "wherefrom.network/verify/v1"

// Verdict is how a question came out.
type Verdict string

const (
	// Shown says that it is so, and that the receipt shows it.
	Shown Verdict = "shown"
	// NotSo says that it was checked and is not so.
	NotSo Verdict = "not-so"
	// CannotTell says that there is too little to decide. It is no hint either way.
	CannotTell Verdict = "cannot-tell"
	// NoneKnown is an answer to one question only, whether a statement was revoked: nothing at
	// hand says so, and offline nothing newer can be known.
	NoneKnown Verdict = "none-known"
)

// Answer is what [Check] found out. It is ready to be written as JSON. Of what strangers wrote, the
// words, facts, names and claims are made printable; an origin or a key is given as it is.
type Answer struct {
	Schema  string  `json:"schema"`
	Verdict Verdict `json:"verdict"` // Shown, NotSo or CannotTell
	Code    Code    `json:"code"`
	Summary string  `json:"summary"` // one sentence
	Next    string  `json:"next"`    // one thing to do now
	File    File    `json:"file"`
	// At is the reader's clock, if it was given.
	At time.Time `json:"at,omitzero"`
	// AsOf is the time that was asked about, if one was.
	AsOf time.Time `json:"as_of,omitzero"`
	// Unheard says that newer word was asked for, and did not come.
	Unheard bool `json:"unheard,omitzero"`
	// Statements has one finding for each receipt, in the order of the input.
	Statements []Finding `json:"statements"`
	// Forks are proofs that a log showed two pasts. Keep them: anyone can check them.
	Forks []Fork `json:"forks,omitempty"`
	Notes []Note `json:"notes,omitempty"`
}

// File is what was asked about.
type File struct {
	Name   string           `json:"name,omitempty"`
	Digest statement.Digest `json:"digest"`
	Size   int64            `json:"size"`
}

// Role is what a receipt has to do with the file.
type Role string

// The roles of receipts.
const (
	AboutFile  Role = "about-file" // its statement names the file's digest
	Revocation Role = "revocation" // it takes back another statement of the input
	AboutOther Role = "about-other"
	Unread     Role = "unread" // its statement could not be read
)

// Finding is what came out about one receipt: six questions, answered apart.
type Finding struct {
	ID      statement.Digest `json:"id"` // of the statement
	Role    Role             `json:"role"`
	Verdict Verdict          `json:"verdict"`
	Code    Code             `json:"code"`
	Words   string           `json:"words"`

	Match   Match   `json:"match"`
	Said    Said    `json:"said"`
	Signer  Signer  `json:"signer"`
	Log     Log     `json:"log"`
	Time    Time    `json:"time"`
	Revoked Revoked `json:"revoked"`

	Notes []Note `json:"notes,omitempty"`
}

// Part is the answer to one question.
type Part struct {
	State Verdict `json:"state"`
	Code  Code    `json:"code"`
	Words string  `json:"words"` // one sentence, for people
}

// Match answers: are these the bytes that the statement is about?
type Match struct {
	Part
	Name    string `json:"name,omitempty"`    // what the statement calls the matching or only subject
	Subject int    `json:"subject,omitempty"` // which of its subjects matches, from 1; 0 if none
}

// Said answers: what was stated? It repeats only what a verified signature covers.
type Said struct {
	Part
	PredicateType string `json:"predicate_type,omitempty"`
	Facts         []Fact `json:"facts,omitempty"`
}

// Fact is one thing that was stated, in words.
type Fact struct {
	Label string `json:"label"` // stable: "media type", "title", "made" …
	Value string `json:"value"` // in full
}

// Signer answers: who signed, and who vouches for them?
type Signer struct {
	Part
	By []Signatory `json:"by,omitempty"`
}

// Signatory is a key that signed.
type Signatory struct {
	Issuer statement.Issuer `json:"issuer"`
	Name   string           `json:"name,omitempty"`   // what the reader calls them
	Source string           `json:"source,omitempty"` // the reader's list that says so
	Own    bool             `json:"own,omitempty"`    // the reader's own key
	// Claims are names in a certificate that came with the statement. Nobody vouches for them.
	Claims []string `json:"claims,omitempty"`
}

// Log answers: is it in a log, which one, and who watches that log?
type Log struct {
	Part
	Origin tlog.Origin `json:"origin,omitempty"`
	Key    string      `json:"key,omitempty"`    // the vkey that verified the checkpoint
	Policy string      `json:"policy,omitempty"` // the reader's list that accepts the log
	Index  uint64      `json:"index"`
	Size   uint64      `json:"size"` // of the log, by this checkpoint
	// Witnesses are those of the policy that cosigned this checkpoint.
	Witnesses []Witness `json:"witnesses,omitempty"`
	Quorum    bool      `json:"quorum"` // whether they are enough for the policy
}

// Witness is a witness that watched the log.
type Witness struct {
	Name string    `json:"name"` // in the policy
	Key  string    `json:"key"`  // the name of its key
	Time time.Time `json:"time"` // by its own clock
}

// Time answers: when was it, and by whose clock?
type Time struct {
	Part
	// Claimed is when the statement was made, by its signer's own clock.
	Claimed time.Time `json:"claimed,omitzero"`
	// NotAfter is the time by which the statement was in the log, and so existed: the earliest at
	// which enough witnesses for the policy had seen it, by their clocks.
	NotAfter time.Time `json:"not_after,omitzero"`
}

// Revoked answers: was it taken back, as far as is known at hand?
type Revoked struct {
	Part
	By      statement.Digest `json:"by,omitzero"`      // the revoking statement
	Reason  string           `json:"reason,omitempty"` // one of [statement.Reason]
	Claimed time.Time        `json:"claimed,omitzero"` // when, by the signer's own clock
	// KnownAt is the newest witnessed time in the input: nothing after it can be known from here.
	KnownAt time.Time `json:"known_at,omitzero"`
}

// Fork is the evidence that a log signed two different trees.
type Fork struct {
	Origin tlog.Origin `json:"origin"`
	Key    string      `json:"key"`
	Words  string      `json:"words"`
	// Checkpoints are the two signed checkpoints, verbatim.
	Checkpoints [2]string `json:"checkpoints"`
	// Receipts are the positions in the input of the receipts that they are from, from 0.
	Receipts [2]int `json:"receipts"`
}

// Note is a remark that does not change the verdict.
type Note struct {
	Code  Code   `json:"code"`
	Words string `json:"words"`
}
