package statement

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// Subject is a thing that a statement speaks about, named by digest: an in-toto ResourceDescriptor. Every member
// that in-toto defines is kept; members it does not define are covered by the signature but not read.
type Subject struct {
	Name             string            `json:"name,omitzero"`
	URI              string            `json:"uri,omitzero"`
	Digest           map[string]string `json:"digest,omitzero"`
	Content          []byte            `json:"content,omitempty"`
	DownloadLocation string            `json:"downloadLocation,omitzero"`
	MediaType        string            `json:"mediaType,omitzero"`
	Annotations      jsontext.Value    `json:"annotations,omitempty"`
}

// NewSubject returns a subject named by the SHA-256 of its bytes. The name may be empty: a statement is public
// for ever, and a file's name can say more than its owner wants.
func NewSubject(d Digest, name string) Subject {
	return Subject{Name: name, Digest: map[string]string{"sha256": d.Hex()}}
}

// SHA256 returns the subject's SHA-256 digest, if it has one.
func (s *Subject) SHA256() (Digest, bool) {
	d, err := ParseDigest(s.Digest["sha256"])
	return d, err == nil
}

func (s *Subject) check() error {
	if len(s.Digest) == 0 {
		return fmt.Errorf("%w: it has no digest", ErrSubject)
	}
	for alg, value := range s.Digest { //determinism:ok each fault is ErrSubject; only its words may be of another digest
		if alg == "" || value == "" {
			return fmt.Errorf("%w: digest %q is empty", ErrSubject, alg)
		}
		if alg == "sha256" && !isHexDigest(value) {
			return fmt.Errorf("%w: digest sha256 is not 64 lower-case hex digits", ErrSubject)
		}
	}
	return nil
}
