package jpeg_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
	"github.com/wherefrom-network/wherefrom/c2pa/jpeg"
)

func read(data []byte) (*asset.Layout, error) {
	return jpeg.Read(asset.NewSource(bytes.NewReader(data), int64(len(data))))
}

// store is one of a size.
func store(size int) []byte { return c2patest.Store(c2patest.Box("free", make([]byte, size))) }

func names(l *asset.Layout) string {
	var out []string
	for _, b := range l.Boxes {
		out = append(out, b.Name)
	}
	return strings.Join(out, " ")
}

func TestAStoreInManyPiecesIsOneBox(t *testing.T) {
	for _, size := range []int{10, 59_000, 200_000} {
		want := store(size)
		file, start, length := c2patest.JPEG(want)
		l, err := read(file)
		if err != nil {
			t.Fatalf("%d: %v", size, err)
		}
		if !bytes.Equal(l.Store, want) || l.Extent != (asset.Range{Start: int64(start), Length: int64(length)}) || l.Foreign {
			t.Errorf("%d: extent %v, foreign %v", size, l.Extent, l.Foreign)
		}
		if got := names(l); got != "SOI APP0 C2PA SOS EOI" {
			t.Errorf("%d: boxes %s", size, got)
		}
	}
}

func TestPiecesHaveToStandTogetherInOrder(t *testing.T) {
	file, start, length := c2patest.JPEG(store(130_000))
	first := start + 2 + 2 + 8 + 60_000
	comment := []byte("\xff\xfe\x00\x06evil")
	l, err := read(slices.Concat(file[:first], comment, file[first:]))
	if err != nil || !l.Foreign {
		t.Errorf("a comment between two pieces: %v, foreign %v", err, l != nil && l.Foreign)
	}
	second := slices.Clone(file)
	second[first+2+2+7] = 9 // packet number
	if _, err := read(second); !errors.Is(err, asset.ErrMalformed) {
		t.Errorf("a packet number left out: %v", err)
	}
	header := slices.Clone(file)
	header[first+2+2+8] ^= 1
	if _, err := read(header); !errors.Is(err, asset.ErrMalformed) {
		t.Errorf("a piece with another header: %v", err)
	}
	late := slices.Clone(file)
	late[start+2+2+7] = 2
	if _, err := read(late); !errors.Is(err, asset.ErrMalformed) {
		t.Errorf("a store that begins with the second piece: %v", err)
	}
	_ = length
}

func TestTwoStoresAreNone(t *testing.T) {
	file, start, length := c2patest.JPEG(store(10))
	again := slices.Clone(file[start : start+length])
	again[4+3] = 9 // another box instance
	if _, err := read(slices.Concat(file[:start], again, file[start:])); !errors.Is(err, asset.ErrManyStores) {
		t.Errorf("%v", err)
	}
}

func TestJunkBesideTheStoreIsForeign(t *testing.T) {
	for name, c := range map[string]struct {
		tail    string
		foreign bool
	}{"zeros": {"\x00\x00\x00", false}, "a script": {"<script>", true}} {
		file, _, _ := c2patest.JPEG(append(store(10), c.tail...))
		l, err := read(file)
		if err != nil || l.Foreign != c.foreign {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOtherSegmentsAreNamed(t *testing.T) {
	head := "\xff\xd8\xff\xe1\x00\x04xx\xff\xdb\x00\x02\xff\xc0\x00\x02\xff\xc4\x00\x02\xff\xeb\x00\x06JPxx\xff\xfe\x00\x02\xff\xdd\x00\x02"
	scan := "\xff\xda\x00\x02\x01\xff\x00\x02\xff\xd0\x03\xff\xda\x00\x02\x04\xff\xd9"
	l, err := read([]byte(head + scan + "trailing"))
	if !errors.Is(err, asset.ErrNoManifest) {
		t.Fatal(err)
	}
	if got := names(l); got != "SOI APP1 DQT SOF0 DHT APP11 COM DRI SOS SOS EOI" {
		t.Errorf("boxes %s", got)
	}
}

func TestRemoteManifestInXMP(t *testing.T) {
	xmp := "http://ns.adobe.com/xap/1.0/\x00<rdf dcterms:provenance=\"https://example.org/a?b&amp;c\"/>"
	seg := append([]byte{0xff, 0xe1, 0, byte(len(xmp) + 2)}, xmp...)
	l, err := read(slices.Concat([]byte("\xff\xd8"), seg, []byte("\xff\xd9")))
	if !errors.Is(err, asset.ErrNoManifest) || l.Remote != "https://example.org/a?b&c" {
		t.Errorf("%v %q", err, l.Remote)
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	for name, data := range map[string]string{
		"no start":              "\x00\x00",
		"no end":                "\xff\xd8\xff\xe0\x00\x02",
		"a segment too long":    "\xff\xd8\xff\xe0\xff\xff\xff\xd9",
		"a segment too short":   "\xff\xd8\xff\xe0\x00\x01\xff\xd9",
		"no marker":             "\xff\xd8\x00\x00\xff\xd9",
		"a second start":        "\xff\xd8\xff\xd8\xff\xd9",
		"data without an end":   "\xff\xd8\xff\xda\x00\x02\x01\x02\x03",
		"cut in a marker":       "\xff\xd8\xff",
		"cut in a length":       "\xff\xd8\xff\xe0\x00",
		"cut after stuffing":    "\xff\xd8\xff\xda\x00\x02\xff\x00",
		"cut after a fill byte": "\xff\xd8\xff\xff\xff",
	} {
		if _, err := read([]byte(data)); !errors.Is(err, asset.ErrMalformed) && !errors.Is(err, asset.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
