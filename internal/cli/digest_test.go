package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

func TestReadingTellsDigestSizeAndKind(t *testing.T) {
	d := newDesk(t)
	for _, text := range []string{"", "a", strings.Repeat("0123456789", 300_000)} {
		path := d.put(t, "a.txt", text)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		d.io.In = bytes.NewReader([]byte(text))
		for _, s := range []source{{path, info}, {path: stdinName}} {
			c, err := d.readContent(t.Context(), s, d.io.Progress("", 0))
			if err != nil || c.digest != statement.Sum([]byte(text)) || c.size != int64(len(text)) {
				t.Errorf("%s, %d bytes: %v %d %v", s.path, len(text), c.digest, c.size, err)
			}
			if want := min(len(text), sniffLength); len(c.head) != want {
				t.Errorf("%s, %d bytes: a head of %d, want %d", s.path, len(text), len(c.head), want)
			}
		}
	}
}

// A writer appends, truncates or touches the file while it is read: the clock that progress looks at does it.
func TestAChangeWhileReadingIsNoticed(t *testing.T) {
	for about, change := range map[string]func(path string) error{
		"appended":  func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("b"), 5<<20), 0o600) },
		"truncated": func(path string) error { return os.Truncate(path, 10) },
		"rewritten": func(path string) error {
			return errors.Join(os.WriteFile(path, bytes.Repeat([]byte("b"), 4<<20), 0o600), os.Chtimes(path, noon, noon))
		},
	} {
		d := newDesk(t)
		path := d.put(t, "a", strings.Repeat("a", 4<<20))
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		calls := 0
		d.io.ErrTerminal = true // so that progress looks at the clock
		d.io.Now = func() time.Time {
			if calls++; calls == 2 {
				if err := change(path); err != nil {
					t.Error(err)
				}
			}
			return noon
		}
		_, err = d.readContent(t.Context(), source{path, info}, d.io.Progress("", 0))
		var e *UserError
		if !errors.As(err, &e) || e.Code != codeFileChanged {
			t.Errorf("%s: %v", about, err)
		}
	}
}

func TestReadingEndsWithTheContext(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d.io.In = strings.NewReader("a")
	if _, err := d.readContent(ctx, source{path: stdinName}, d.io.Progress("", 0)); !errors.Is(err, context.Canceled) {
		t.Errorf("err %v", err)
	}
}

func TestSmallFilesAreReadWholeAndLargeOnesRefused(t *testing.T) {
	d := newDesk(t)
	d.io.In = strings.NewReader("words")
	if text, err := d.readInput(stdinName); err != nil || string(text) != "words" {
		t.Errorf("standard input: %q %v", text, err)
	}
	var e *UserError
	if _, err := d.readInput(d.put(t, "large", strings.Repeat("a", maxInput+1))); !errors.As(err, &e) || e.Code != codeFileLarge {
		t.Errorf("large: %v", err)
	}
	if _, err := d.readInput(d.dir); !errors.As(err, &e) || e.Code != codeFileSpecial {
		t.Errorf("a folder: %v", err)
	}
}
