package statement

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Predicate is what a statement says, where this package knows how to read it: a [*Content], [*Rights] or [*Revoke].
type Predicate interface {
	// PredicateType returns the URI of the predicate's type.
	PredicateType() string

	// by returns who says so and when.
	by() (Issuer, time.Time)
	// member reads the member of that name, or returns errUnknownMember without reading anything.
	member(w *walker, name []byte) error
	// check applies the rules of the type to the members.
	check() error
	// checkSubjects applies the rules of the type to the subjects.
	checkSubjects([]Subject) error
}

// errUnknownMember says that a predicate type does not define a member. It never leaves the package.
var errUnknownMember = errors.New("unknown member")

// newPredicate returns an empty predicate of the type, or nil if the type is not one of ours.
func newPredicate(typ string) Predicate {
	switch typ {
	case ContentType:
		return &Content{Size: noSize}
	case RightsType:
		return new(Rights)
	case RevokeType:
		return new(Revoke)
	default:
		return nil
	}
}

// encodePredicate writes a predicate that its own decoder will accept.
func encodePredicate(p Predicate) (jsontext.Value, error) {
	issuer, _ := p.by()
	if _, err := refer([]byte(issuer)); err != nil && issuer != "" {
		return nil, fmt.Errorf("predicate %s: issuer: %w", p.PredicateType(), err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("predicate %s: %w", p.PredicateType(), err)
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("predicate %s: %w: %w", p.PredicateType(), ErrPredicate, err)
	}
	return raw, nil
}
