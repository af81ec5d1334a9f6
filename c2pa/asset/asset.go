// Package asset is what the containers of c2pa share: an asset's bytes read at random, and the layout that a container
// finds in them, which is where the manifest store lies and of which boxes the file consists.
//
// Nothing here or in a container's package allocates what a length field inside the file asks for: memory follows the
// bytes that are really there, up to [MaxStore] for the store and small fixed buffers for the rest.
package asset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits of a layout.
const (
	MaxStore = 64 << 20 // bytes of one manifest store
	MaxBoxes = 1 << 20  // boxes, segments or chunks of one file
)

// Errors of reading an asset. They say what is known about it, and are different answers to a person.
var (
	ErrFormat      = errors.New("not this format")
	ErrMalformed   = errors.New("malformed file")
	ErrNoManifest  = errors.New("no manifest store found")
	ErrUnsupported = errors.New("unsupported")
	ErrManyStores  = errors.New("more than one manifest store")
)

// Malformed returns an error wrapping [ErrMalformed].
func Malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Source is an asset: random access and a known size.
type Source struct {
	r    io.ReaderAt
	size int64
}

// NewSource wraps size bytes of r.
func NewSource(r io.ReaderAt, size int64) *Source { return &Source{r: r, size: size} }

// Size returns the number of bytes.
func (s *Source) Size() int64 { return s.size }

// ReadAt implements [io.ReaderAt] within the size.
func (s *Source) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= s.size {
		return 0, io.EOF
	}
	if left := s.size - off; int64(len(p)) > left {
		n, err := s.r.ReadAt(p[:left], off)
		if err == nil {
			err = io.EOF
		}
		return n, err
	}
	n, err := s.r.ReadAt(p, off)
	if n == len(p) {
		err = nil
	}
	return n, err
}

// Section reads the bytes of a range.
func (s *Source) Section(r Range) *io.SectionReader { return io.NewSectionReader(s, r.Start, r.Length) }

// Bytes returns the bytes of a range of at most max bytes. Memory grows with what is read, not with what is asked for.
func (s *Source) Bytes(r Range, max int64) ([]byte, error) {
	if r.Start < 0 || r.Length < 0 || r.Length > max || r.Start > s.size || r.Length > s.size-r.Start {
		return nil, Malformed("%d bytes at %d do not fit", r.Length, r.Start)
	}
	b := make([]byte, r.Length) // no more than the file really has
	if _, err := s.ReadAt(b, r.Start); err != nil && err != io.EOF {
		return nil, err
	}
	return b, nil
}

// Fixed fills a small buffer from an offset or reports that the file is too short.
func (s *Source) Fixed(buf []byte, off int64) error {
	n, err := s.ReadAt(buf, off)
	if n == len(buf) {
		return nil
	}
	if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
		return Malformed("file ends early at %d", off)
	}
	return err
}

// Range is a run of bytes of a file.
type Range struct{ Start, Length int64 }

// End returns the offset after the last byte.
func (r Range) End() int64 { return r.Start + r.Length }

// Contains reports whether o lies wholly in r.
func (r Range) Contains(o Range) bool { return o.Start >= r.Start && o.End() <= r.End() }

// Overlaps reports whether r and o share a byte.
func (r Range) Overlaps(o Range) bool { return r.Start < o.End() && o.Start < r.End() }

// Box is one named piece of a file, as C2PA 18.7 names them for the general box hash.
type Box struct {
	Name string
	Range
}

// BoxC2PA is the name of the box that holds the manifest store.
const BoxC2PA = "C2PA"

// Layout is what a container found.
type Layout struct {
	Format string // media type
	Store  []byte // the manifest store, without padding
	// Extent is the run of file bytes that holds the store and what the format wraps around it; an exclusion
	// range for the store has to be exactly this. It is empty when the format has no such run.
	Extent Range
	// Extras are further bytes the format has to let change with the store, such as its length field elsewhere.
	Extras []Range
	// Foreign says that Extent also holds bytes that are neither store nor format nor zeros.
	Foreign bool
	// Boxes lists the whole file in order, or is nil if the format has no general box hash.
	Boxes []Box
	// Remote is the address of a manifest store elsewhere, if the file's XMP names one.
	Remote string
}

// Cut separates a store from its padding: it keeps the length of the superbox that data begins with and reports
// whether the bytes after it are zeros.
func Cut(data []byte) (store []byte, clean bool) {
	if len(data) < 8 {
		return data, true
	}
	size := int64(data[0])<<24 | int64(data[1])<<16 | int64(data[2])<<8 | int64(data[3])
	if size < 8 || size > int64(len(data)) {
		return data, true // not a superbox; its parser will say so
	}
	return data[:size], len(bytes.Trim(data[size:], "\x00")) == 0
}
