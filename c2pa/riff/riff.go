// Package riff finds the C2PA manifest store in RIFF files (WebP, WAV, AVI): the one chunk "C2PA" of the first RIFF form
// (C2PA A.3.3).
package riff

import (
	"encoding/binary"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
)

var formats = map[string]string{"WEBP": "image/webp", "WAVE": "audio/wav", "AVI ": "video/x-msvideo"}

// Is reports whether head begins as a RIFF file does.
func Is(head []byte) bool { return len(head) >= 12 && string(head[:4]) == "RIFF" }

// Read walks the chunks of the first form once.
func Read(src *asset.Source) (*asset.Layout, error) {
	var head [12]byte
	if err := src.Fixed(head[:], 0); err != nil {
		return nil, err
	}
	format, ok := formats[string(head[8:])]
	if !ok {
		return nil, asset.ErrFormat
	}
	l := &asset.Layout{Format: format}
	end := int64(binary.LittleEndian.Uint32(head[4:])) + 8
	if end > src.Size() {
		return nil, asset.Malformed("form of %d bytes in a file of %d", end, src.Size())
	}
	for pos, n := int64(12), 0; pos < end; n++ {
		if n > asset.MaxBoxes {
			return nil, asset.Malformed("more than %d chunks", asset.MaxBoxes)
		}
		next, err := chunk(src, l, pos, end)
		if err != nil {
			return nil, err
		}
		pos = next
	}
	if l.Store == nil {
		return l, asset.ErrNoManifest
	}
	return l, nil
}

// chunk reads the chunk at pos and returns where the next one begins: chunks start at even offsets.
func chunk(src *asset.Source, l *asset.Layout, pos, end int64) (int64, error) {
	var head [8]byte
	if err := src.Fixed(head[:], pos); err != nil {
		return 0, err
	}
	data := asset.Range{Start: pos + 8, Length: int64(binary.LittleEndian.Uint32(head[4:]))}
	if data.End() > end {
		return 0, asset.Malformed("chunk of %d bytes at %d", data.Length, pos)
	}
	switch string(head[:4]) {
	case "C2PA":
		if l.Store != nil {
			return 0, asset.ErrManyStores
		}
		b, err := src.Bytes(data, asset.MaxStore)
		if err != nil {
			return 0, err
		}
		store, clean := asset.Cut(b)
		l.Store, l.Foreign = store, !clean
		l.Extent = asset.Range{Start: pos, Length: data.Length + 8}
	case "XMP ", "_PMX":
		b, err := src.Bytes(asset.Range{Start: data.Start, Length: min(data.Length, asset.MaxXMP)}, asset.MaxXMP)
		if err != nil {
			return 0, err
		}
		l.Remote = asset.RemoteManifest(b)
	}
	return data.End() + data.Length&1, nil
}
