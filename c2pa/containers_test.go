package c2pa_test

import (
	"bytes"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
	"github.com/wherefrom-network/wherefrom/c2pa/bmff"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
	"github.com/wherefrom-network/wherefrom/c2pa/gif"
	"github.com/wherefrom-network/wherefrom/c2pa/id3"
	"github.com/wherefrom-network/wherefrom/c2pa/jpeg"
	"github.com/wherefrom-network/wherefrom/c2pa/pdf"
	"github.com/wherefrom-network/wherefrom/c2pa/png"
	"github.com/wherefrom-network/wherefrom/c2pa/riff"
	"github.com/wherefrom-network/wherefrom/c2pa/svg"
	"github.com/wherefrom-network/wherefrom/c2pa/tiff"
)

// checkLayout is what has to hold of every layout: the store lies in its extent, the boxes are in order and inside the file.
func checkLayout(t *testing.T, l *asset.Layout, size int64) {
	t.Helper()
	if l == nil {
		return
	}
	whole := asset.Range{Length: size}
	if !whole.Contains(l.Extent) {
		t.Errorf("extent %v of a file of %d bytes", l.Extent, size)
	}
	end := int64(0)
	for _, b := range l.Boxes {
		if b.Start < end || !whole.Contains(b.Range) || b.Name == "" {
			t.Errorf("box %v after %d", b, end)
		}
		end = b.End()
	}
}

type reader = func(*asset.Source) (*asset.Layout, error)

func fuzzContainer(f *testing.F, format string, read reader) {
	if carry := c2patest.Carriers[format]; carry != nil {
		file, _, _ := carry(c2patest.Store())
		f.Add(file)
		bare, _, _ := carry(nil)
		f.Add(bare)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := read(asset.NewSource(bytes.NewReader(data), int64(len(data))))
		checkLayout(t, l, int64(len(data)))
		if err == nil && (l == nil || l.Store == nil) {
			t.Error("neither a store nor an error")
		}
	})
}

func FuzzJPEG(f *testing.F) { fuzzContainer(f, jpeg.Format, jpeg.Read) }
func FuzzPNG(f *testing.F)  { fuzzContainer(f, png.Format, png.Read) }
func FuzzRIFF(f *testing.F) { fuzzContainer(f, "image/webp", riff.Read) }
func FuzzGIF(f *testing.F)  { fuzzContainer(f, gif.Format, gif.Read) }
func FuzzSVG(f *testing.F)  { fuzzContainer(f, svg.Format, svg.Read) }
func FuzzTIFF(f *testing.F) { fuzzContainer(f, tiff.Format, tiff.Read) }
func FuzzID3(f *testing.F)  { fuzzContainer(f, id3.FormatMP3, id3.Read) }

func FuzzPDF(f *testing.F) {
	f.Add([]byte("%PDF-1.7\n1 0 obj\n<</Length 8>>stream\nabcdefgh\nendstream\nendobj\n2 0 obj\n<</AFRelationship/C2PA_Manifest/EF<</F 1 0 R>>>>\nendobj\n"))
	fuzzContainer(f, pdf.Format, pdf.Read)
}

func FuzzBMFF(f *testing.F) {
	ftyp := c2patest.Box("ftyp", []byte("mp42\x00\x00\x00\x00"))
	uuid := "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"
	store := c2patest.Box("uuid", []byte(uuid), make([]byte, 4), []byte("manifest\x00"), make([]byte, 8), c2patest.Store())
	f.Add(append(append(ftyp, store...), c2patest.Box("moov", c2patest.Box("trak", c2patest.Box("tkhd", make([]byte, 8))))...))
	fuzzContainer(f, bmff.Format, func(src *asset.Source) (*asset.Layout, error) {
		file, err := bmff.Read(src)
		if file == nil {
			return nil, err
		}
		file.Find("/moov/trak[1]/tkhd")
		return &file.Layout, err
	})
}
