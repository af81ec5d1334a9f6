package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wherefrom-network/wherefrom/statement"
)

// vector writes an envelope out of the vectors of spec/statement.md: vector NAME FILE.
func vector(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: vector NAME FILE")
	}
	raw, err := os.ReadFile(filepath.Join(repository, "spec", "testdata", "statement.json"))
	ts.Check(err)
	var file struct {
		Vectors []struct {
			Name     string
			Envelope []byte
		}
	}
	ts.Check(json.Unmarshal(raw, &file))
	for _, v := range file.Vectors {
		if v.Name == args[0] {
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), v.Envelope, 0o666))
			return
		}
	}
	ts.Fatalf("no vector %q", args[0])
}

// repository is the root of the repository: tests run in the directory of their package.
var repository = func() string {
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		panic(err)
	}
	return dir
}()

// foreign writes an envelope as another program makes them, on several lines and with a key id that only its maker
// understands, and the maker's public key: foreign SUBJECT ENVELOPE KEY.pem.
func foreign(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: foreign SUBJECT ENVELOPE KEY.pem")
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	signer, err := statement.NewSigner(private)
	ts.Check(err)
	st := &statement.Statement{
		Subjects:      []statement.Subject{statement.NewSubject(statement.Sum([]byte(ts.ReadFile(args[0]))), args[0])},
		PredicateType: "https://slsa.dev/provenance/v1",
		Predicate:     []byte(`{"buildDefinition":{"buildType":"https://example.org/build"}}`),
	}
	raw, err := statement.Sign(st, signer)
	ts.Check(err)
	raw = bytes.Replace(raw, []byte(signer.Issuer()), []byte("SHA256:makers-own-id"), 1)
	var pretty bytes.Buffer
	ts.Check(json.Indent(&pretty, raw, "", "  "))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), pretty.Bytes(), 0o666))
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	ts.Check(err)
	key := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), key, 0o666))
}
