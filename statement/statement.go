// Package statement makes, reads and checks the signed statement that every other part of Wherefrom records:
// somebody says something about some bytes, at a time.
//
// A statement is an in-toto Statement v1 in a DSSE envelope. What is hashed and what is signed are the bytes
// received, never a re-encoding: [Envelope.ID] is the SHA-256 of the whole envelope, and a signature covers the
// payload exactly as it stood in it. So statements of other makers (SLSA provenance, model signatures, Sigstore
// bundles) enter and verify unchanged, and only three kinds are read further: [Content], [Rights] and [Revoke].
//
// To make one: [New], then [Sign]. To check one: [Open], or [OpenBatch] for many. The package answers whether a
// key signed these bytes. Whether that key is anybody's, and whether to believe it, is the work of verify.
//
// The normative text is spec/statement.md, and its vectors are spec/testdata/statement.json.
package statement

//go:generate go run ../spec/internal/statementvectors ../spec/testdata/statement.json

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Type is the in-toto statement type that [Sign] writes.
const Type = "https://in-toto.io/Statement/v1"

// typeV01 is the older statement type. It has the same members, and many published attestations carry it.
const typeV01 = "https://in-toto.io/Statement/v0.1"

// Statement is what was said: a predicate about some subjects.
type Statement struct {
	// Type is the in-toto statement type; empty means [Type].
	Type string
	// Subjects are the things spoken about, at least one.
	Subjects []Subject
	// PredicateType is the URI that says how to read Predicate.
	PredicateType string
	// Predicate is the JSON object that was said, byte for byte as received; nil if there was none.
	Predicate jsontext.Value
}

// New returns a statement that says p about the subjects. It refuses whatever [Open] would refuse later.
func New(p Predicate, subjects ...Subject) (*Statement, error) {
	raw, err := encodePredicate(p)
	if err != nil {
		return nil, err
	}
	st := &Statement{Subjects: subjects, PredicateType: p.PredicateType(), Predicate: raw}
	if err := st.check(); err != nil {
		return nil, err
	}
	return st, nil
}

// Decode reads the predicate. It returns nil and no error for a predicate type that this package does not know:
// such a statement is valid, and its meaning is for others to read from s.Predicate.
func (s *Statement) Decode() (Predicate, error) {
	p := newPredicate(s.PredicateType)
	if p == nil {
		return nil, nil
	}
	if s.Type != "" && s.Type != Type {
		return nil, fmt.Errorf("%w: %s needs a statement of type %s, not %q", ErrStatementType, s.PredicateType, Type, s.Type)
	}
	if err := decodePredicate(p, s.Predicate); err != nil {
		return nil, err
	}
	if err := p.checkSubjects(s.Subjects); err != nil {
		return nil, err
	}
	return p, nil
}

// check applies every rule that holds for a statement before it is signed.
func (s *Statement) check() error {
	if len(s.Subjects) == 0 {
		return ErrNoSubject
	}
	if len(s.Subjects) > MaxSubjects {
		return fmt.Errorf("%w: %d subjects, at most %d are allowed", ErrTooMany, len(s.Subjects), MaxSubjects)
	}
	for i := range s.Subjects {
		if err := s.Subjects[i].check(); err != nil {
			return fmt.Errorf("subject %d of the statement: %w", i+1, err)
		}
	}
	_, err := s.Decode()
	return err
}

// Issued returns the time at which the issuer says the statement was made, by the issuer's own clock. It is
// false for statements whose predicate this package does not read.
func Issued(e *Envelope) (time.Time, bool) {
	if e.predicate == nil {
		return time.Time{}, false
	}
	_, at := e.predicate.by()
	return at, true
}
