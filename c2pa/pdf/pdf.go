// Package pdf finds the C2PA manifest store in a PDF: the embedded file whose specification has the relationship
// C2PA_Manifest (C2PA A.4).
//
// The file is searched, not parsed: the specification, the object it points to and that object's stream are found by
// their text. That needs no cross-reference table and little memory. It is safe because the data hash covers all of the
// file but the stream's own bytes. Objects inside compressed object streams are not seen; a file that has such streams and
// no visible specification is answered with [asset.ErrUnsupported].
package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
)

// Format is the media type of a PDF.
const Format = "application/pdf"

const (
	window     = 64 << 10 // how far around a find an object may reach
	maxFinds   = 64
	searchSize = 256 << 10
	overlap    = 256 // bytes that two searched pieces share
)

var (
	relationship = regexp.MustCompile(`/AFRelationship[\x00\t\n\f\r ]*/C2PA_Manifest`)
	beginObject  = regexp.MustCompile(`(?:^|[\x00\t\n\f\r >])([0-9]{1,10})[\x00\t\n\f\r ]+([0-9]{1,5})[\x00\t\n\f\r ]+obj\b`)
	embedded     = regexp.MustCompile(`/EF[\x00\t\n\f\r ]*<<[^>]*?/F[\x00\t\n\f\r ]+([0-9]{1,10})[\x00\t\n\f\r ]+([0-9]{1,5})[\x00\t\n\f\r ]+R`)
	length       = regexp.MustCompile(`/Length[\x00\t\n\f\r ]+([0-9]{1,12})([\x00\t\n\f\r ]+[0-9]{1,5}[\x00\t\n\f\r ]+R)?`)
	objectStream = regexp.MustCompile(`/Type[\x00\t\n\f\r ]*/ObjStm`)
	number       = regexp.MustCompile(`^[\x00\t\n\f\r ]*([0-9]{1,12})`)
	startXMP     = regexp.MustCompile(`<x:xmpmeta`)
)

// Is reports whether head begins as a PDF does.
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte("%PDF-")) }

// Read searches a PDF for its store.
func Read(src *asset.Source) (*asset.Layout, error) {
	l := &asset.Layout{Format: Format}
	remote(src, l)
	finds, err := search(src, "C2PA_Manifest", relationship)
	if err != nil {
		return nil, err
	}
	if len(finds) == 0 {
		return nothing(src, l)
	}
	var target string // number and generation of the embedded file
	for _, f := range finds {
		t, err := specification(src, f)
		if err != nil {
			return nil, err
		}
		if target != "" && t != target {
			return nil, asset.ErrManyStores
		}
		target = t
	}
	return l, stream(src, l, target)
}

func nothing(src *asset.Source, l *asset.Layout) (*asset.Layout, error) {
	hidden, err := search(src, "ObjStm", objectStream)
	if err != nil {
		return nil, err
	}
	if len(hidden) > 0 && l.Remote == "" {
		return nil, fmt.Errorf("%w: a PDF with compressed objects, in which a manifest store may be", asset.ErrUnsupported)
	}
	return l, asset.ErrNoManifest
}

// search returns the places where a pattern is found. Each match has to hold the literal, within half of [overlap].
func search(src *asset.Source, literal string, pattern *regexp.Regexp) ([]asset.Range, error) {
	var out []asset.Range
	buf := make([]byte, searchSize)
	for pos := int64(0); pos < src.Size(); pos += searchSize - overlap {
		n := min(int64(searchSize), src.Size()-pos)
		if err := src.Fixed(buf[:n], pos); err != nil {
			return nil, err
		}
		for i := 0; ; i += len(literal) {
			j := bytes.Index(buf[i:n], []byte(literal))
			if j < 0 {
				break
			}
			i += j
			from := max(0, i-overlap/2)
			for _, m := range pattern.FindAllIndex(buf[from:min(int(n), i+overlap/2)], -1) {
				r := asset.Range{Start: pos + int64(from+m[0]), Length: int64(m[1] - m[0])}
				if k := len(out); k == 0 || out[k-1].Start < r.Start {
					out = append(out, r)
				}
			}
			if len(out) > maxFinds {
				return nil, asset.Malformed("more than %d objects of one kind", maxFinds)
			}
		}
	}
	return out, nil
}

// around returns the bytes near a place, and where in them the place is.
func around(src *asset.Source, at asset.Range) ([]byte, int, error) {
	start := max(0, at.Start-window)
	end := min(src.Size(), at.End()+window)
	b, err := src.Bytes(asset.Range{Start: start, Length: end - start}, 3*window)
	return b, int(at.Start - start), err
}

// specification returns the object that a file specification embeds.
func specification(src *asset.Source, at asset.Range) (string, error) {
	b, i, err := around(src, at)
	if err != nil {
		return "", err
	}
	begins := beginObject.FindAllIndex(b[:i], -1)
	end := bytes.Index(b[i:], []byte("endobj"))
	if len(begins) == 0 || end < 0 {
		return "", asset.Malformed("file specification at %d", at.Start)
	}
	m := embedded.FindSubmatch(b[begins[len(begins)-1][1] : i+end])
	if m == nil {
		return "", asset.Malformed("file specification at %d embeds nothing", at.Start)
	}
	return string(m[1]) + " " + string(m[2]), nil
}

// object returns where the content of an object begins. The last one of that number counts, as in incremental updates.
func object(src *asset.Source, id string) (int64, error) {
	num, gen, _ := bytes.Cut([]byte(id), []byte(" "))
	pattern, err := regexp.Compile(`(?:^|[\x00\t\n\f\r >])` + string(num) + `[\x00\t\n\f\r ]+` + string(gen) + `[\x00\t\n\f\r ]+obj\b`)
	if err != nil {
		return 0, asset.Malformed("object %s", id)
	}
	finds, err := search(src, "obj", pattern)
	if err != nil {
		return 0, err
	}
	if len(finds) == 0 {
		return 0, asset.Malformed("object %s is not there", id)
	}
	return finds[len(finds)-1].End(), nil
}

// stream takes the store from an unfiltered stream object.
func stream(src *asset.Source, l *asset.Layout, id string) error {
	start, err := object(src, id)
	if err != nil {
		return err
	}
	head, err := src.Bytes(asset.Range{Start: start, Length: min(window, src.Size()-start)}, window)
	if err != nil {
		return err
	}
	i := bytes.Index(head, []byte("stream"))
	if i < 0 || bytes.Contains(head[:i], []byte("/Filter")) || bytes.Contains(head[:i], []byte("endobj")) {
		return asset.Malformed("object %s is no plain stream", id)
	}
	n, err := streamLength(src, head[:i])
	if err != nil {
		return err
	}
	begin := i + len("stream")
	switch {
	case bytes.HasPrefix(head[begin:], []byte("\r\n")):
		begin += 2
	case bytes.HasPrefix(head[begin:], []byte("\n")):
		begin++
	}
	extent := asset.Range{Start: start + int64(begin), Length: n}
	data, err := src.Bytes(extent, asset.MaxStore)
	if err != nil {
		return err
	}
	store, clean := asset.Cut(data)
	l.Store, l.Foreign, l.Extent = store, !clean, extent
	return nil
}

// streamLength reads /Length, which may be another object.
func streamLength(src *asset.Source, dict []byte) (int64, error) {
	m := length.FindSubmatch(dict)
	if m == nil {
		return 0, asset.Malformed("stream without length")
	}
	if m[2] == nil {
		return strconv.ParseInt(string(m[1]), 10, 64)
	}
	at, err := object(src, string(m[1])+" "+string(bytes.Fields(m[2])[0]))
	if err != nil {
		return 0, err
	}
	b, err := src.Bytes(asset.Range{Start: at, Length: min(64, src.Size()-at)}, 64)
	if err != nil {
		return 0, err
	}
	v := number.FindSubmatch(b)
	if v == nil {
		return 0, asset.Malformed("stream length at %d", at)
	}
	return strconv.ParseInt(string(v[1]), 10, 64)
}

// remote looks for an address in the XMP, if it stands in plain text. Nothing depends on it.
func remote(src *asset.Source, l *asset.Layout) {
	finds, err := search(src, "<x:xmpmeta", startXMP)
	if err != nil {
		return
	}
	for _, f := range finds {
		b, err := src.Bytes(asset.Range{Start: f.Start, Length: min(window, src.Size()-f.Start)}, window)
		if err == nil && l.Remote == "" {
			l.Remote = asset.RemoteManifest(b)
		}
	}
}
