package statement

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// This file reads and checks the members that the predicates are made of.

// Limits of members, in characters.
const (
	maxName = 300  // one line
	maxText = 4000 // several lines
	maxURL  = 2048
	maxCode = 512 // for machines
)

// maxSize is the largest number that every JSON reader keeps exact.
const maxSize = 1<<53 - 1

// extension skips a member that the predicate type does not define. Plain names belong to the type, and an unknown one
// is refused: "train-AI" is a slip of the pen, and a reader that ignored it would lose what the issuer said. A name
// with a colon in it, that is a URI, is an extension of somebody else's; it is covered by the signature and ignored.
func (w *walker) extension(name []byte) error {
	if !bytes.Contains(name, []byte(":")) {
		return fmt.Errorf("%w: it has an unknown member %.80q", ErrPredicate, name)
	}
	return w.skip()
}

// text reads a string that is not empty.
func (w *walker) text(dst *string) (err error) {
	if *dst, err = w.string(); err == nil && *dst == "" {
		err = fmt.Errorf("%w: %s is empty; leave it out instead", ErrPredicate, w.last())
	}
	return err
}

// size reads a whole number from 0 to maxSize.
func (w *walker) size(dst *int64) error {
	v, err := w.value('0')
	if err != nil {
		return err
	}
	n := int64(0)
	for _, c := range v {
		if n = 10*n + int64(c-'0'); c < '0' || c > '9' || n > maxSize {
			return fmt.Errorf("%w: %s is %.40s, not a whole number from 0 to %d", ErrPredicate, w.last(), v, int64(maxSize))
		}
	}
	*dst = n
	return nil
}

const timeLayout = "2006-01-02T15:04:05Z"

// time reads a time in RFC 3339 form, in UTC and whole seconds.
func (w *walker) time(dst *time.Time) error {
	text, err := w.string()
	if err != nil {
		return err
	}
	var again [len(timeLayout)]byte
	t, err := time.Parse(timeLayout, text)
	if err != nil || string(t.AppendFormat(again[:0], timeLayout)) != text {
		return fmt.Errorf("%w: %s is %.40q, not a time like 2026-01-31T12:00:00Z", ErrPredicate, w.last(), text)
	}
	*dst = t
	return nil
}

// digest reads "sha256:" and the digits; bare digits are for people to type, not for formats.
func (w *walker) digest(dst *Digest) error {
	text, err := w.string()
	if err != nil {
		return err
	}
	if err := dst.UnmarshalText([]byte(text)); err != nil || !strings.HasPrefix(text, digestPrefix) {
		return fmt.Errorf("%w: %s is not sha256: and 64 lower-case hex digits", ErrPredicate, w.last())
	}
	return nil
}

// optionalDigest reads a digest into memory of its own.
func (w *walker) optionalDigest(dst **Digest) error {
	*dst = new(Digest)
	return w.digest(*dst)
}

// checkHead checks what every predicate must say.
func checkHead(issuer Issuer, at time.Time) error {
	switch {
	case issuer == "":
		return fmt.Errorf("%w: issuer", ErrMissing)
	case at.IsZero():
		return fmt.Errorf("%w: issuedAt", ErrMissing)
	case at.Location() != time.UTC || at.Nanosecond() != 0 || at.Year() < 1 || at.Year() > 9999:
		return fmt.Errorf("%w: issuedAt is not in UTC and whole seconds, as t.UTC().Truncate(time.Second) is", ErrPredicate)
	}
	return nil
}

// checkLine checks a text for people that stands on one line.
func checkLine(name, text string) error {
	if strings.ContainsAny(text, "\n\t") {
		return fmt.Errorf("%w: %s has a line break or a tab", ErrPredicate, name)
	}
	return checkCharacters(name, text, maxName)
}

// checkText checks a text for people that may have several lines.
func checkText(name, text string) error { return checkCharacters(name, text, maxText) }

// checkCharacters refuses what a terminal or a page would not show as it stands: control characters, and those that
// turn the direction of the text after them.
func checkCharacters(name, text string, limit int) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%w: %s is not UTF-8", ErrPredicate, name)
	}
	n := 0
	for _, r := range text {
		n++
		if ' ' <= r && r <= '~' {
			continue
		}
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(turning, r) {
			return fmt.Errorf("%w: %s has the character %U, which cannot be shown", ErrPredicate, name, r)
		}
	}
	if n > limit {
		return fmt.Errorf("%w: %s has %d characters, more than %d", ErrPredicate, name, n, limit)
	}
	return nil
}

// turning holds the line and paragraph separators and the bidirectional embeddings, overrides and isolates.
var turning = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x2028, Hi: 0x202e, Stride: 1}, {Lo: 0x2066, Hi: 0x2069, Stride: 1}}}

// checkURL checks that text, if there is any, has the shape of a web address.
func checkURL(name, text string) error {
	if text == "" {
		return nil
	}
	rest, ok := strings.CutPrefix(text, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(text, "http://")
	}
	if !ok || rest == "" || rest[0] == '/' || len(text) > maxURL || !isGraphic(text) {
		return fmt.Errorf("%w: %s is %.80q, not a web address", ErrPredicate, name, text)
	}
	return nil
}

// checkCode checks a text for machines: printable ASCII without spaces.
func checkCode(name, text string) error {
	if len(text) > maxCode || !isGraphic(text) {
		return fmt.Errorf("%w: %s is %.80q, not at most %d ASCII characters without spaces", ErrPredicate, name, text, maxCode)
	}
	return nil
}

// isGraphic reports whether all of text is ASCII that leaves ink on paper.
func isGraphic(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// checkOneSubject checks the subjects of a predicate that speaks about one thing.
func checkOneSubject(subjects []Subject) error {
	if len(subjects) != 1 {
		return fmt.Errorf("%w: the predicate speaks about one thing, and the statement names %d", ErrSubject, len(subjects))
	}
	return checkSHA256(subjects)
}

// checkSHA256 checks that every subject is named by a SHA-256 digest.
func checkSHA256(subjects []Subject) error {
	for i := range subjects {
		if _, ok := subjects[i].SHA256(); !ok {
			return fmt.Errorf("subject %d of the statement: %w: it has no sha256 digest", i+1, ErrSubject)
		}
	}
	return nil
}
