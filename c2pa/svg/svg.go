// Package svg finds the C2PA manifest store in an SVG: base64 text in the element c2pa:manifest inside metadata (C2PA A.3.6).
package svg

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"io"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
)

// Format is the media type of an SVG.
const Format = "image/svg+xml"

const maxDepth = 1000

// Is reports whether head looks like an SVG: text whose first element is svg, as far as it shows.
func Is(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("<svg")) || bytes.HasPrefix(head, []byte("<?xml")) || bytes.HasPrefix(head, []byte("<!DOCTYPE svg")) || bytes.HasPrefix(head, []byte("<!--"))
}

// Read walks the elements of an SVG once.
func Read(src *asset.Source) (*asset.Layout, error) {
	r := reader{src: src, l: &asset.Layout{Format: Format}}
	dec := xml.NewDecoder(io.NewSectionReader(src, 0, src.Size()))
	dec.Strict = true
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		start := dec.InputOffset()
		t, err := dec.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, asset.Malformed("%v", err)
		}
		if err := r.token(t, start, dec.InputOffset()); err != nil {
			return nil, err
		}
	}
	if !r.root {
		return nil, asset.ErrFormat
	}
	if len(r.path) > 0 {
		return nil, asset.Malformed("an element does not end")
	}
	if r.l.Store == nil {
		return r.l, asset.ErrNoManifest
	}
	return r.l, nil
}

type reader struct {
	src  *asset.Source
	l    *asset.Layout
	path []string
	root bool // the first element was svg
	open bool // inside the element with the store
}

func (r *reader) token(t xml.Token, start, end int64) error {
	switch t := t.(type) {
	case xml.StartElement:
		return r.start(t)
	case xml.EndElement:
		if len(r.path) == 0 {
			return asset.Malformed("an element ends that never began")
		}
		if nameOf(t.Name) != r.path[len(r.path)-1] {
			return asset.Malformed("an element ends under another name")
		}
		r.path = r.path[:len(r.path)-1]
		r.open = false
	case xml.CharData:
		if r.open {
			return r.text(t, start, end)
		}
	default:
		if r.open {
			return asset.Malformed("the manifest store is not plain text")
		}
	}
	return nil
}

func (r *reader) start(t xml.StartElement) error {
	name := nameOf(t.Name)
	if len(r.path) == 0 {
		if name != "svg" && t.Name.Local != "svg" {
			return asset.ErrFormat
		}
		r.root = true
	}
	if r.open {
		return asset.Malformed("the manifest store is not plain text")
	}
	if r.path = append(r.path, name); len(r.path) > maxDepth {
		return asset.Malformed("elements nested more than %d deep", maxDepth)
	}
	r.open = len(r.path) == 3 && r.path[1] == "metadata" && name == "c2pa:manifest"
	return nil
}

// nameOf is the name as the file writes it, prefix included.
func nameOf(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// text decodes the store. The extent is the run of base64 in the file; what surrounds it is hashed like everything else.
func (r *reader) text(t xml.CharData, start, end int64) error {
	if r.l.Store != nil {
		return asset.ErrManyStores
	}
	if len(t) > asset.MaxStore || int64(len(t)) != end-start {
		return asset.Malformed("the manifest store is not plain text")
	}
	trimmed := bytes.TrimSpace(t)
	lead := int64(bytes.Index(t, trimmed))
	data, err := base64.StdEncoding.Strict().DecodeString(string(trimmed))
	if err != nil {
		return asset.Malformed("the manifest store is not base64")
	}
	store, clean := asset.Cut(data)
	r.l.Store, r.l.Foreign = store, !clean || bytes.ContainsAny(trimmed, "\r\n")
	r.l.Extent = asset.Range{Start: start + lead, Length: int64(len(trimmed))}
	return nil
}
