// Package gif finds the C2PA manifest store in a GIF: the one application extension "C2PA_GIF" (C2PA A.3.5), and the
// blocks of the file for the general box hash.
package gif

import (
	"bytes"
	"fmt"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
)

// Format is the media type of a GIF.
const Format = "image/gif"

// Is reports whether head begins as a GIF does.
func Is(head []byte) bool {
	return bytes.HasPrefix(head, []byte("GIF87a")) || bytes.HasPrefix(head, []byte("GIF89a"))
}

const (
	extension = 0x21
	image     = 0x2c
	trailer   = 0x3b
	appLabel  = 0xff
)

var (
	c2paID = []byte("C2PA_GIF\x01\x00\x00")
	xmpID  = []byte("XMP DataXMP")
)

// Read walks the blocks of a GIF once.
func Read(src *asset.Source) (*asset.Layout, error) {
	r := &reader{src: src, l: &asset.Layout{Format: Format}}
	if err := r.head(); err != nil {
		return nil, err
	}
	for {
		done, err := r.block()
		if err != nil {
			return nil, err
		}
		if done {
			break
		}
	}
	if r.l.Store == nil {
		return r.l, asset.ErrNoManifest
	}
	return r.l, nil
}

type reader struct {
	src *asset.Source
	l   *asset.Layout
	pos int64
}

// add names the bytes from start to where the reader stands.
func (r *reader) add(name string, start int64) {
	r.l.Boxes = append(r.l.Boxes, asset.Box{Name: name, Range: asset.Range{Start: start, Length: r.pos - start}})
}

func (r *reader) head() error {
	var h [13]byte
	if err := r.src.Fixed(h[:], 0); err != nil || !Is(h[:]) {
		return asset.ErrFormat
	}
	r.pos = 6
	r.add(string(h[:6]), 0)
	r.pos = 13 + colours(h[10])
	r.add("LSD", 6)
	return r.fits()
}

// colours returns the length of the colour table that a packed field announces.
func colours(packed byte) int64 {
	if packed&0x80 == 0 {
		return 0
	}
	return 3 << (packed&7 + 1)
}

func (r *reader) fits() error {
	if r.pos > r.src.Size() || len(r.l.Boxes) > asset.MaxBoxes {
		return asset.Malformed("block ends at %d", r.pos)
	}
	return nil
}

// block reads one block and reports whether it was the trailer.
func (r *reader) block() (done bool, err error) {
	start := r.pos
	var b [2]byte
	if err := r.src.Fixed(b[:1], start); err != nil {
		return false, err
	}
	switch b[0] {
	case trailer:
		r.pos++
		r.add("3B", start)
		return true, nil
	case image:
		return false, r.image(start)
	case extension:
		if err := r.src.Fixed(b[:], start); err != nil {
			return false, err
		}
		r.pos += 2
		return false, r.extension(start, b[1])
	}
	return false, asset.Malformed("block %#x at %d", b[0], start)
}

func (r *reader) image(start int64) error {
	var d [10]byte
	if err := r.src.Fixed(d[:], start); err != nil {
		return err
	}
	r.pos = start + 10 + colours(d[9])
	r.add("2C", start)
	data := r.pos
	r.pos++ // code size
	if err := r.skip(); err != nil {
		return err
	}
	r.add("TBID", data)
	return nil
}

func (r *reader) extension(start int64, label byte) error {
	name := fmt.Sprintf("21%02X", label)
	if label != appLabel {
		if err := r.skip(); err != nil {
			return err
		}
		r.add(name, start)
		return nil
	}
	var id [12]byte
	if err := r.src.Fixed(id[:], r.pos); err != nil {
		return err
	}
	if id[0] != 11 {
		return asset.Malformed("application extension at %d", start)
	}
	r.pos += 12
	switch {
	case bytes.Equal(id[1:], c2paID):
		return r.store(start)
	case bytes.Equal(id[1:], xmpID):
		return r.xmp(start, name)
	}
	err := r.skip()
	r.add(name, start)
	return err
}

func (r *reader) store(start int64) error {
	if r.l.Store != nil {
		return asset.ErrManyStores
	}
	data, err := r.subBlocks()
	if err != nil {
		return err
	}
	store, clean := asset.Cut(data)
	r.l.Store, r.l.Foreign = store, !clean
	r.l.Extent = asset.Range{Start: start, Length: r.pos - start}
	r.add(asset.BoxC2PA, start)
	return nil
}

func (r *reader) xmp(start int64, name string) error {
	from := r.pos
	if err := r.skip(); err != nil {
		return err
	}
	r.add(name, start)
	b, err := r.src.Bytes(asset.Range{Start: from, Length: min(r.pos-from, asset.MaxXMP)}, asset.MaxXMP)
	if err == nil && r.l.Remote == "" {
		r.l.Remote = asset.RemoteManifest(b)
	}
	return err
}

// skip moves over data sub-blocks.
func (r *reader) skip() error {
	for {
		var n [1]byte
		if err := r.src.Fixed(n[:], r.pos); err != nil {
			return err
		}
		r.pos += 1 + int64(n[0])
		if err := r.fits(); err != nil || n[0] == 0 {
			return err
		}
	}
}

// subBlocks joins data sub-blocks.
func (r *reader) subBlocks() ([]byte, error) {
	var out []byte
	for {
		var b [256]byte
		if err := r.src.Fixed(b[:1], r.pos); err != nil {
			return nil, err
		}
		n := int(b[0])
		if err := r.src.Fixed(b[:n], r.pos+1); err != nil {
			return nil, err
		}
		r.pos += 1 + int64(n)
		if n == 0 {
			return out, nil
		}
		if out = append(out, b[:n]...); len(out) > asset.MaxStore {
			return nil, asset.Malformed("manifest store of more than %d bytes", asset.MaxStore)
		}
	}
}
