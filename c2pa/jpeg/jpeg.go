// Package jpeg finds the C2PA manifest store in a JPEG: APP11 segments that carry one JUMBF superbox in pieces
// (ISO/IEC 18477-3; C2PA A.3.1), and the segments of the file for the general box hash.
package jpeg

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
)

// Format is the media type of a JPEG.
const Format = "image/jpeg"

const (
	soi   = 0xd8
	eoi   = 0xd9
	sos   = 0xda
	com   = 0xfe
	tem   = 0x01
	app0  = 0xe0
	app1  = 0xe1
	app11 = 0xeb
	rst0  = 0xd0
	rst7  = 0xd7
)

// pieceHeader is what stands before the bytes of the superbox in each APP11 segment: CI, En, Z, LBox and TBox.
const pieceHeader = 2 + 2 + 4 + 8

var xmpSignature = []byte("http://ns.adobe.com/xap/1.0/\x00")

// Is reports whether head begins as a JPEG does.
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte{0xff, soi, 0xff}) }

// Read walks the segments of a JPEG once.
func Read(src *asset.Source) (*asset.Layout, error) {
	r := reader{src: src, layout: &asset.Layout{Format: Format}}
	if err := r.walk(); err != nil {
		return nil, err
	}
	return r.finish()
}

type reader struct {
	src    *asset.Source
	layout *asset.Layout
	en     uint16 // box instance number of the store
	pieces uint32 // segments of the store so far
	stores int
	header []byte // LBox and TBox of the store
	store  bytes.Buffer
	gap    bool // something stood between two pieces
	end    int64
}

func (r *reader) walk() error {
	var marker [2]byte
	if err := r.src.Fixed(marker[:], 0); err != nil || marker != [2]byte{0xff, soi} {
		return asset.ErrFormat
	}
	r.add("SOI", asset.Range{Start: 0, Length: 2})
	for pos := int64(2); pos < r.src.Size(); {
		next, err := r.segment(pos)
		if err != nil {
			return err
		}
		if next < 0 {
			return nil
		}
		pos = next
	}
	return asset.Malformed("no end of image")
}

// segment reads the segment at pos and returns where the next one begins, or -1 at the end of the image.
func (r *reader) segment(pos int64) (int64, error) {
	var head [4]byte
	if err := r.src.Fixed(head[:2], pos); err != nil {
		return 0, err
	}
	if head[0] != 0xff {
		return 0, asset.Malformed("no marker at %d", pos)
	}
	switch m := head[1]; {
	case m == 0xff:
		return pos + 1, nil // fill byte
	case m == eoi:
		r.end = pos + 2
		r.add("EOI", asset.Range{Start: pos, Length: 2})
		return -1, nil
	case m == tem || m >= rst0 && m <= rst7:
		r.add(name(m), asset.Range{Start: pos, Length: 2})
		return pos + 2, nil
	case m == 0 || m == soi:
		return 0, asset.Malformed("marker %#x at %d", m, pos)
	}
	if err := r.src.Fixed(head[2:], pos+2); err != nil {
		return 0, err
	}
	length := int64(binary.BigEndian.Uint16(head[2:]))
	seg := asset.Range{Start: pos, Length: length + 2}
	if length < 2 || seg.End() > r.src.Size() {
		return 0, asset.Malformed("segment of %d bytes at %d", length, pos)
	}
	return r.content(head[1], seg)
}

func (r *reader) content(marker byte, seg asset.Range) (int64, error) {
	switch marker {
	case app11:
		return seg.End(), r.app11(seg)
	case app1:
		if err := r.app1(seg); err != nil {
			return 0, err
		}
	case sos:
		end, err := r.entropy(seg.End())
		seg.Length = end - seg.Start
		r.add(name(marker), seg)
		return end, err
	}
	r.add(name(marker), seg)
	return seg.End(), nil
}

// entropy returns where the coded data that begins at pos ends: at the first marker that is neither a stuffed
// byte nor a restart.
func (r *reader) entropy(pos int64) (int64, error) {
	buf := make([]byte, 64<<10)
	last := false // the byte before this one was 0xff
	for {
		n, err := r.src.ReadAt(buf, pos)
		for i := 0; i < n; i++ {
			if !last {
				j := bytes.IndexByte(buf[i:n], 0xff)
				if j < 0 {
					break
				}
				i += j
				last = true
				continue
			}
			if b := buf[i]; b == 0xff {
				continue
			} else if b != 0 && (b < rst0 || b > rst7) {
				return pos + int64(i) - 1, nil
			}
			last = false
		}
		pos += int64(n)
		if err == io.EOF || n == 0 {
			return 0, asset.Malformed("image data without an end")
		}
		if err != nil {
			return 0, err
		}
	}
}

func (r *reader) app1(seg asset.Range) error {
	body, err := r.src.Bytes(asset.Range{Start: seg.Start + 4, Length: seg.Length - 4}, 1<<16)
	if err != nil {
		return err
	}
	if r.layout.Remote == "" && bytes.HasPrefix(body, xmpSignature) {
		r.layout.Remote = asset.RemoteManifest(body)
	}
	return nil
}

// app11 takes a piece of the store, if the segment is one. The first piece of a store is told by the type of its
// superbox, the following ones by the box instance number and a packet number that counts up by one.
func (r *reader) app11(seg asset.Range) error {
	body, err := r.src.Bytes(asset.Range{Start: seg.Start + 4, Length: seg.Length - 4}, 1<<16)
	if err != nil {
		return err
	}
	if len(body) <= pieceHeader || body[0] != 'J' || body[1] != 'P' {
		r.add("APP11", seg)
		return nil
	}
	en, z := binary.BigEndian.Uint16(body[2:]), binary.BigEndian.Uint32(body[4:])
	switch {
	case r.pieces > 0 && en == r.en && z == r.pieces+1 && bytes.Equal(body[8:16], r.header):
		r.take(seg, body[pieceHeader:])
	case r.pieces > 0 && en == r.en:
		return asset.Malformed("pieces of the manifest store out of order at %d", seg.Start)
	case isStore(body):
		if r.stores++; r.stores > 1 {
			return asset.ErrManyStores
		}
		if z != 1 {
			return asset.Malformed("manifest store begins with piece %d", z)
		}
		r.en, r.header = en, bytes.Clone(body[8:16])
		r.layout.Extent = asset.Range{Start: seg.Start}
		r.take(seg, body[8:])
	default:
		r.add("APP11", seg)
	}
	return nil
}

// isStore looks for a JUMBF superbox whose type is C2PA's: TBox "jumb", then a description box whose UUID begins so.
func isStore(body []byte) bool {
	return len(body) > 28 && string(body[12:16]) == "jumb" && string(body[24:28]) == "c2pa"
}

func (r *reader) take(seg asset.Range, piece []byte) {
	if r.pieces > 0 && seg.Start != r.layout.Extent.End() {
		r.gap = true
	}
	r.pieces++
	r.layout.Extent.Length = seg.End() - r.layout.Extent.Start
	r.store.Write(piece)
	if last := len(r.layout.Boxes) - 1; r.layout.Boxes[last].Name == asset.BoxC2PA && !r.gap {
		r.layout.Boxes[last].Length += seg.Length
		return
	}
	r.add(asset.BoxC2PA, seg)
}

func (r *reader) add(name string, seg asset.Range) {
	r.layout.Boxes = append(r.layout.Boxes, asset.Box{Name: name, Range: seg})
}

func (r *reader) finish() (*asset.Layout, error) {
	if r.pieces == 0 {
		return r.layout, asset.ErrNoManifest
	}
	store, clean := asset.Cut(r.store.Bytes())
	r.layout.Store = store
	r.layout.Foreign = r.gap || !clean
	return r.layout, nil
}

// name returns the name C2PA 18.7.2 gives to a segment.
func name(m byte) string {
	switch {
	case m >= app0 && m <= 0xef:
		return fmt.Sprintf("APP%d", m-app0)
	case m == 0xc4:
		return "DHT"
	case m == 0xc8:
		return "JPG"
	case m == 0xcc:
		return "DAC"
	case m >= 0xc0 && m <= 0xcf:
		return fmt.Sprintf("SOF%d", m-0xc0)
	case m >= rst0 && m <= rst7:
		return fmt.Sprintf("RST%d", m-rst0)
	case m >= 0xf0 && m <= 0xfd:
		return fmt.Sprintf("JPG%d", m-0xf0)
	}
	if n, ok := names[m]; ok {
		return n
	}
	return fmt.Sprintf("%02X", m)
}

var names = map[byte]string{
	sos: "SOS", 0xdb: "DQT", 0xdc: "DNL", 0xdd: "DRI", 0xde: "DHP", 0xdf: "EXP", com: "COM", tem: "TEM",
}
