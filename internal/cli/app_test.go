package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/internal/term"
)

// noon is when everything happens in these tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// desk is an app with a home of its own, a clock that stands still, and what it says.
type desk struct {
	*app
	dir       string
	out, errs *bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{dir: t.TempDir(), out: new(bytes.Buffer), errs: new(bytes.Buffer)}
	now := func() time.Time { return noon }
	d.app = &app{
		io:     &term.IO{In: new(bytes.Buffer), Out: d.out, Err: d.errs, Columns: 80, Now: now},
		getenv: func(string) string { return "" },
		now:    now,
		pause:  pause,
		home:   home.Home{Config: filepath.Join(d.dir, "config"), State: filepath.Join(d.dir, "state"), Data: filepath.Join(d.dir, "data")},
	}
	return d
}

// put writes a file below the desk's directory and returns its path.
func (d *desk) put(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// parsed returns a command whose flags were parsed.
func parsed(t *testing.T, flags func(*cobra.Command), args ...string) *cobra.Command {
	t.Helper()
	cmd := &cobra.Command{Use: "test"}
	flags(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return cmd
}
