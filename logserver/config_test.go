package logserver_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/tlog"
)

func TestCheckOrigin(t *testing.T) {
	for _, good := range []tlog.Origin{"example.org/log", "log.example.org", "localhost:8080/a", "häuser.example/log", "a"} {
		if err := logserver.CheckOrigin(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []tlog.Origin{
		"", "example org", "example.org+log", "example.org/log\n", "https://example.org", "example.org/",
		"example.org/\u00a0", "\xff", tlog.Origin(strings.Repeat("a", 201)), "tab\there",
	} {
		checkFault(t, logserver.CheckOrigin(bad), logserver.ErrConfig, "origin", "")
	}
}

func TestInitRefusesBadConfig(t *testing.T) {
	cosigner, err := tlog.NewCosigner("witness.example/w", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	witness := "witness w " + cosigner.Key().String() + " http://127.0.0.1:1\n"
	if err := logserver.Init(t.TempDir()+"/log", logserver.Config{Origin: "a", Policy: witness + "quorum w\n"}); err != nil {
		t.Fatal(err) // so that below it is the fault named that counts
	}
	other, err := tlog.NewLogSigner("example.org/other", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]logserver.Config{
		"no origin":                 {},
		"short key":                 {Origin: "a", Key: make([]byte, 32)},
		"checkpoint too often":      {Origin: "a", Checkpoint: time.Millisecond},
		"batch too old":             {Origin: "a", BatchAge: time.Hour},
		"batch too large":           {Origin: "a", Batch: 1 << 20},
		"nothing in flight":         {Origin: "a", InFlight: -1},
		"policy is not one":         {Origin: "a", Policy: "hello\n"},
		"policy without quorum":     {Origin: "a", Policy: witness},
		"policy of another log":     {Origin: "a", Policy: "log " + other.Key().String() + "\nquorum none\n"},
		"witness without an URL":    {Origin: "a", Policy: strings.Replace(witness, " http://127.0.0.1:1", "", 1) + "quorum w\n"},
		"witness with a wrong vkey": {Origin: "a", Policy: strings.Replace(witness, "+B", "+C", 1) + "quorum w\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir() + "/log"
			err := logserver.Init(dir, cfg)
			var f *logserver.Fault
			if !errors.As(err, &f) || !errors.Is(err, logserver.ErrConfig) {
				t.Fatalf("got %v", err)
			}
			if cfg.Policy != "" && (!strings.HasPrefix(f.Do, "correct the witness policy") || strings.Contains(f.What, "policy: policy")) {
				t.Errorf("%v; do: %s", f, f.Do)
			}
			if _, err := os.Stat(dir); err == nil {
				t.Error("the directory was made")
			}
		})
	}
}

// Init makes a log once, keeps the key to its owner, and takes a key that it is given.
func TestInit(t *testing.T) {
	dir, guard := t.TempDir()+"/log", t.TempDir()+"/guard"
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
	cfg := logserver.Config{Origin: "log.example/init", Key: key, Guard: guard, BatchAge: 20 * time.Millisecond}
	if err := logserver.Init(dir, cfg); err != nil {
		t.Fatal(err)
	}
	signer, err := tlog.NewLogSigner("log.example/init", key)
	if err != nil {
		t.Fatal(err)
	}
	if logserver.KeyOf(dir) != signer.Key() {
		t.Errorf("key %s, want %s", logserver.KeyOf(dir), signer.Key())
	}
	if info, err := os.Stat(dir + "/key"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
	if _, err := os.Stat(guard + "/record"); err != nil {
		t.Error(err)
	}
	raw, err := os.ReadFile(dir + "/log.json")
	if err != nil || bytes.Contains(raw, key.Seed()) || !bytes.Contains(raw, []byte(`"batch_milliseconds": 20`)) {
		t.Errorf("log.json: %s, %v", raw, err)
	}
	before := content(t, dir)
	checkFault(t, logserver.Init(dir, cfg), logserver.ErrExists, "exists", "")
	checkFault(t, logserver.Init(t.TempDir()+"/other", cfg), logserver.ErrExists, "exists", "") // the guard's directory is taken
	if d := cmp.Diff(before, content(t, dir)); d != "" {
		t.Errorf("the second init changed something: %s", d)
	}
	if err := os.Remove(dir + "/log.json"); err != nil {
		t.Fatal(err)
	}
	checkFault(t, logserver.Init(dir, cfg), logserver.ErrExists, "exists", "")
}
