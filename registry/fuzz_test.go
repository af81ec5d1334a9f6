package registry

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// A subject that can be read is written in one way only.
func FuzzParseSubject(f *testing.F) {
	for _, text := range []string{"sha256:" + strings.Repeat("0", 64), strings.Repeat("a", 64), "sha512:00", "gitCommit:a:b", ":", "sha256:0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSubject(text)
		if err != nil {
			return
		}
		if again, err := ParseSubject(string(s)); err != nil || again != s {
			t.Errorf("%q is read as %q, and that as %q, %v", text, s, again, err)
		}
	})
}

// Rows of the store are read back as they were written, and noise in them is an error.
func FuzzDecodeRecord(f *testing.F) {
	for _, e := range registrytest.Open(
		registrytest.Content("alice", "hello"),
		registrytest.Foreign("https://example.org/p", map[string]string{"x": "1"}, "alice", "bob"),
	) {
		r := newRecord(7, e)
		f.Add(appendRecord(nil, &r))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, value []byte) {
		r, err := decodeRecord(7, value)
		if err != nil {
			return
		}
		again, err := decodeRecord(7, appendRecord(nil, &r))
		if d := cmp.Diff(r, again, cmp.AllowUnexported(Record{}), cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("%v %s", err, d)
		}
		_, _ = decodeRevocation(value)
	})
}

// Evidence is read back as it was written, and anything else is no evidence.
func FuzzParseConflict(f *testing.F) {
	log := tlogtest.New("example.org/log").Grow(5)
	c := &ConflictError{Fact: ErrForked, OldSigned: log.CheckpointAt(3), NewSigned: log.Checkpoint()}
	f.Add(marshalConflict(c))
	c.Fact = ErrRolledBack
	f.Add(marshalConflict(c))
	f.Add([]byte("wherefrom.network/conflict/v1\nforked\nold -1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parseConflict(text, log.Key())
		if err != nil {
			return
		}
		if again := marshalConflict(c); !bytes.Equal(again, text) {
			t.Errorf("%q is written %q", text, again)
		}
	})
}

// The FORMAT file may be damaged in any way.
func FuzzParseFormat(f *testing.F) {
	f.Add("wherefrom.network/registry/v1\nlog example.org/log\n")
	f.Add("wherefrom.network/registry/v99999999999999999999")
	f.Fuzz(func(t *testing.T, text string) {
		if version, _, err := parseFormat(text); err == nil && version < 1 {
			t.Errorf("version %d", version)
		}
	})
}
