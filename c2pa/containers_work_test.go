package c2pa_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

// crowds are files of some ten megabytes that consist of as many parts as their format allows.
func crowds() map[string][]byte {
	store := c2patest.Store(c2patest.Box("free", []byte("x")))
	jpeg, _, _ := c2patest.JPEG(store)
	png, _, _ := c2patest.PNG(store)
	film, _, _ := c2patest.MP4(store)
	after := func(head []byte, at int, part string, n int) []byte {
		return slices.Concat(head[:at], bytes.Repeat([]byte(part), n), head[at:])
	}
	pdf, svg := []byte("%PDF-1.7\n"), []byte("<svg></svg>")
	return map[string][]byte{
		"JPEG comments":       after(jpeg, 2, "\xff\xfe\x00\x03\x01", 2_000_000),
		"JPEG filling":        after(jpeg, 2, "\xff", 10_000_000),
		"JPEG pieces":         after(jpeg, 2, "\xff\xeb\x00\x12JP\x00\x01\x00\x00\x00\x01\x00\x00\x00\x10jumb", 500_000),
		"PNG chunks":          after(png, 33, "\x00\x00\x00\x00tEXt\x00\x00\x00\x00", 1_000_000),
		"film boxes":          after(film, len(film), "\x00\x00\x00\x08free", 190_000),
		"film tracks":         append(slices.Clone(film), c2patest.Box("moov", bytes.Repeat(c2patest.Box("trak", c2patest.Box("mdia")), 90_000))...),
		"PDF words":           after(pdf, len(pdf), "/C2PA_Manifest ", 1_000_000),
		"PDF objects":         after(pdf, len(pdf), "1 0 obj<</AFRelationship/C2PA_Manifest ", 300_000),
		"PDF open arrays":     after(pdf, len(pdf), "[", 10_000_000),
		"PDF open streams":    after(pdf, len(pdf), "1 0 obj<</Length 9>>stream\n", 400_000),
		"SVG nested":          after(svg, 5, "<a>", 3_000_000),
		"SVG side by side":    after(svg, 5, "<a/>", 2_000_000),
		"SVG attributes":      after(svg, 4, " a=''", 1_000_000),
		"RIFF chunks":         slices.Concat([]byte("RIFF\x04\x12\x7a\x00WAVE"), bytes.Repeat([]byte("junk\x00\x00\x00\x00"), 1_000_000)),
		"ID3 frames":          slices.Concat([]byte("ID3\x04\x00\x00\x05\x3b\x28\x20"), bytes.Repeat([]byte("TIT2\x00\x00\x00\x01\x00\x00x"), 1_000_000)),
		"TIFF without an end": after([]byte("II\x2a\x00\x08\x00\x00\x00"), 8, "\x01\x00\x4a\x01\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00\x08\x00\x00\x00", 500_000),
	}
}

// TestCrowdedFilesAreReadInStride wants an answer about every such file in good time, whatever it is, as long as it is no praise.
func TestCrowdedFilesAreReadInStride(t *testing.T) {
	if testing.Short() {
		t.Skip("large files")
	}
	for name, file := range crowds() {
		start := time.Now()
		r := validate(t, file, nil, c2patest.Now)
		if took := time.Since(start); took > patience || r.State == c2pa.StateValid || r.State == c2pa.StateTrusted {
			t.Errorf("%s: %s after %v", name, r.State, took)
		}
	}
}
