package statement

import "fmt"

// readStatement reads an in-toto statement. Members that in-toto does not define are ignored, as in-toto asks.
func readStatement(payload []byte, st *Statement) error {
	hasType, hasSubject, hasPredicateType := false, false, false
	err := walk(payload, func(w *walker) error {
		return w.object(func(name []byte) (err error) {
			switch string(name) {
			case "_type":
				hasType = true
				st.Type, err = w.string()
			case "subject":
				hasSubject = true
				err = readSubjects(w, st)
			case "predicateType":
				hasPredicateType = true
				st.PredicateType, err = w.string()
			case "predicate":
				if err = w.kind('{'); err == nil {
					st.Predicate, err = w.raw()
				}
			default:
				err = w.skip()
			}
			return err
		})
	})
	switch {
	case err != nil:
		return err
	case !hasType:
		return fmt.Errorf("%w: _type", ErrMissing)
	case st.Type != Type && st.Type != typeV01:
		return fmt.Errorf("%w: _type is %.80q", ErrStatementType, st.Type)
	case !hasSubject:
		return fmt.Errorf("%w: subject", ErrMissing)
	case !hasPredicateType || st.PredicateType == "":
		return fmt.Errorf("%w: predicateType", ErrMissing)
	case len(st.Subjects) == 0:
		return ErrNoSubject
	}
	return nil
}

func readSubjects(w *walker, st *Statement) error {
	return w.array(func(i int) error {
		if i == MaxSubjects {
			return fmt.Errorf("%w: more than %d subjects", ErrTooMany, MaxSubjects)
		}
		var s Subject
		err := s.read(w)
		if err == nil {
			err = s.check()
		}
		if err != nil {
			return fmt.Errorf("subject %d: %w", i, err)
		}
		st.Subjects = append(st.Subjects, s)
		return nil
	})
}

func (s *Subject) read(w *walker) error {
	return w.object(func(name []byte) (err error) {
		switch string(name) {
		case "name":
			s.Name, err = w.string()
		case "uri":
			s.URI, err = w.string()
		case "digest":
			err = s.readDigests(w)
		case "content":
			var text []byte
			if text, err = w.bytes(); err == nil {
				s.Content, err = decodeBase64(text)
			}
		case "downloadLocation":
			s.DownloadLocation, err = w.string()
		case "mediaType":
			s.MediaType, err = w.string()
		case "annotations":
			if err = w.kind('{'); err == nil {
				s.Annotations, err = w.raw()
			}
		default:
			err = w.skip()
		}
		return err
	})
}

func (s *Subject) readDigests(w *walker) error {
	s.Digest = make(map[string]string, 1)
	return w.object(func(name []byte) error {
		value, err := w.string()
		s.Digest[string(name)] = value
		return err
	})
}
