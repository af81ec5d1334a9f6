package statement

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// RevokeType is the predicate type of [Revoke].
const RevokeType = "https://wherefrom.network/revoke/v1"

// Reason says why a statement was revoked.
type Reason string

// The reasons for revoking a statement.
const (
	Mistake       Reason = "mistake"
	Superseded    Reason = "superseded"
	Withdrawn     Reason = "withdrawn"
	KeyCompromise Reason = "key-compromise"
	Legal         Reason = "legal"
)

// Revoke takes an earlier statement back. The one subject of its statement has the [Envelope.ID] of the revoked
// envelope as its SHA-256. Make one with [NewRevoke]; ask what it revokes with [Envelope.Revokes].
type Revoke struct {
	// Issuer is the key that revokes; it must be one of the signers, and have issued the revoked statement.
	Issuer Issuer `json:"issuer"`
	// IssuedAt is when, by the issuer's own clock, in whole seconds of UTC.
	IssuedAt time.Time `json:"issuedAt"`
	// PayloadDigest is the [Envelope.PayloadDigest] of the revoked envelope. Anybody can put the same signed
	// text in a new envelope with a new ID; this holds for all of them.
	PayloadDigest Digest `json:"payloadDigest"`
	// Reason says why.
	Reason Reason `json:"reason"`
	// Note says more, in words.
	Note string `json:"note,omitzero"`
}

// NewRevoke returns the statement with which r.Issuer revokes target. It fills in r.PayloadDigest and the subject.
func NewRevoke(target *Envelope, r Revoke) (*Statement, error) {
	r.PayloadDigest = target.PayloadDigest()
	if !slices.Contains(target.revokers(), r.Issuer) {
		return nil, fmt.Errorf("%w: %s did not issue %s, and so cannot revoke it", ErrIssuer, r.Issuer, target.ID())
	}
	return New(&r, NewSubject(target.ID(), ""))
}

// Revokes reports whether e is a revocation that counts against target: it names target's signed text, and comes
// from target's own issuer. Both must have been verified. A revocation itself cannot be revoked.
func (e *Envelope) Revokes(target *Envelope) bool {
	r, ok := e.predicate.(*Revoke)
	return ok && r.PayloadDigest == target.PayloadDigest() && slices.Contains(target.revokers(), r.Issuer)
}

// revokers returns who may revoke e: the issuer that its predicate names, or each signer if it names none.
func (e *Envelope) revokers() []Issuer {
	switch p := e.predicate.(type) {
	case nil:
		return e.issuers
	case *Revoke:
		return nil
	default:
		issuer, _ := p.by()
		return []Issuer{issuer}
	}
}

// PredicateType returns [RevokeType].
func (*Revoke) PredicateType() string { return RevokeType }

func (r *Revoke) by() (Issuer, time.Time) { return r.Issuer, r.IssuedAt }

func (r *Revoke) checkSubjects(s []Subject) error { return checkOneSubject(s) }

func (r *Revoke) member(w *walker, name []byte) error {
	switch string(name) {
	case "issuer":
		return w.text((*string)(&r.Issuer))
	case "issuedAt":
		return w.time(&r.IssuedAt)
	case "payloadDigest":
		return w.digest(&r.PayloadDigest)
	case "reason":
		return w.text((*string)(&r.Reason))
	case "note":
		return w.text(&r.Note)
	default:
		return errUnknownMember
	}
}

func (r *Revoke) check() error {
	if r.PayloadDigest.IsZero() {
		return fmt.Errorf("%w: payloadDigest", ErrMissing)
	}
	return cmp.Or(checkHead(r.Issuer, r.IssuedAt), r.Reason.check(), checkText("note", r.Note))
}

func (r Reason) check() error {
	switch r {
	case Mistake, Superseded, Withdrawn, KeyCompromise, Legal:
		return nil
	case "":
		return fmt.Errorf("%w: reason", ErrMissing)
	default:
		return fmt.Errorf("%w: reason is %.40q, not mistake, superseded, withdrawn, key-compromise or legal", ErrPredicate, string(r))
	}
}
