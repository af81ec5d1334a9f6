package c2pa_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
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

// readers are what reads each format that c2patest can write.
var readers = map[string]reader{
	"image/jpeg": jpeg.Read, "image/png": png.Read, "image/webp": riff.Read, "image/gif": gif.Read, "image/svg+xml": svg.Read,
	"audio/mpeg": id3.Read, "image/tiff": tiff.Read, "video/mp4": readBMFF,
}

func readBMFF(src *asset.Source) (*asset.Layout, error) {
	f, err := bmff.Read(src)
	if f == nil {
		return nil, err
	}
	return &f.Layout, err
}

func readWith(read reader, data []byte) (*asset.Layout, error) {
	return read(asset.NewSource(bytes.NewReader(data), int64(len(data))))
}

func TestEveryFormatGivesItsStoreAndExtent(t *testing.T) {
	for format, carry := range c2patest.Carriers {
		for _, size := range []int{0, 1, 300, 70_000} {
			store := c2patest.Store(c2patest.Box("free", make([]byte, size)))
			file, start, length := carry(store)
			l, err := readWith(readers[format], file)
			if err != nil {
				t.Errorf("%s of %d: %v", format, size, err)
				continue
			}
			want := asset.Range{Start: int64(start), Length: int64(length)}
			if !bytes.Equal(l.Store, store) || l.Extent != want || l.Foreign || l.Format != format {
				t.Errorf("%s of %d: %s, extent %v, want %v", format, size, l.Format, l.Extent, want)
			}
			checkLayout(t, l, int64(len(file)))
		}
	}
}

func TestEveryFormatNoticesJunkBesideTheStore(t *testing.T) {
	for format, carry := range c2patest.Carriers {
		store := c2patest.Store()
		for tail, foreign := range map[string]bool{"\x00\x00\x00\x00": false, "evil": true} {
			file, _, _ := carry(append(slices.Clone(store), tail...))
			l, err := readWith(readers[format], file)
			if err != nil || l.Foreign != foreign || !bytes.Equal(l.Store, store) {
				t.Errorf("%s with %q: %v", format, tail, err)
			}
		}
	}
}

// TestEveryFormatIsRefusedWhenCut cuts files anywhere: they are then malformed, of no format, or without a store, never half read.
func TestEveryFormatIsRefusedWhenCut(t *testing.T) {
	for format, carry := range c2patest.Carriers {
		store := c2patest.Store(c2patest.Box("free", []byte("abcd")))
		file, start, length := carry(store)
		for n := range start + length {
			l, err := readWith(readers[format], file[:n])
			if err == nil {
				t.Errorf("%s cut at %d of %d: store of %d bytes", format, n, len(file), len(l.Store))
			}
		}
	}
}

func TestTwoStoresInOneFileAreNone(t *testing.T) {
	store := c2patest.Store()
	chunk := func(b []byte, from, to int) []byte { return slices.Concat(b[:from], b[from:to], b[from:]) }
	for format, carry := range c2patest.Carriers {
		file, start, length := carry(store)
		twice := chunk(file, start, start+length)
		switch format {
		case "image/jpeg": // needs another instance number; see its own test
			continue
		case "image/webp":
			binary.LittleEndian.PutUint32(twice[4:], uint32(len(twice)-8))
		case "image/svg+xml":
			twice = []byte(strings.Replace(string(file), "</metadata>", string(file[start-70:start+length])+"</c2pa:manifest></metadata>", 1))
			i := strings.LastIndex(string(twice), "<c2pa:manifest")
			if i < 0 {
				t.Fatal("no second element")
			}
		case "audio/mpeg", "image/tiff":
			continue // the extent is not all of the frame or field
		}
		if _, err := readWith(readers[format], twice); !errors.Is(err, asset.ErrManyStores) && !errors.Is(err, asset.ErrMalformed) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestPDFStoresAreFoundByTheirSpecification(t *testing.T) {
	store := c2patest.Store()
	object := func(length string) []byte {
		return slices.Concat([]byte("%PDF-1.7\n1 0 obj\n<</Length "+length+">>\nstream\r\n"), store, []byte("\nendstream\nendobj\n"))
	}
	spec := "2 0 obj <</Type/Filespec /AFRelationship /C2PA_Manifest /EF <</F 1 0 R /UF 1 0 R>> >> endobj\n"
	n := "38"
	if len(store) != 38 {
		t.Fatalf("the store has %d bytes", len(store))
	}
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"a direct length":            {slices.Concat(object(n), []byte(spec)), nil},
		"a length elsewhere":         {slices.Concat(object("9 0 R"), []byte("9 0 obj 38 endobj\n"+spec)), nil},
		"no specification":           {object(n), asset.ErrNoManifest},
		"compressed objects":         {slices.Concat(object(n), []byte("3 0 obj<</Type/ObjStm>>")), asset.ErrUnsupported},
		"a stream that is not there": {[]byte("%PDF-1.7\n" + spec), asset.ErrMalformed},
		"a specification of nothing": {slices.Concat(object(n), []byte(strings.Replace(spec, "/EF", "/XX", 1))), asset.ErrMalformed},
		"two specifications":         {slices.Concat(object(n), []byte(spec+strings.Replace(spec, "/F 1 0", "/F 7 0", 1))), asset.ErrManyStores},
		"a stream that is packed":    {bytes.Replace(slices.Concat(object(n), []byte(spec)), []byte("<</Length"), []byte("<</Filter/FlateDecode/Length"), 1), asset.ErrMalformed},
		"a length past the end":      {slices.Concat(object("99999"), []byte(spec)), asset.ErrMalformed},
		"no length":                  {bytes.Replace(slices.Concat(object(n), []byte(spec)), []byte("/Length"), []byte("/Longth"), 1), asset.ErrMalformed},
	} {
		l, err := readWith(pdf.Read, c.file)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err == nil && (!bytes.Equal(l.Store, store) || l.Extent.Length != 38) {
			t.Errorf("%s: store %x, extent %v", name, l.Store, l.Extent)
		}
	}
}

func TestBoxPathsOfFilms(t *testing.T) {
	trak := func(id byte) []byte { return c2patest.Box("trak", c2patest.Box("tkhd", []byte{1, 0, 0, 7, id})) }
	file := slices.Concat(c2patest.Box("ftyp", []byte("mp42\x00\x00\x00\x00")), c2patest.Box("moov", trak(1), trak(2)),
		c2patest.Box("meta", c2patest.Box("hdlr", make([]byte, 4))), c2patest.Box("meta", make([]byte, 4), c2patest.Box("hdlr", make([]byte, 4))))
	f, err := bmff.Read(asset.NewSource(bytes.NewReader(file), int64(len(file))))
	if !errors.Is(err, asset.ErrNoManifest) {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/moov": 1, "/moov/trak": 2, "/moov/trak/tkhd": 2, "/moov/trak[2]/tkhd": 1, "/moov/trak[3]": 0, "/moov/trak[0]": 0, "/moov/trak[x]": 0,
		"/mdat": 0, "/moov/nothing": 0, "": 0, "/meta/hdlr": 2,
	} {
		if got := f.Find(path); len(got) != want {
			t.Errorf("%s: %d boxes, want %d", path, len(got), want)
		}
	}
	if b := f.Find("/moov/trak[1]/tkhd")[0]; !b.Full || b.Version != 1 || b.Flags != 7 {
		t.Errorf("version %d, flags %d", b.Version, b.Flags)
	}
}

func TestDamagedFilmsAreRefused(t *testing.T) {
	ftyp := c2patest.Box("ftyp", []byte("mp42\x00\x00\x00\x00"))
	uuid := "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81\x00\x00\x00\x00"
	deep := c2patest.Box("moov")
	for range 40 {
		deep = c2patest.Box("moov", deep)
	}
	for name, box := range map[string][]byte{
		"a box past the end":          {0, 0, 1, 0, 'm', 'd', 'a', 't'},
		"a box smaller than its head": {0, 0, 0, 4, 'm', 'd', 'a', 't'},
		"a huge box":                  {0, 0, 0, 1, 'm', 'd', 'a', 't', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"boxes in boxes in boxes":     deep,
		"a purpose without an end":    c2patest.Box("uuid", []byte(uuid+"manifest")),
		"a purpose and nothing else":  c2patest.Box("uuid", []byte(uuid+"manifest\x00")),
		"no purpose":                  c2patest.Box("uuid", []byte(uuid)),
		"an update without original":  c2patest.Box("uuid", []byte(uuid+"update\x00"), make([]byte, 8), c2patest.Store()),
		"an original without update":  c2patest.Box("uuid", []byte(uuid+"original\x00"), make([]byte, 8), c2patest.Store()),
		"a uuid box cut short":        c2patest.Box("uuid", []byte("short")),
	} {
		if _, err := readWith(readBMFF, slices.Concat(ftyp, box)); !errors.Is(err, asset.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
