package asset_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
)

func source(data string) *asset.Source {
	return asset.NewSource(strings.NewReader(data), int64(len(data)))
}

func TestASourceEndsWhereItWasSaidTo(t *testing.T) {
	long := strings.NewReader("abcdefgh")
	s := asset.NewSource(long, 4)
	if data, err := io.ReadAll(io.NewSectionReader(s, 0, 100)); err != nil || string(data) != "abcd" {
		t.Errorf("%q %v", data, err)
	}
	if err := iotest.TestReader(io.NewSectionReader(s, 1, 3), []byte("bcd")); err != nil {
		t.Error(err)
	}
	for _, off := range []int64{-1, 4, 1 << 62} {
		if n, err := s.ReadAt(make([]byte, 1), off); n != 0 || err != io.EOF {
			t.Errorf("at %d: %d %v", off, n, err)
		}
	}
}

func TestNoMoreIsAllocatedThanTheFileHas(t *testing.T) {
	s := source("abcdefgh")
	for r, want := range map[asset.Range]string{
		{Start: 0, Length: 8}: "abcdefgh", {Start: 2, Length: 3}: "cde", {Start: 8, Length: 0}: "",
	} {
		if got, err := s.Bytes(r, 8); err != nil || string(got) != want {
			t.Errorf("%v: %q %v", r, got, err)
		}
	}
	for _, r := range []asset.Range{
		{Start: 0, Length: 9}, {Start: -1, Length: 2}, {Start: 1, Length: -1}, {Start: 1, Length: 1<<63 - 1}, {Start: 9, Length: 0}, {Start: 0, Length: 1 << 50},
	} {
		if _, err := s.Bytes(r, 1<<62); !errors.Is(err, asset.ErrMalformed) {
			t.Errorf("%v: %v", r, err)
		}
	}
	if _, err := s.Bytes(asset.Range{Length: 5}, 4); err == nil {
		t.Error("more than the limit")
	}
}

func TestFixedWantsEveryByte(t *testing.T) {
	s := source("abc")
	buf := make([]byte, 2)
	if err := s.Fixed(buf, 1); err != nil || string(buf) != "bc" {
		t.Errorf("%q %v", buf, err)
	}
	if err := s.Fixed(buf, 2); !errors.Is(err, asset.ErrMalformed) {
		t.Errorf("too short: %v", err)
	}
	broken := asset.NewSource(bytes.NewReader(nil), 10) // says it is longer than it is
	if err := broken.Fixed(buf, 2); !errors.Is(err, asset.ErrMalformed) {
		t.Errorf("a reader that ends early: %v", err)
	}
}

func TestRanges(t *testing.T) {
	r := asset.Range{Start: 10, Length: 5}
	for o, want := range map[asset.Range][2]bool{ // contains, overlaps
		{Start: 10, Length: 5}: {true, true}, {Start: 12, Length: 1}: {true, true}, {Start: 9, Length: 2}: {false, true},
		{Start: 14, Length: 2}: {false, true}, {Start: 15, Length: 1}: {false, false}, {Start: 5, Length: 5}: {false, false},
		{Start: 0, Length: 100}: {false, true},
	} {
		if got := [2]bool{r.Contains(o), r.Overlaps(o)}; got != want {
			t.Errorf("%v: %v", o, got)
		}
	}
}

func TestCutSeparatesAStoreFromItsPadding(t *testing.T) {
	box := binary.BigEndian.AppendUint32(nil, 12)
	box = append(box, "jumbabcd"...)
	for tail, clean := range map[string]bool{"": true, "\x00\x00\x00": true, "\x00x": false, "x": false} {
		store, ok := asset.Cut(append(bytes.Clone(box), tail...))
		if !bytes.Equal(store, box) || ok != clean {
			t.Errorf("%q: %q %v", tail, store, ok)
		}
	}
	for _, data := range []string{"", "short", "\x00\x00\x00\x07jumb", "\xff\xff\xff\xffjumb", "\x00\x00\x00\x09jumb"} {
		if store, ok := asset.Cut([]byte(data)); string(store) != data || !ok {
			t.Errorf("%q: %q %v", data, store, ok)
		}
	}
}

func TestXMPMayNameAManifestElsewhere(t *testing.T) {
	const url = "https://example.org/a?b&c"
	for xmp, want := range map[string]string{
		`<rdf:Description dcterms:provenance="https://example.org/a?b&amp;c"/>`:                            url,
		`<rdf:Description dcterms:provenance = 'https://example.org/a?b&amp;c' />`:                         url,
		"<dcterms:provenance>\n https://example.org/a?b&amp;c \n</dcterms:provenance>":                     url,
		`<x dcterms:provenance=""/><dcterms:provenance>https://example.org/a?b&amp;c</dcterms:provenance>`: url,
		`<x dcterms:provenance="no end`: "",
		`<x dcterms:provenance=bare/>`:  "",
		`<dcterms:provenance`:           "",
		`<dcterms:provenance>`:          "",
		`<dcterms:provenanceOther="x">`: "",
		``:                              "",
	} {
		if got := asset.RemoteManifest([]byte(xmp)); got != want {
			t.Errorf("%q: %q", xmp, got)
		}
	}
}
