package statement

import (
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

// Rights says how the subjects may be used, in the eyes of the issuer.
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

func (r *Rights) checkSubjects(s []Subject) error { return checkAllSHA256(s) }

func (r *Rights) member(w *walker, name []byte) (known bool, err error) {
	switch string(name) {
	case "issuer":
		err = w.text((*string)(&r.Issuer))
	case "issuedAt":
		err = w.time(&r.IssuedAt)
	case "vocabulary":
		err = w.text(&r.Vocabulary)
	case "train-ai":
		err = w.text((*string)(&r.TrainAI))
	case "search":
		err = w.text((*string)(&r.Search))
	case "license":
		err = w.text(&r.License)
	case "holder":
		err = w.text(&r.Holder)
	case "terms":
		err = w.text(&r.Terms)
	default:
		return false, nil
	}
	return true, err
}

func (r *Rights) check() error {
	if err := checkHead(r.Issuer, r.IssuedAt); err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		Preference
	}{{"train-ai", r.TrainAI}, {"search", r.Search}} {
		if p.Preference != Allow && p.Preference != Disallow && p.Preference != Unknown {
			return fmt.Errorf("%w: %s is %.40q, not \"y\" or \"n\"", ErrPredicate, p.name, string(p.Preference))
		}
		if p.Preference != Unknown && r.Vocabulary == "" {
			return fmt.Errorf("%w: vocabulary, which says what %s means", ErrMissing, p.name)
		}
	}
	if err := checkText("holder", r.Holder, 300); err != nil {
		return err
	}
	return checkText("terms", r.Terms, 4000)
}
