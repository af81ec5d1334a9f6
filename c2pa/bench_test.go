package c2pa_test

import (
	"bytes"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

// BenchmarkSmallPNG judges a picture of a few kilobytes, signed with ES256.
func BenchmarkSmallPNG(b *testing.B) {
	a := c2patest.NewAuthority()
	policy := trusting(b, a)
	file := a.Embed(c2patest.PNG, c2patest.Manifest{})
	b.ReportAllocs()
	for b.Loop() {
		if r := validate(b, file, policy, c2patest.Now); r.State != c2pa.StateTrusted {
			b.Fatal(r.State)
		}
	}
}

// BenchmarkLongFile judges a file whose content is 200 MB, which is never in memory at once.
func BenchmarkLongFile(b *testing.B) {
	const size = 200 << 20
	a := c2patest.NewAuthority()
	policy := trusting(b, a)
	long := func(store []byte) ([]byte, int, int) {
		file, start, length := c2patest.WebP(store)
		return append(file, make([]byte, size)...), start, length
	}
	file := a.Embed(long, c2patest.Manifest{})
	b.SetBytes(size)
	for b.Loop() {
		r, err := c2pa.Validate(c2pa.Input{Asset: bytes.NewReader(file), Size: int64(len(file))}, policy, c2patest.Now)
		if err != nil || r.State != c2pa.StateTrusted {
			b.Fatal(r.State, err)
		}
	}
}
