// Package tiff finds the C2PA manifest store in TIFF and DNG files: the value of tag 0xCD41 in the last page, or, in older
// files, the first (C2PA A.3.4). BigTIFF is read too.
package tiff

import (
	"encoding/binary"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
)

// Format is the media type of a TIFF.
const Format = "image/tiff"

const (
	tagC2PA   = 0xcd41
	tagXMP    = 700
	undefined = 7 // field type of the store
	byteType  = 1
	maxPages  = 1000
	maxFields = 4096
)

// Is reports whether head begins as a TIFF does.
func Is(head []byte) bool {
	if len(head) < 8 {
		return false
	}
	switch string(head[:4]) {
	case "II*\x00", "MM\x00*", "II+\x00", "MM\x00+":
		return true
	}
	return false
}

// field is one entry of a directory.
type field struct {
	tag, kind uint16
	value     asset.Range // where the value is
	count     asset.Range // where the entry keeps its count
}

// Read walks the pages of a TIFF once.
func Read(src *asset.Source) (*asset.Layout, error) {
	r, first, err := open(src)
	if err != nil {
		return nil, err
	}
	l := &asset.Layout{Format: Format}
	var stores []field
	pages := 0
	seen := map[int64]bool{}
	for at := first; at != 0; pages++ {
		if pages >= maxPages || seen[at] {
			return nil, asset.Malformed("pages without end")
		}
		seen[at] = true
		fields, next, err := r.page(at)
		if err != nil {
			return nil, err
		}
		for _, f := range fields {
			switch f.tag {
			case tagC2PA:
				stores = append(stores, f)
			case tagXMP:
				if b, err := src.Bytes(f.value, asset.MaxXMP); err == nil && l.Remote == "" {
					l.Remote = asset.RemoteManifest(b)
				}
			}
		}
		at = next
	}
	return l, r.store(l, stores)
}

type reader struct {
	src   *asset.Source
	order binary.ByteOrder
	big   bool
}

func open(src *asset.Source) (*reader, int64, error) {
	var h [16]byte
	if err := src.Fixed(h[:8], 0); err != nil || !Is(h[:8]) {
		return nil, 0, asset.ErrFormat
	}
	r := &reader{src: src, order: binary.LittleEndian}
	if h[0] == 'M' {
		r.order = binary.BigEndian
	}
	if r.order.Uint16(h[2:]) == 42 {
		return r, int64(r.order.Uint32(h[4:])), nil
	}
	if err := src.Fixed(h[:], 0); err != nil {
		return nil, 0, err
	}
	r.big = true
	if r.order.Uint16(h[4:]) != 8 || h[8]|h[15] != 0 && r.order.Uint64(h[8:]) > 1<<62 {
		return nil, 0, asset.Malformed("BigTIFF header")
	}
	return r, int64(r.order.Uint64(h[8:])), nil
}

// sizes of the parts of a directory in this kind of TIFF.
func (r *reader) sizes() (count, entry, offset int64) {
	if r.big {
		return 8, 20, 8
	}
	return 2, 12, 4
}

func (r *reader) number(off, size int64) (int64, error) {
	var b [8]byte
	if err := r.src.Fixed(b[:size], off); err != nil {
		return 0, err
	}
	var n uint64
	switch size {
	case 2:
		n = uint64(r.order.Uint16(b[:]))
	case 4:
		n = uint64(r.order.Uint32(b[:]))
	default:
		n = r.order.Uint64(b[:])
	}
	if n > 1<<62 {
		return 0, asset.Malformed("number too large at %d", off)
	}
	return int64(n), nil
}

// page reads one directory and returns the two kinds of field that matter here, and where the next one is.
func (r *reader) page(at int64) ([]field, int64, error) {
	countSize, entrySize, offsetSize := r.sizes()
	n, err := r.number(at, countSize)
	if err != nil {
		return nil, 0, err
	}
	if n > maxFields {
		return nil, 0, asset.Malformed("directory of %d fields", n)
	}
	var out []field
	pos := at + countSize
	for range n {
		var h [4]byte
		if err := r.src.Fixed(h[:], pos); err != nil {
			return nil, 0, err
		}
		f := field{tag: r.order.Uint16(h[:]), kind: r.order.Uint16(h[2:]), count: asset.Range{Start: pos + 4, Length: offsetSize}}
		if f.tag == tagC2PA || f.tag == tagXMP {
			if f.value.Length, err = r.number(pos+4, offsetSize); err != nil {
				return nil, 0, err
			}
			f.value.Start = pos + 4 + offsetSize // short values stand in the entry itself
			if f.value.Length > offsetSize {
				if f.value.Start, err = r.number(f.value.Start, offsetSize); err != nil {
					return nil, 0, err
				}
			}
			out = append(out, f)
		}
		pos += entrySize
	}
	next, err := r.number(pos, offsetSize)
	return out, next, err
}

// store takes the one store of the file.
func (r *reader) store(l *asset.Layout, stores []field) error {
	if len(stores) == 0 {
		return asset.ErrNoManifest
	}
	if len(stores) > 1 {
		return asset.ErrManyStores
	}
	f := stores[0]
	if f.kind != undefined && f.kind != byteType {
		return asset.Malformed("manifest store of field type %d", f.kind)
	}
	b, err := r.src.Bytes(f.value, asset.MaxStore)
	if err != nil {
		return err
	}
	store, clean := asset.Cut(b)
	l.Store, l.Foreign, l.Extent = store, !clean, f.value
	l.Extras = []asset.Range{f.count}
	return nil
}
