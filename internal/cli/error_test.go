package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/internal/keystore"
	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/logserver"
)

func TestEveryErrorBecomesThreeLines(t *testing.T) {
	for _, tt := range []struct {
		about string
		err   error
		code  Code
		exit  int
	}{
		{"a key that is not there", fmt.Errorf("x: %w", keystore.ErrNotFound), codeKeyUnknown, exitNotAllowed},
		{"a missing file", &fs.PathError{Op: "open", Path: "a", Err: syscall.ENOENT}, codeFileMissing, exitFailure},
		{"a forbidden file", &fs.PathError{Op: "open", Path: "a", Err: syscall.EACCES}, codeFileUnreadable, exitFailure},
		{"a broken disk", &fs.PathError{Op: "read", Path: "a", Err: syscall.EIO}, codeFileUnreadable, exitFailure},
		{"a full disk", fmt.Errorf("write: %w", &fs.PathError{Op: "write", Path: "a", Err: syscall.ENOSPC}), codeDiskFull, exitFailure},
		{"a server's word", &client.Problem{Status: 429, Code: "quota", Detail: "slow"}, "quota", exitNotAllowed},
		{"a server's word that is not known here", &client.Problem{Status: 422, Code: "strange", Detail: "odd"}, codeRefused, exitFailure},
		{"another server", &client.Problem{Status: 404, Title: "Not Found"}, codeServerAnswer, exitFailure},
		{"a log's fault", &logserver.Fault{Code: "locked", Err: logserver.ErrLocked, What: "x", Do: "y"}, "fault-locked", exitFailure},
		{"lines", errors.New("one\ntwo\r\nthree\x1b[31m"), codeFailure, exitFailure},
	} {
		var out, errs bytes.Buffer
		a := &app{io: &term.IO{Out: &out, Err: &errs, Now: time.Now}}
		if exit := a.report(explain(tt.err)); exit != tt.exit {
			t.Errorf("%s: exit %d, want %d", tt.about, exit, tt.exit)
		}
		text := errs.String()
		last := "wherefrom: see: wherefrom help " + string(tt.code) + "\n"
		if !strings.HasPrefix(text, "wherefrom: error: ") || !strings.HasSuffix(text, last) {
			t.Errorf("%s:\n%s", tt.about, text)
		}
		if n := strings.Count(text, "\n"); n > 3 || strings.Contains(text, "\x1b") {
			t.Errorf("%s: %d lines:\n%s", tt.about, n, text)
		}
		if out.Len() > 0 {
			t.Errorf("%s: on standard output: %s", tt.about, out.String())
		}
	}
}

func TestAnErrorIsJSONTooWhereJSONWasAskedFor(t *testing.T) {
	var out, errs bytes.Buffer
	a := &app{io: &term.IO{Out: &out, Err: &errs, Now: time.Now}, json: true}
	a.report(explain(keystore.ErrNotFound))
	want := `{"schema":"wherefrom.network/error/v1","code":"key-unknown","exit":5,"message":"no such key","hint":"list your keys: wherefrom key list"}` + "\n"
	if out.String() != want {
		t.Errorf("got  %swant %s", out.String(), want)
	}
}

func TestPathsCanBePastedIntoAShell(t *testing.T) {
	for path, want := range map[string]string{
		"photo.jpg": "photo.jpg", "my photo.jpg": "'my photo.jpg'", "it's": `'it'\''s'`, "-rf": "'./-rf'", "$HOME": "'$HOME'", "": "''",
	} {
		if got := quoteShell(path); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}

func TestFreeNames(t *testing.T) {
	taken := map[string]bool{"local": true, "local-2": true}
	if got := freeName("local", func(n string) bool { return taken[n] }); got != "local-3" {
		t.Errorf("got %s", got)
	}
}
