package statement

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The readers and checks of the members that predicates are made of.

// extension skips a member that the predicate type does not define. Plain names belong to the type, and an unknown
// one is refused: it is a slip of the pen more often than a wish. A name with a colon in it (a URI) is an extension
// and is ignored.
func (w *walker) extension(name []byte) error {
	if !bytes.Contains(name, []byte(":")) {
		return fmt.Errorf("%w: unknown member %.80q", ErrPredicate, name)
	}
	return w.skip()
}

// text reads a string that is not empty.
func (w *walker) text(dst *string) (err error) {
	at := w.dec.StackPointer()
	if *dst, err = w.string(); err == nil && *dst == "" {
		err = fmt.Errorf("%w: %s is empty; leave it out instead", ErrPredicate, at)
	}
	return err
}

// time reads a time in RFC 3339 form, in UTC and in whole seconds.
func (w *walker) time(dst *time.Time) error {
	at := w.dec.StackPointer()
	text, err := w.string()
	if err != nil {
		return err
	}
	t, err := time.Parse(timeLayout, text)
	if err != nil || t.Format(timeLayout) != text {
		return fmt.Errorf("%w: %s is %.40q, not a time like 2026-01-31T12:00:00Z", ErrPredicate, at, text)
	}
	*dst = t
	return nil
}

const timeLayout = "2006-01-02T15:04:05Z"

// digest reads "sha256:…"; the bare digits are for people, not for formats.
func (w *walker) digest(dst *Digest) error {
	at := w.dec.StackPointer()
	text, err := w.string()
	if err != nil {
		return err
	}
	if err := dst.UnmarshalText([]byte(text)); err != nil || !strings.HasPrefix(text, "sha256:") {
		return fmt.Errorf("%w: %s is not sha256: and 64 lower-case hex digits", ErrPredicate, at)
	}
	return nil
}

func (w *walker) optionalDigest(dst **Digest) error {
	*dst = new(Digest)
	return w.digest(*dst)
}

// checkHead checks what every predicate must say.
func checkHead(issuer Issuer, at time.Time) error {
	if issuer == "" {
		return fmt.Errorf("%w: issuer", ErrMissing)
	}
	if at.IsZero() {
		return fmt.Errorf("%w: issuedAt", ErrMissing)
	}
	if at.Location() != time.UTC || at.Nanosecond() != 0 || at.Year() < 1 || at.Year() > 9999 {
		return fmt.Errorf("%w: issuedAt must be in UTC and in whole seconds; use (time.Time).UTC().Truncate(time.Second)", ErrPredicate)
	}
	return nil
}

// checkText checks a text for people: at most limit characters, printable, and line breaks only if it is long.
func checkText(name, text string, limit int) error {
	if utf8.RuneCountInString(text) > limit {
		return fmt.Errorf("%w: %s is longer than %d characters", ErrPredicate, name, limit)
	}
	for _, r := range text {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return fmt.Errorf("%w: %s has the character %U, which cannot be shown", ErrPredicate, name, r)
		}
	}
	return nil
}

func checkURL(name, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(text) > 2048 {
		return fmt.Errorf("%w: %s is not a web address", ErrPredicate, name)
	}
	return nil
}

func checkAllSHA256(subjects []Subject) error {
	for i := range subjects {
		if _, ok := subjects[i].SHA256(); !ok {
			return fmt.Errorf("subject %d: %w: it has no sha256 digest", i, ErrSubject)
		}
	}
	return nil
}

func checkOneSubject(subjects []Subject) error {
	if len(subjects) != 1 {
		return fmt.Errorf("%w: it must have exactly one, not %d", ErrSubject, len(subjects))
	}
	return checkAllSHA256(subjects)
}
