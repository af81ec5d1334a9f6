package verify_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/verify"
)

func TestHashReaderOfEveryKindOfReader(t *testing.T) {
	for _, size := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 5<<20 + 17} {
		content := bytes.Repeat([]byte{0xa5}, size)
		for name, r := range map[string]io.Reader{
			"whole":            bytes.NewReader(content),
			"halves":           iotest.HalfReader(bytes.NewReader(content)),
			"data with EOF":    iotest.DataErrReader(bytes.NewReader(content)),
			"only io.Reader":   struct{ io.Reader }{bytes.NewReader(content)},
			"several in a row": io.MultiReader(bytes.NewReader(content[:size/2]), bytes.NewReader(content[size/2:])),
		} {
			last := int64(0)
			digest, n, err := verify.HashReader(t.Context(), r, func(n int64) {
				if n <= last {
					t.Errorf("progress went from %d to %d", last, n)
				}
				last = n
			})
			if err != nil || n != int64(size) || last != n || digest != statement.Sum(content) {
				t.Errorf("%s of %d bytes: got %d bytes, progress %d, %v", name, size, n, last, err)
			}
		}
	}
}

func TestHashReaderStopsWhenItIsTold(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	endless := iotest.OneByteReader(&zeros{})
	_, n, err := verify.HashReader(ctx, endless, func(n int64) {
		if n == 1000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || n != 1000 {
		t.Errorf("stopped after %d bytes with %v", n, err)
	}
}

// A file that is cut off on its way must not pass for a shorter one.
func TestHashReaderReportsWhatCannotBeRead(t *testing.T) {
	for _, want := range []error{io.ErrUnexpectedEOF, os.ErrPermission} {
		digest, n, err := verify.HashReader(t.Context(), io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(want)), nil)
		if !errors.Is(err, want) || n != 3 || !digest.IsZero() {
			t.Errorf("got %s, %d, %v", digest, n, err)
		}
	}
}

func TestHashReaderUsesTheSameMemoryForAnyLength(t *testing.T) {
	used := func(size int64) float64 {
		return testing.AllocsPerRun(3, func() {
			if _, _, err := verify.HashReader(t.Context(), io.LimitReader(&zeros{}, size), nil); err != nil {
				t.Fatal(err)
			}
		})
	}
	if small, large := used(1<<10), used(64<<20); large > small {
		t.Errorf("%v allocations for a kilobyte, %v for 64 MB", small, large)
	}
}

// zeros is an endless file.
type zeros struct{}

func (*zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// BenchmarkHashReader hashes a file of 16 MB through HashReader and, in the same run, in one piece
// with crypto/sha256. It reports how fast the first is beside the second, where 1 is as fast; io.Copy
// is measured too. Of each it takes the best time, which other work on the machine does not lengthen.
func BenchmarkHashReader(b *testing.B) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	name := filepath.Join(b.TempDir(), "file")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	bare, ours, plain := time.Hour, time.Hour, time.Hour
	for b.Loop() {
		start := time.Now()
		want := sha256.Sum256(content)
		bare = min(bare, time.Since(start))
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		start = time.Now()
		got, _, err := verify.HashReader(b.Context(), f, nil)
		ours = min(ours, time.Since(start))
		if err != nil || got != want {
			b.Fatal(err)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		start = time.Now()
		if _, err := io.Copy(sha256.New(), struct{ io.Reader }{f}); err != nil {
			b.Fatal(err)
		}
		plain = min(plain, time.Since(start))
	}
	b.ReportMetric(float64(bare)/float64(ours), "of-sha256")
	b.ReportMetric(float64(bare)/float64(plain), "io.Copy-of-sha256")
	b.ReportMetric(float64(len(content))/ours.Seconds()/1e6, "MB/s")
}
