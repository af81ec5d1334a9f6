// Package id3 finds the C2PA manifest store in files that begin with an ID3v2 tag, which are MP3 and FLAC: the data of the one
// GEOB frame with C2PA's media type (C2PA A.3.7).
package id3

import (
	"bytes"
	"encoding/binary"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
)

// Media types of the two formats.
const (
	FormatMP3  = "audio/mpeg"
	FormatFLAC = "audio/flac"
)

const headerSize = 10

var mediaTypes = map[string]bool{"application/c2pa": true, "application/x-c2pa-manifest-store": true}

// Is reports whether head begins with an ID3v2 tag, or as an MP3 or FLAC without one does.
func Is(head []byte) bool {
	return bytes.HasPrefix(head, []byte("ID3")) || bytes.HasPrefix(head, []byte("fLaC")) ||
		len(head) > 1 && head[0] == 0xff && head[1]&0xe6 == 0xe2
}

// Read walks the frames of the tag once.
func Read(src *asset.Source) (*asset.Layout, error) {
	l := &asset.Layout{Format: FormatMP3}
	var h [headerSize]byte
	if err := src.Fixed(h[:], 0); err != nil {
		return nil, err
	}
	if string(h[:3]) != "ID3" {
		if string(h[:4]) == "fLaC" {
			l.Format = FormatFLAC
		}
		return l, asset.ErrNoManifest
	}
	end := headerSize + int64(synchsafe(h[6:]))
	if end > src.Size() || h[3] < 2 || h[3] > 4 {
		return nil, asset.Malformed("ID3 tag of version %d and %d bytes", h[3], end)
	}
	var after [4]byte
	if src.Fixed(after[:], end) == nil && string(after[:]) == "fLaC" {
		l.Format = FormatFLAC
	}
	r := reader{src: src, l: l, version: h[3], flags: h[5], end: end}
	if err := r.frames(); err != nil {
		return nil, err
	}
	if l.Store == nil {
		return l, asset.ErrNoManifest
	}
	return l, nil
}

// synchsafe reads a size of four times seven bits.
func synchsafe(b []byte) uint32 {
	return uint32(b[0]&0x7f)<<21 | uint32(b[1]&0x7f)<<14 | uint32(b[2]&0x7f)<<7 | uint32(b[3]&0x7f)
}

type reader struct {
	src     *asset.Source
	l       *asset.Layout
	version byte
	flags   byte // of the tag
	end     int64
}

// Flags of a tag.
const (
	flagUnsync   = 0x80
	flagExtended = 0x40
)

func (r *reader) frames() error {
	pos := int64(headerSize)
	if r.flags&flagExtended != 0 {
		var b [4]byte
		if err := r.src.Fixed(b[:], pos); err != nil {
			return err
		}
		if r.version == 4 {
			pos += int64(synchsafe(b[:]))
		} else {
			pos += 4 + int64(binary.BigEndian.Uint32(b[:]))
		}
	}
	for {
		next, err := r.frame(pos)
		if err != nil || next < 0 {
			return err
		}
		pos = next
	}
}

// frame reads the frame at pos and returns where the next one begins, or -1 where padding begins or the tag ends.
func (r *reader) frame(pos int64) (int64, error) {
	head, id := int64(10), 4
	if r.version == 2 {
		head, id = 6, 3
	}
	if pos+head > r.end {
		return -1, nil
	}
	var h [10]byte
	if err := r.src.Fixed(h[:head], pos); err != nil {
		return 0, err
	}
	if h[0] == 0 {
		return -1, nil
	}
	data := asset.Range{Start: pos + head, Length: r.size(h[:])}
	if data.End() > r.end {
		return 0, asset.Malformed("frame of %d bytes at %d", data.Length, pos)
	}
	var err error
	switch string(h[:id]) {
	case "GEOB":
		err = r.object(data, h[8:10])
	case "PRIV":
		err = r.private(data)
	}
	return data.End(), err
}

func (r *reader) size(h []byte) int64 {
	switch r.version {
	case 2:
		return int64(h[3])<<16 | int64(h[4])<<8 | int64(h[5])
	case 3:
		return int64(binary.BigEndian.Uint32(h[4:]))
	}
	return int64(synchsafe(h[4:]))
}

// object reads a general encapsulated object: encoding, media type, file name, description, data. One that is compressed,
// encrypted or unsynchronised is not C2PA's.
func (r *reader) object(frame asset.Range, flags []byte) error {
	b, err := r.src.Bytes(frame, asset.MaxStore)
	if err != nil {
		return err
	}
	if len(b) < 2 {
		return nil
	}
	media, rest, ok := bytes.Cut(b[1:], []byte{0})
	if !ok || !mediaTypes[string(media)] {
		return nil
	}
	if flags[1] != 0 || r.flags&flagUnsync != 0 {
		return asset.Malformed("the manifest store is stored in a changed form")
	}
	for range 2 { // file name and description
		if rest, ok = cutText(b[0], rest); !ok {
			return asset.Malformed("GEOB frame at %d", frame.Start)
		}
	}
	if r.l.Store != nil {
		return asset.ErrManyStores
	}
	store, clean := asset.Cut(rest)
	r.l.Store, r.l.Foreign = store, !clean
	r.l.Extent = asset.Range{Start: frame.End() - int64(len(rest)), Length: int64(len(rest))}
	return nil
}

// cutText skips a text that ends with a zero of its encoding's width.
func cutText(encoding byte, b []byte) ([]byte, bool) {
	if encoding == 0 || encoding == 3 {
		_, rest, ok := bytes.Cut(b, []byte{0})
		return rest, ok
	}
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] == 0 && b[i+1] == 0 {
			return b[i+2:], true
		}
	}
	return nil, false
}

func (r *reader) private(frame asset.Range) error {
	b, err := r.src.Bytes(asset.Range{Start: frame.Start, Length: min(frame.Length, asset.MaxXMP)}, asset.MaxXMP)
	if err == nil && r.l.Remote == "" && bytes.HasPrefix(b, []byte("XMP\x00")) {
		r.l.Remote = asset.RemoteManifest(b)
	}
	return err
}
