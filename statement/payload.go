package statement

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// readStatement reads an in-toto statement. Members that in-toto does not define are ignored, as in-toto asks.
func readStatement(payload []byte, st *Statement) error {
	subject := false
	err := walk(payload, func(w *walker) error {
		return w.object(func(name []byte) (err error) {
			switch string(name) {
			case "_type":
				st.Type, err = w.string()
			case "subject":
				subject = true
				err = w.array(func(i int) error { return readSubject(w, st, i) })
			case "predicateType":
				st.PredicateType, err = w.string()
			case "predicate":
				st.Predicate, err = w.rawObject()
			default:
				err = w.skip()
			}
			return err
		})
	})
	switch {
	case err != nil:
		return err
	case st.Type == "":
		return fmt.Errorf("%w: _type", ErrMissing)
	case st.Type != Type && st.Type != typeV01:
		return fmt.Errorf("%w: its _type is %.80q", ErrStatementType, st.Type)
	case !subject:
		return fmt.Errorf("%w: subject", ErrMissing)
	case st.PredicateType == "":
		return fmt.Errorf("%w: predicateType", ErrMissing)
	case len(st.Subjects) == 0:
		return ErrNoSubject
	}
	return nil
}

func readSubject(w *walker, st *Statement, i int) error {
	if i == MaxSubjects {
		return fmt.Errorf("%w: more than %d subjects", ErrTooMany, MaxSubjects)
	}
	st.Subjects = append(st.Subjects, Subject{})
	s := &st.Subjects[i]
	if err := w.object(func(name []byte) error { return s.member(w, name) }); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return fmt.Errorf("subject %d of the statement: %w", i+1, err)
	}
	return nil
}

func (s *Subject) member(w *walker, name []byte) (err error) {
	switch string(name) {
	case "name":
		s.Name, err = w.string()
	case "uri":
		s.URI, err = w.string()
	case "digest":
		s.Digest = make(map[string]string, 1)
		err = w.object(func(name []byte) error {
			algorithm := string(name)
			s.Digest[algorithm], err = w.string()
			return err
		})
	case "content":
		err = s.readContent(w)
	case "downloadLocation":
		s.DownloadLocation, err = w.string()
	case "mediaType":
		s.MediaType, err = w.string()
	case "annotations":
		s.Annotations, err = w.rawObject()
	default:
		err = w.skip()
	}
	return err
}

func (s *Subject) readContent(w *walker) error {
	text, err := w.bytes()
	if err != nil {
		return err
	}
	if s.Content, err = decodeBase64(text); err != nil {
		return fmt.Errorf("%s: %w", w.last(), err)
	}
	return nil
}

// decodePredicate reads a predicate of ours from its JSON.
func decodePredicate(p Predicate, raw jsontext.Value) error {
	if raw == nil {
		return fmt.Errorf("%w: predicate", ErrMissing)
	}
	err := walk(raw, func(w *walker) error {
		return w.object(func(name []byte) error {
			err := p.member(w, name)
			if errors.Is(err, errUnknownMember) {
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
