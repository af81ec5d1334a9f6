package statement_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

// These tests open statements that other people made and published. They are not ours to copy, so they are read from
// the Go module that has them, and skipped where it cannot be had.

// sigstoreGo is the module github.com/sigstore/sigstore-go with the bundles of its tests and examples.
const (
	sigstoreGo    = "github.com/sigstore/sigstore-go@v1.1.0"
	sigstoreGoSum = "h1:NBfyvL/LiBIplnIZAtC7GtDZ7qj82A/GTpn0+5WV7BM="
)

// foreignModule returns the directory of a module, downloaded if it is not in the module cache.
func foreignModule(t *testing.T, module, sum string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped by -short: it may have to download " + module)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.Output()
	var got struct{ Dir, Sum, Error string }
	if json.Unmarshal(out, &got) != nil || got.Dir == "" {
		t.Skipf("skipped: %s cannot be had here: %v %s", module, err, got.Error)
	}
	if got.Sum != sum {
		t.Fatalf("%s has the checksum %s, not %s", module, got.Sum, sum)
	}
	return got.Dir
}

func readFile(t *testing.T, path ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRealSigstoreBundlesOpenUnchanged(t *testing.T) {
	dir := foreignModule(t, sigstoreGo, sigstoreGoSum)
	for _, tt := range []struct{ file, issuer, predicate, name, authority string }{
		{
			"examples/bundle-provenance.json", "did:key:zDnaevboSfZ2fRAQ7WMXTB7e2g4ihzAiFBDxgdPxbahg8kC2b", "https://slsa.dev/provenance/v0.2",
			"https://github.com/sigstore/sigstore-js/.github/workflows/", "https://token.actions.githubusercontent.com",
		},
		{
			"pkg/testing/data/bundles/dsse.sigstore.json", "did:key:zDnaeqpcSE5TSNyGKCYvN1qzcgfQXkirRz525gaA763oCurPN", "https://slsa.dev/provenance/v0.2",
			"@", "https://github.com/login/oauth", // a person, who need not stand here
		},
		{
			"pkg/testing/data/bundles/sigstore.js@2.0.0-provenance.sigstore.json", "did:key:zDnaeeyj2WSeBFuk6aQ5ajRuvGPMPFy5dYgPUBktUBegR55Cc", "https://slsa.dev/provenance/v1",
			"https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@", "https://token.actions.githubusercontent.com",
		},
	} {
		t.Run(filepath.Base(tt.file), func(t *testing.T) {
			raw := readFile(t, dir, tt.file)
			e := mustOpen(t, raw)
			if !bytes.Equal(e.Raw(), raw) || e.ID() != statement.Sum(raw) {
				t.Error("the bundle did not stay as it was")
			}
			if len(e.Issuers()) != 1 || string(e.Issuers()[0]) != tt.issuer || e.Statement().PredicateType != tt.predicate {
				t.Errorf("it is %s by %s", e.Statement().PredicateType, e.Issuers())
			}
			c := e.Signatures()[0].Certificate
			if c == nil || len(c.Names) != 1 || !strings.Contains(c.Names[0], tt.name) || c.Authority != tt.authority || !c.NotBefore.Before(c.NotAfter) {
				t.Errorf("its certificate says %+v", c)
			}
			sameVerdicts(t, [][]byte{raw, spoilPayload(raw), raw})
			if _, err := statement.Open(spoilPayload(raw)); !errors.Is(err, statement.ErrSignature) && !errors.Is(err, statement.ErrMalformed) {
				t.Errorf("a changed payload: %v", err)
			}
		})
	}
}

// spoilPayload changes a letter in the middle of the payload.
func spoilPayload(raw []byte) []byte {
	out := bytes.Clone(raw)
	envelope := bytes.Index(out, []byte(`"dsseEnvelope"`))
	payload := envelope + bytes.Index(out[envelope:], []byte(`"payload"`)) + 400
	out[payload]++
	return out
}

func TestRealSigstoreBundlesThatAreRefused(t *testing.T) {
	dir := foreignModule(t, sigstoreGo, sigstoreGoSum)
	for file, want := range map[string]error{
		"pkg/testing/data/bundles/othername.sigstore.json":  statement.ErrBundle, // it signs a digest, not a statement
		"pkg/testing/data/bundles/dsse-2sigs.sigstore.json": statement.ErrRepeatedSignature,
		"examples/bundle-publish.json":                      statement.ErrUnknownKey,
		"examples/trusted-root-public-good.json":            statement.ErrMissing,
	} {
		if _, err := statement.Open(readFile(t, dir, file)); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", file, err, want)
		}
	}
}

// npm signs what it publishes with a key that its bundles name by a digest. The example has the key beside it.
func TestARealNpmPublicationOpensOnceItsKeyIsAdded(t *testing.T) {
	dir := foreignModule(t, sigstoreGo, sigstoreGoSum)
	raw := readFile(t, dir, "examples/bundle-publish.json")
	block, _ := pem.Decode(readFile(t, dir, "examples/publish_key.pub"))
	if block == nil {
		t.Fatal("the key is not PEM")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, err := statement.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	named, err := statement.AddKeyID(raw, key)
	if err != nil {
		t.Fatal(err)
	}
	e := mustOpen(t, named)
	if e.Issuers()[0] != key.Issuer() || !strings.Contains(e.Statement().PredicateType, "npm") {
		t.Errorf("it is %s by %s", e.Statement().PredicateType, e.Issuers())
	}
}

// WHEREFROM_MODEL_SIGNATURES names a directory with model signatures of the OpenSSF tools, such as scripts/tests of
// github.com/sigstore/model-transparency. They are in no Go module, so this test runs only where somebody has them.
// Those made with certificates of Sigstore open; those made with P-384 keys are refused for their algorithm, and those
// made with bare keys for not saying which.
func TestRealModelSignatures(t *testing.T) {
	dir := os.Getenv("WHEREFROM_MODEL_SIGNATURES")
	if dir == "" {
		t.Skip("skipped: WHEREFROM_MODEL_SIGNATURES names no directory with model signatures")
	}
	opened := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".sig" {
			return err
		}
		raw := readFile(t, path)
		e, err := statement.Open(raw)
		switch {
		case err == nil:
			opened++
			if e.Statement().PredicateType != "https://model_signing/signature/v1.0" || e.Statement().Predicate == nil {
				t.Errorf("%s is %s", path, e.Statement().PredicateType)
			}
		case errors.Is(err, statement.ErrAlgorithm), errors.Is(err, statement.ErrUnknownKey):
			t.Logf("%s: %v", path, err)
		default:
			t.Errorf("%s: %v", path, err)
		}
		sameVerdicts(t, [][]byte{raw})
		return nil
	})
	if err != nil || opened == 0 {
		t.Errorf("%d signatures open in %s: %v", opened, dir, err)
	}
}
