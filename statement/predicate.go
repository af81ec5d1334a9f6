package statement

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Predicate is what a statement says, where this package knows how to read it: a [*Content], [*Rights] or
// [*Revoke].
type Predicate interface {
	// PredicateType returns the URI of the predicate's type.
	PredicateType() string

	by() (Issuer, time.Time)
	member(w *walker, name []byte) (known bool, err error)
	check() error
	checkSubjects([]Subject) error
}

// newPredicate returns an empty predicate of the type, or nil if the type is unknown.
func newPredicate(typ string) Predicate {
	switch typ {
	case ContentType:
		return new(Content)
	case RightsType:
		return new(Rights)
	case RevokeType:
		return new(Revoke)
	default:
		return nil
	}
}

func encodePredicate(p Predicate) (jsontext.Value, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPredicate, err)
	}
	return raw, nil
}

func decodePredicate(p Predicate, raw jsontext.Value) error {
	if raw == nil {
		return fmt.Errorf("%w: predicate", ErrMissing)
	}
	err := walk(raw, func(w *walker) error {
		return w.object(func(name []byte) error {
			known, err := p.member(w, name)
			if err == nil && !known {
				err = w.extension(name)
			}
			return err
		})
	})
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return fmt.Errorf("predicate %s: %w", p.PredicateType(), err)
	}
	return nil
}
