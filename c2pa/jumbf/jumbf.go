// Package jumbf reads JUMBF superboxes (ISO/IEC 19566-5), the box tree in which C2PA keeps its manifests.
//
// [Parse] takes a whole store from outside, never panics, copies nothing, and refuses what is too deep,
// too many or does not fit: every box lies wholly inside its parent and every byte belongs to a box.
package jumbf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of a tree. They are far above what signing tools write and bound the work a hostile file can ask for.
const (
	MaxDepth = 16
	MaxBoxes = 100_000
	maxLabel = 1024
)

// ErrMalformed says that bytes are not a well-formed JUMBF tree; every error of this package wraps it.
var ErrMalformed = errors.New("malformed JUMBF")

// UUID is the type in a superbox's description box.
type UUID [16]byte

// Type is a box type of four characters.
type Type string

// Box types that appear in C2PA stores.
const (
	TypeSuperbox    Type = "jumb"
	TypeDescription Type = "jumd"
	TypeCBOR        Type = "cbor"
	TypeJSON        Type = "json"
	TypeUUID        Type = "uuid"
	TypeFileDesc    Type = "bfdb"
	TypeFileData    Type = "bidb"
	TypeBrotli      Type = "brob"
	TypeFree        Type = "free"
	TypeSalt        Type = "c2sh"
)

// Box is one box of the tree. A superbox has a Description, a UUID, a label and children; a content box has only Data.
type Box struct {
	Type     Type
	Data     []byte // payload, without the box's header; for a superbox the description box and all children, as C2PA hashes it
	Raw      []byte // header and payload
	UUID     UUID
	Label    string
	Private  []byte // private field of the description box, if any (C2PA keeps a salt there)
	Children []*Box // content boxes and superboxes in order, without the description box
}

// Superbox reports whether b is a superbox.
func (b *Box) Superbox() bool { return b.Type == TypeSuperbox }

// Child returns the only superbox child with this label, or nil.
func (b *Box) Child(label string) *Box {
	for _, c := range b.Children {
		if c.Superbox() && c.Label == label {
			return c
		}
	}
	return nil
}

// Content returns the first content box of type t, or nil.
func (b *Box) Content(t Type) *Box {
	for _, c := range b.Children {
		if c.Type == t {
			return c
		}
	}
	return nil
}

// Parse reads one superbox that begins at data[0] and returns it with the bytes that follow it.
// It refuses superboxes with two children of the same label, because an address would be ambiguous.
func Parse(data []byte) (box *Box, rest []byte, err error) {
	p := parser{left: MaxBoxes}
	box, rest, err = p.box(data)
	if err != nil {
		return nil, nil, err
	}
	if !box.Superbox() {
		return nil, nil, malformed("a store begins with a %q box", box.Type)
	}
	if err := p.fill(box, 0); err != nil {
		return nil, nil, err
	}
	return box, rest, nil
}

type parser struct {
	left int // boxes that may still be read
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// box splits one box off the front of data without looking into it.
func (p *parser) box(data []byte) (*Box, []byte, error) {
	if p.left--; p.left < 0 {
		return nil, nil, malformed("more than %d boxes", MaxBoxes)
	}
	if len(data) < 8 {
		return nil, nil, malformed("%d bytes where a box header should be", len(data))
	}
	size, header := uint64(binary.BigEndian.Uint32(data)), 8
	if size == 1 {
		if len(data) < 16 {
			return nil, nil, malformed("box header cut short")
		}
		size, header = binary.BigEndian.Uint64(data[8:]), 16
	}
	if size < uint64(header) || size > uint64(len(data)) {
		return nil, nil, malformed("box of %d bytes where %d are left", size, len(data))
	}
	b := &Box{Type: Type(data[4:8]), Raw: data[:size:size], Data: data[header:size:size]}
	return b, data[size:], nil
}

// fill reads the description and the children of a superbox.
func (p *parser) fill(b *Box, depth int) error {
	if depth >= MaxDepth {
		return malformed("superboxes nested more than %d deep", MaxDepth)
	}
	desc, rest, err := p.box(b.Data)
	if err != nil {
		return err
	}
	if desc.Type != TypeDescription {
		return malformed("superbox begins with a %q box, not its description", desc.Type)
	}
	if err := b.describe(desc.Data); err != nil {
		return err
	}
	seen := map[string]bool{}
	for len(rest) > 0 {
		var c *Box
		if c, rest, err = p.box(rest); err != nil {
			return err
		}
		if c.Superbox() {
			if err := p.fill(c, depth+1); err != nil {
				return err
			}
			if seen[c.Label] {
				return malformed("two boxes are called %q in %q", c.Label, b.Label)
			}
			seen[c.Label] = true
		}
		b.Children = append(b.Children, c)
	}
	return nil
}

// Toggles of a description box, ISO/IEC 19566-5, table A.1.
const (
	toggleRequestable = 1 << 0
	toggleLabel       = 1 << 1
	toggleID          = 1 << 2
	toggleHash        = 1 << 3
	togglePrivate     = 1 << 4
)

func (b *Box) describe(d []byte) error {
	if len(d) < 17 {
		return malformed("description box of %d bytes", len(d))
	}
	copy(b.UUID[:], d)
	toggles, d := d[16], d[17:]
	if toggles&toggleLabel == 0 || toggles&toggleRequestable == 0 {
		return malformed("superbox without a label cannot be addressed")
	}
	end := strings.IndexByte(string(d[:min(len(d), maxLabel)]), 0)
	if end < 1 {
		return malformed("label is empty, unfinished or longer than %d bytes", maxLabel)
	}
	b.Label, d = string(d[:end]), d[end+1:]
	if !validLabel(b.Label) {
		return malformed("label %q has characters a label may not have", b.Label)
	}
	for _, field := range []struct {
		bit  byte
		size int
	}{{toggleID, 4}, {toggleHash, 32}} {
		if toggles&field.bit == 0 {
			continue
		}
		if len(d) < field.size {
			return malformed("description of %q cut short", b.Label)
		}
		d = d[field.size:]
	}
	if toggles&togglePrivate != 0 {
		b.Private, d = d, nil
	}
	if len(d) != 0 {
		return malformed("%d stray bytes in the description of %q", len(d), b.Label)
	}
	return nil
}

// validLabel refuses the characters that would make a JUMBF address ambiguous, ISO/IEC 19566-5, A.3.
func validLabel(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 || (r >= 0x7f && r < 0xa0) || strings.ContainsRune(`/;?#`, r)
	})
}
