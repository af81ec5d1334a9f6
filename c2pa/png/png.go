// Package png finds the C2PA manifest store in a PNG: the one caBX chunk (C2PA A.3.2), and the chunks of the file for the
// general box hash.
package png

import (
	"bytes"
	"encoding/binary"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
)

// Format is the media type of a PNG.
const Format = "image/png"

var signature = []byte("\x89PNG\r\n\x1a\n")

// Is reports whether head begins as a PNG does.
func Is(head []byte) bool { return bytes.HasPrefix(head, signature) }

// Read walks the chunks of a PNG once.
func Read(src *asset.Source) (*asset.Layout, error) {
	l := &asset.Layout{Format: Format}
	var head [8]byte
	if err := src.Fixed(head[:], 0); err != nil || !Is(head[:]) {
		return nil, asset.ErrFormat
	}
	l.Boxes = append(l.Boxes, asset.Box{Name: "PNGh", Range: asset.Range{Start: 0, Length: 8}})
	for pos := int64(8); ; {
		if err := src.Fixed(head[:], pos); err != nil {
			return nil, err
		}
		chunk := asset.Range{Start: pos, Length: int64(binary.BigEndian.Uint32(head[:4])) + 12}
		if chunk.End() > src.Size() || len(l.Boxes) >= asset.MaxBoxes {
			return nil, asset.Malformed("chunk of %d bytes at %d", chunk.Length, pos)
		}
		if err := add(src, l, string(head[4:]), chunk); err != nil {
			return nil, err
		}
		if pos = chunk.End(); string(head[4:]) == "IEND" {
			break
		}
	}
	if l.Store == nil {
		return l, asset.ErrNoManifest
	}
	return l, nil
}

func add(src *asset.Source, l *asset.Layout, name string, chunk asset.Range) error {
	data := asset.Range{Start: chunk.Start + 8, Length: chunk.Length - 12}
	switch name {
	case "caBX":
		if l.Store != nil {
			return asset.ErrManyStores
		}
		b, err := src.Bytes(data, asset.MaxStore)
		if err != nil {
			return err
		}
		store, clean := asset.Cut(b)
		l.Store, l.Extent, l.Foreign = store, chunk, !clean
		name = asset.BoxC2PA
	case "iTXt":
		if err := xmp(src, l, data); err != nil {
			return err
		}
	}
	l.Boxes = append(l.Boxes, asset.Box{Name: name, Range: chunk})
	return nil
}

var xmpKey = []byte("XML:com.adobe.xmp\x00\x00") // keyword and the flag of uncompressed text

func xmp(src *asset.Source, l *asset.Layout, data asset.Range) error {
	data.Length = min(data.Length, asset.MaxXMP)
	b, err := src.Bytes(data, asset.MaxXMP)
	if err == nil && l.Remote == "" && bytes.HasPrefix(b, xmpKey) {
		l.Remote = asset.RemoteManifest(b)
	}
	return err
}
