package statement

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// ContentType is the predicate type of [Content].
const ContentType = "https://wherefrom.network/content/v1"

// maxFingerprints is how many fingerprints one Content may have.
const maxFingerprints = 16

// Content says what a file is and how it came to be. Its statement has exactly one subject, named by SHA-256.
type Content struct {
	// Issuer is the key that says so; it must be one of the signers.
	Issuer Issuer `json:"issuer"`
	// IssuedAt is when, by the issuer's own clock, in whole seconds of UTC.
	IssuedAt time.Time `json:"issuedAt"`
	// MediaType is the file's media type, such as "image/jpeg".
	MediaType string `json:"mediaType,omitzero"`
	// Size is the file's length in bytes, always said.
	Size int64 `json:"size"`
	// Title is what the issuer calls it.
	Title string `json:"title,omitzero"`
	// Made tells in words how it was made.
	Made string `json:"made,omitzero"`
	// DigitalSourceType tells machines how it was made: a term of IPTC's vocabulary or another, as a web address.
	DigitalSourceType string `json:"digitalSourceType,omitzero"`
	// Fingerprints find the content again after it was re-encoded.
	Fingerprints []Fingerprint `json:"fingerprints,omitempty"`
	// Credential is the digest of the C2PA manifest store that belongs to the file.
	Credential *Digest `json:"credential,omitempty"`
	// Supersedes is the ID of an earlier statement that this one replaces.
	Supersedes *Digest `json:"supersedes,omitempty"`
}

// Fingerprint is a code that stays the same, or nearly so, when content is re-encoded.
type Fingerprint struct {
	// Algorithm names how the code was made, such as "iscc" or "pdq".
	Algorithm string `json:"algorithm"`
	// Value is the code in the algorithm's own text form.
	Value string `json:"value"`
}

// PredicateType returns [ContentType].
func (*Content) PredicateType() string { return ContentType }

func (c *Content) by() (Issuer, time.Time) { return c.Issuer, c.IssuedAt }

func (c *Content) checkSubjects(s []Subject) error { return checkOneSubject(s) }

func (c *Content) member(w *walker, name []byte) error {
	switch string(name) {
	case "issuer":
		return w.text((*string)(&c.Issuer))
	case "issuedAt":
		return w.time(&c.IssuedAt)
	case "mediaType":
		return w.text(&c.MediaType)
	case "size":
		return w.size(&c.Size)
	case "title":
		return w.text(&c.Title)
	case "made":
		return w.text(&c.Made)
	case "digitalSourceType":
		return w.text(&c.DigitalSourceType)
	case "fingerprints":
		return w.array(func(int) error { return c.readFingerprint(w) })
	case "credential":
		return w.optionalDigest(&c.Credential)
	case "supersedes":
		return w.optionalDigest(&c.Supersedes)
	default:
		return errUnknownMember
	}
}

func (c *Content) readFingerprint(w *walker) error {
	var f Fingerprint
	err := w.object(func(name []byte) error {
		switch string(name) {
		case "algorithm":
			return w.text(&f.Algorithm)
		case "value":
			return w.text(&f.Value)
		default:
			return w.extension(name)
		}
	})
	c.Fingerprints = append(c.Fingerprints, f)
	return err
}

func (c *Content) check() error {
	if len(c.Fingerprints) > maxFingerprints {
		return fmt.Errorf("%w: it has %d fingerprints, more than %d", ErrPredicate, len(c.Fingerprints), maxFingerprints)
	}
	for i := range c.Fingerprints {
		if err := c.Fingerprints[i].check(); err != nil {
			return fmt.Errorf("fingerprint %d: %w", i+1, err)
		}
	}
	return cmp.Or(
		checkHead(c.Issuer, c.IssuedAt),
		c.checkSize(),
		checkMediaType(c.MediaType),
		checkLine("title", c.Title),
		checkText("made", c.Made),
		checkURL("digitalSourceType", c.DigitalSourceType),
	)
}

// noSize is the size of a Content that has not said its size.
const noSize = -1

func (c *Content) checkSize() error {
	switch {
	case c.Size == noSize:
		return fmt.Errorf("%w: size", ErrMissing)
	case c.Size < 0 || c.Size > maxSize:
		return fmt.Errorf("%w: size is %d, not from 0 to %d", ErrPredicate, c.Size, int64(maxSize))
	}
	return nil
}

func (f *Fingerprint) check() error {
	switch {
	case f.Algorithm == "":
		return fmt.Errorf("%w: algorithm", ErrMissing)
	case f.Value == "":
		return fmt.Errorf("%w: value", ErrMissing)
	}
	return cmp.Or(checkCode("algorithm", f.Algorithm), checkCode("value", f.Value))
}

// checkMediaType checks that text, if there is any, has the shape type/subtype, perhaps with parameters after it.
func checkMediaType(text string) error {
	if text == "" {
		return nil
	}
	name, _, _ := strings.Cut(text, ";")
	major, minor, ok := strings.Cut(strings.TrimSpace(name), "/")
	if !ok || !isMediaName(major) || !isMediaName(minor) {
		return fmt.Errorf("%w: mediaType is %.80q, not like image/jpeg", ErrPredicate, text)
	}
	return checkLine("mediaType", text)
}

// isMediaName reports whether text is a restricted-name of RFC 6838, section 4.2.
func isMediaName(text string) bool {
	for i, r := range text {
		letter := r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("!#$&-^_.+", r)) {
			return false
		}
	}
	return text != "" && len(text) <= 127
}
