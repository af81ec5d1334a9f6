package c2patest

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// Carrier puts a manifest store into a small file of one format. It returns the file and the range that the store's
// exclusion has to be.
type Carrier func(store []byte) (file []byte, start, length int)

// Embed signs a manifest that is bound to the file which carries it by a data hash.
func (a *Authority) Embed(carry Carrier, m Manifest) []byte {
	if m.Assertions == nil {
		m.Assertions = []Assertion{Created}
	}
	own, bind := m.Assertions, m.Binding
	if bind == nil {
		bind = DataHash
	}
	store := func(file []byte, start, length int) []byte {
		binding := bind(file, start, length)
		m.Assertions = append(append([]Assertion{}, own...), binding)
		if m.About != nil {
			m.Assertions = append(m.Assertions, m.About(binding))
		}
		return Store(append(append([][]byte{}, m.Before...), a.Sign(m))...)
	}
	bare, start, _ := carry([]byte{})
	first := store(bare, start, 0)
	file, start, length := carry(first) // the store has its final size but not its final hash
	file, _, _ = carry(store(file, start, length))
	return file
}

// Carriers are all formats this package can write, by the media type they are reported with.
var Carriers = map[string]Carrier{
	"image/jpeg": JPEG, "image/png": PNG, "image/webp": WebP, "image/gif": GIF, "image/svg+xml": SVG, "audio/mpeg": MP3, "image/tiff": TIFF,
	"video/mp4": MP4,
}

// PNG is a picture of one pixel.
func PNG(store []byte) ([]byte, int, int) {
	var b bytes.Buffer
	chunk := func(name string, data []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data)))
		sum := crc32.NewIEEE()
		sum.Write(append([]byte(name), data...))
		b.WriteString(name)
		b.Write(data)
		_ = binary.Write(&b, binary.BigEndian, sum.Sum32())
	}
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk("IHDR", []byte{0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0})
	start := b.Len()
	if store != nil {
		chunk("caBX", store)
	}
	length := b.Len() - start
	chunk("IDAT", []byte{0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1})
	chunk("IEND", nil)
	return b.Bytes(), start, length
}

// JPEG is a file with the segments of a JPEG and no picture that anybody could look at.
func JPEG(store []byte) ([]byte, int, int) {
	b := []byte{0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0}
	start := len(b)
	const piece = 60_000
	for z, box := 1, store; len(store) > 0; z++ {
		part := store[:min(piece, len(store))]
		head := []byte{'J', 'P', 0, 1, 0, 0, 0, byte(z)}
		if z > 1 {
			head = append(head, box[:8]...) // later pieces repeat the header of the superbox
		}
		b = append(b, 0xff, 0xeb)
		b = binary.BigEndian.AppendUint16(b, uint16(2+len(head)+len(part)))
		b = append(append(b, head...), part...)
		store = store[len(part):]
	}
	length := len(b) - start
	b = append(b, 0xff, 0xda, 0, 2, 1, 2, 0xff, 0, 3, 0xff, 0xd9)
	return b, start, length
}

// WebP is a RIFF form with a chunk of no meaning.
func WebP(store []byte) ([]byte, int, int) {
	chunk := func(name string, data []byte) []byte {
		out := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data)))
		out = append(out, data...)
		if len(data)%2 == 1 {
			out = append(out, 0)
		}
		return out
	}
	body := append([]byte("WEBP"), chunk("VP8L", []byte{0x2f, 0, 0, 0})...)
	start := 8 + len(body)
	length := 0
	if store != nil {
		length = 8 + len(store)
		body = append(body, chunk("C2PA", store)...)
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...), start, length
}

// GIF is a picture of one pixel.
func GIF(store []byte) ([]byte, int, int) {
	b := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff")
	start := len(b)
	if store != nil {
		b = append(b, "\x21\xff\x0bC2PA_GIF\x01\x00\x00"...)
		for len(store) > 0 {
			n := min(255, len(store))
			b = append(append(b, byte(n)), store[:n]...)
			store = store[n:]
		}
		b = append(b, 0)
	}
	length := len(b) - start
	return append(b, ",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00;"...), start, length
}

// SVG is an empty drawing.
func SVG(store []byte) ([]byte, int, int) {
	head := `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><metadata><c2pa:manifest xmlns:c2pa="http://c2pa.org/manifest">`
	text := base64.StdEncoding.EncodeToString(store)
	return []byte(head + text + `</c2pa:manifest></metadata></svg>`), len(head), len(text)
}

// MP3 is an ID3 tag before a few bytes of sound.
func MP3(store []byte) ([]byte, int, int) {
	frame := append([]byte("\x00application/c2pa\x00c2pa\x00c2pa manifest store\x00"), store...)
	size := func(n int) []byte {
		return []byte{byte(n >> 21 & 0x7f), byte(n >> 14 & 0x7f), byte(n >> 7 & 0x7f), byte(n & 0x7f)}
	}
	b := append([]byte("ID3\x04\x00\x00"), size(len(frame)+10)...)
	b = append(append(append(b, "GEOB"...), size(len(frame))...), 0, 0)
	b = append(b, frame...)
	return append(b, 0xff, 0xfb, 0x90, 0, 1, 2, 3), len(b) - len(store), len(store)
}

// TIFF has one page with nothing but a store.
func TIFF(store []byte) ([]byte, int, int) {
	b := []byte{'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0}
	b = binary.LittleEndian.AppendUint16(b, 0xcd41)
	b = binary.LittleEndian.AppendUint16(b, 7)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(store)))
	b = binary.LittleEndian.AppendUint32(b, 26)
	b = append(b, 0, 0, 0, 0)
	return append(b, store...), 26, len(store)
}
