package logserver_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/tlog"
)

var update = flag.Bool("update", false, "write spec/testdata/log.json anew")

// recordVector is one guard record, good or bad, of spec/testdata/log.json.
type recordVector struct {
	Name   string `json:"name"`
	Record string `json:"record"`
	OK     bool   `json:"ok"`
	Key    string `json:"key,omitempty"`
	Size   uint64 `json:"size,omitempty"`
	Root   string `json:"root,omitempty"`
}

// recordVectors makes the vectors from one good record.
func recordVectors(t *testing.T) []recordVector {
	t.Helper()
	signer, err := tlog.NewLogSigner("example.org/log", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	good := func(name string, size uint64, root tlog.Hash) recordVector {
		r := logserver.Record{Key: signer.Key(), Size: size, Root: root}
		return recordVector{name, string(r.Marshal()), true, r.Key.String(), size, root.String()}
	}
	first := good("some entries", 1234, tlog.LeafHash([]byte("root")))
	vectors := []recordVector{good("empty tree", 0, tlog.EmptyRoot), first, good("largest size", tlog.MaxSize, tlog.EmptyRoot)}
	text := first.Record
	swap := func(name, old, now string) {
		vectors = append(vectors, recordVector{Name: name, Record: strings.Replace(text, old, now, 1)})
	}
	swap("version to come", "guard/v1", "guard/v2")
	swap("size changed, checksum not", "size 1234", "size 1235")
	swap("leading zero", "size 1234", "size 01234")
	swap("size too large", "size 1234", "size 9223372036854775808")
	swap("two spaces", "size ", "size  ")
	swap("lines end in CR LF", "\n", "\r\n")
	swap("a line too many", "size", "note hello\nsize")
	swap("upper-case checksum", text[strings.Index(text, "sha256 ")+7:], strings.ToUpper(text[strings.Index(text, "sha256 ")+7:]))
	vectors = append(vectors,
		recordVector{Name: "empty"},
		recordVector{Name: "last newline missing", Record: strings.TrimSuffix(text, "\n")},
		recordVector{Name: "cut off", Record: text[:len(text)/2]},
		recordVector{Name: "something after the end", Record: text + "\n"})
	return vectors
}

// The vectors of spec/log.md are what this package writes and how it reads.
func TestVectors(t *testing.T) {
	const path = "../spec/testdata/log.json"
	vectors := recordVectors(t)
	want, err := json.MarshalIndent(map[string]any{"guard_records": vectors}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what this package makes; go test ./logserver -run TestVectors -update: %v", path, err)
	}
	for _, v := range vectors {
		r, err := logserver.ParseRecord([]byte(v.Record))
		switch {
		case v.OK && (err != nil || r.Size != v.Size || r.Root.String() != v.Root || r.Key.String() != v.Key):
			t.Errorf("%s: %+v, %v", v.Name, r, err)
		case !v.OK && !errors.Is(err, logserver.ErrGuardDamaged):
			t.Errorf("%s: accepted as %+v, %v", v.Name, r, err)
		}
	}
}

// The record that spec/log.md shows is a real one.
func TestSpecShowsRecord(t *testing.T) {
	spec, err := os.ReadFile("../spec/log.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(spec), "\n\n    wherefrom.network/guard/v1\n")
	block, _, ok2 := strings.Cut(block, "\n\n")
	if !ok || !ok2 {
		t.Fatal("no record in spec/log.md")
	}
	record := strings.ReplaceAll("    wherefrom.network/guard/v1\n"+block+"\n", "    ", "")
	if _, err := logserver.ParseRecord([]byte(record)); err != nil {
		t.Errorf("%v:\n%s", err, record)
	}
}
