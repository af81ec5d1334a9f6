package statement

import (
	"cmp"
	"fmt"
	"time"
)

// RightsType is the predicate type of [Rights].
const RightsType = "https://wherefrom.network/rights/v1"

// AIPREF is the vocabulary whose two categories [Rights] speaks of, in the version that this package was written
// against. The draft still moves, so every statement names its version.
const AIPREF = "draft-ietf-aipref-vocab-08"

// Preference is what somebody wishes for one use of their work. It is a wish, not a licence.
type Preference string

// The preferences of AIPREF. Unknown is said by saying nothing.
const (
	Allow    Preference = "y"
	Disallow Preference = "n"
	Unknown  Preference = ""
)

// Rights says how the subjects may be used, in the eyes of the issuer. Every subject is named by SHA-256.
type Rights struct {
	// Issuer is the key that says so; it must be one of the signers.
	Issuer Issuer `json:"issuer"`
	// IssuedAt is when, by the issuer's own clock, in whole seconds of UTC.
	IssuedAt time.Time `json:"issuedAt"`
	// Vocabulary names the version of the vocabulary of TrainAI and Search; required if one of them is set.
	Vocabulary string `json:"vocabulary,omitzero"`
	// TrainAI is the preference for training AI models, "train-ai" in AIPREF.
	TrainAI Preference `json:"train-ai,omitzero"`
	// Search is the preference for search, "search" in AIPREF.
	Search Preference `json:"search,omitzero"`
	// License is an SPDX licence expression or the web address of a licence.
	License string `json:"license,omitzero"`
	// Holder names who holds the rights.
	Holder string `json:"holder,omitzero"`
	// Terms are further terms, in words or as a web address.
	Terms string `json:"terms,omitzero"`
}

// PredicateType returns [RightsType].
func (*Rights) PredicateType() string { return RightsType }

func (r *Rights) by() (Issuer, time.Time) { return r.Issuer, r.IssuedAt }

func (r *Rights) checkSubjects(s []Subject) error { return checkSHA256(s) }

func (r *Rights) member(w *walker, name []byte) error {
	switch string(name) {
	case "issuer":
		return w.text((*string)(&r.Issuer))
	case "issuedAt":
		return w.time(&r.IssuedAt)
	case "vocabulary":
		return w.text(&r.Vocabulary)
	case "train-ai":
		return w.text((*string)(&r.TrainAI))
	case "search":
		return w.text((*string)(&r.Search))
	case "license":
		return w.text(&r.License)
	case "holder":
		return w.text(&r.Holder)
	case "terms":
		return w.text(&r.Terms)
	default:
		return errUnknownMember
	}
}

func (r *Rights) check() error {
	if r.TrainAI == Unknown && r.Search == Unknown && r.License == "" && r.Holder == "" && r.Terms == "" {
		return fmt.Errorf("%w: it says nothing; at least one of train-ai, search, license, holder and terms must be there", ErrPredicate)
	}
	return cmp.Or(
		checkHead(r.Issuer, r.IssuedAt),
		r.TrainAI.check("train-ai", r.Vocabulary),
		r.Search.check("search", r.Vocabulary),
		checkCode("vocabulary", r.Vocabulary),
		checkLicense(r.License),
		checkLine("holder", r.Holder),
		checkText("terms", r.Terms),
	)
}

// check checks the preference for one category of the vocabulary.
func (p Preference) check(category, vocabulary string) error {
	switch {
	case p == Unknown:
		return nil
	case p != Allow && p != Disallow:
		return fmt.Errorf("%w: %s is %.40q, not \"y\" or \"n\"", ErrPredicate, category, string(p))
	case vocabulary == "":
		return fmt.Errorf("%w: vocabulary, which tells what %s means", ErrMissing, category)
	}
	return nil
}
