package statement

import (
	"fmt"
	"time"
)

// ContentType is the predicate type of [Content].
const ContentType = "https://wherefrom.network/content/v1"

// Content says what a file is and how it came to be. It has exactly one subject.
type Content struct {
	// Issuer is the key that says so; it must be one of the signers.
	Issuer Issuer `json:"issuer"`
	// IssuedAt is when, by the issuer's own clock, in whole seconds of UTC.
	IssuedAt time.Time `json:"issuedAt"`
	// MediaType is the file's media type, such as "image/jpeg".
	MediaType string `json:"mediaType,omitzero"`
	// Size is the file's length in bytes.
	Size int64 `json:"size"`
	// Title is what the issuer calls it.
	Title string `json:"title,omitzero"`
	// Made tells in words how it was made.
	Made string `json:"made,omitzero"`
	// DigitalSourceType tells for machines how it was made: a term of IPTC's vocabulary, as a URI.
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

func (c *Content) member(w *walker, name []byte) (known bool, err error) {
	switch string(name) {
	case "issuer":
		err = w.text((*string)(&c.Issuer))
	case "issuedAt":
		err = w.time(&c.IssuedAt)
	case "mediaType":
		err = w.text(&c.MediaType)
	case "size":
		c.Size, err = w.size()
	case "title":
		err = w.text(&c.Title)
	case "made":
		err = w.text(&c.Made)
	case "digitalSourceType":
		err = w.text(&c.DigitalSourceType)
	case "fingerprints":
		err = c.readFingerprints(w)
	case "credential":
		err = w.optionalDigest(&c.Credential)
	case "supersedes":
		err = w.optionalDigest(&c.Supersedes)
	default:
		return false, nil
	}
	return true, err
}

func (c *Content) readFingerprints(w *walker) error {
	return w.array(func(int) error {
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
	})
}

func (c *Content) check() error {
	if err := checkHead(c.Issuer, c.IssuedAt); err != nil {
		return err
	}
	if c.Size < 0 {
		return fmt.Errorf("%w: size is negative", ErrPredicate)
	}
	if len(c.Fingerprints) > 16 {
		return fmt.Errorf("%w: more than 16 fingerprints", ErrPredicate)
	}
	if err := checkText("title", c.Title, 300); err != nil {
		return err
	}
	if err := checkText("made", c.Made, 2000); err != nil {
		return err
	}
	return checkURL("digitalSourceType", c.DigitalSourceType)
}
