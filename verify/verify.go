// Package verify answers what a person asks about a file: are these the bytes that somebody spoke
// about, what was said, who said it and who vouches for them, is it in a log and who watches that
// log, when was it and by whose clock, and was it taken back.
//
// The questions are answered apart, because they can come out apart: a changed byte, an unknown
// signer and an unknown log are three different answers. [Check] is a pure function of its
// [Input]; it has no clock, no network and no file system, so that the tool, the server, the page
// and everybody else get the same answer to the same question, now and in ten years. The words of
// an [Answer] come from here too, and are shown everywhere as they are.
//
//	digest, size, err := verify.HashReader(ctx, file, nil)
//	receipts, err := receipt.Parse(text)
//	answer := verify.Check(verify.Input{Digest: digest, Size: size, Name: "photo.jpg",
//		Receipts: receipts, Trust: trust, At: time.Now()})
//
// Nothing here says that a work is true or false. A missing record is no evidence of anything, and
// never worded as if it were. The rules, the codes and the JSON form are specified in
// spec/verify.md and spec/verify.schema.json.
package verify

//go:generate go run ./vectors -o ../spec/testdata/verify.json

import (
	"time"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Tolerance is how far two clocks may differ before an [Answer] remarks on it.
const Tolerance = 5 * time.Minute

// Input is everything that an answer depends on.
type Input struct {
	Digest statement.Digest // of the bytes in question, see [HashReader]
	Size   int64            // their number
	Name   string           // what to call them; the name of the file without its folder

	// Receipts are those of these bytes, and any others that may bear on them, such as
	// revocations. The order does not matter to the answer.
	Receipts []*receipt.Receipt
	// Unreadable is the error of [receipt.Parse] if a receipt was there but could not be read.
	Unreadable error
	// Unheard says that newer word was asked for, of a registry or whoever else may know of a
	// revocation, and did not come. What is at hand then does not answer the question.
	Unheard bool

	Trust   Trust
	Require Require
	// At is the reader's own clock. The zero Time means that nobody knows what time it is.
	At time.Time
	// AsOf is a time that is asked about: was it recorded by then? The zero Time asks about none.
	AsOf time.Time
}

// Trust is whom the reader believes, and about what. The zero Trust believes nobody.
type Trust struct {
	// Policies name the logs that the reader accepts and the witnesses that must have watched
	// them. A checkpoint that satisfies one of the policies is accepted.
	Policies []NamedPolicy
	// People says who the issuers are. It does not make anything they say true.
	People map[statement.Issuer]Person
}

// NamedPolicy is a tlog-policy with the name under which the reader keeps it.
type NamedPolicy struct {
	Name   string
	Policy *tlog.Policy
}

// Person is what the reader knows about an issuer.
type Person struct {
	Name   string // what the reader calls them
	Source string // the list that says so, such as an address book's name
	Own    bool   // the key is the reader's own
}

// Require makes conditions of what is otherwise only reported. The zero Require makes none.
type Require struct {
	Signer statement.Issuer // the statement must be signed by this key
	Policy string           // only the policy of this name counts
}

// Check answers for one file. It never panics, whatever the receipts hold, and it says [Shown]
// only if the bytes match a statement whose signatures verify, which an accepted log holds under
// a checkpoint with a quorum of witnesses, and which nothing in the input revokes or contradicts.
func Check(in Input) Answer {
	c := &checker{Input: in}
	for _, r := range in.Receipts {
		c.cases = append(c.cases, c.examine(r))
	}
	c.findForks()
	c.findRevocations()
	for _, k := range c.cases {
		k.conclude(c)
	}
	return c.answer()
}

// checker holds one call of Check.
type checker struct {
	Input
	cases []*casefile // one for each receipt, in order
	forks []Fork
}
