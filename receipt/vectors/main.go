// Command vectors writes spec/testdata/receipt.json: good and bad receipt files, merges and COSE
// receipts of spec/receipt.md, for implementations in any language. Its output is always the same.
//
//	go generate ./receipt
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"unicode/utf8"

	"github.com/wherefrom-network/wherefrom/receipt"
)

// file is the whole of receipt.json.
type file struct {
	Schema string        `json:"schema"`
	Files  []fileVector  `json:"files"`
	Merges []mergeVector `json:"merges"`
	COSE   []coseVector  `json:"cose"`
}

// fileVector is a receipt file. It is to be accepted if Error is empty, and read as Receipts; else
// it is to be refused for the reason that spec/receipt.md names so.
type fileVector struct {
	Name     string      `json:"name"`
	Text     string      `json:"text,omitempty"`
	Base64   []byte      `json:"base64,omitempty"` // instead of Text, if it is not UTF-8
	Error    string      `json:"error,omitempty"`
	Says     string      `json:"says,omitempty"` // part of our own error's words; for information
	Receipts []readValue `json:"receipts,omitempty"`
}

// readValue is what is read from one receipt.
type readValue struct {
	ID       string `json:"id"`
	Log      string `json:"log,omitempty"`
	Envelope string `json:"envelope"`
	Leaf     string `json:"leaf"`
	Index    uint64 `json:"index"`
	Hashes   int    `json:"hashes"`
	TLogSize int    `json:"tlog_proof_bytes"`
}

type mergeVector struct {
	Name   string `json:"name"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Merged string `json:"merged"`
}

// coseVector is a COSE receipt of the entry with the given leaf hash.
type coseVector struct {
	Name  string `json:"name"`
	Text  string `json:"text,omitempty"` // the receipt file it was exported from
	COSE  []byte `json:"cose"`
	Leaf  string `json:"leaf"`
	Log   string `json:"log"`
	Size  uint64 `json:"size,omitempty"`
	Index uint64 `json:"index,omitempty"`
	Error string `json:"error,omitempty"`
}

func main() {
	out := flag.String("o", "spec/testdata/receipt.json", "file to write")
	flag.Parse()
	text, err := build()
	if err == nil {
		err = os.WriteFile(*out, text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

func build() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	err := enc.Encode(file{
		Schema: "wherefrom.network/receipt-vectors/v1",
		Files:  append(good(), damaged()...), Merges: merges(), COSE: coses(),
	})
	return b.Bytes(), err
}

// newFile makes a vector of a text.
func newFile(name, text string) fileVector {
	if !utf8.ValidString(text) {
		return fileVector{Name: name, Base64: []byte(text)}
	}
	return fileVector{Name: name, Text: text}
}

func read(r *receipt.Receipt) readValue {
	v := readValue{
		ID: r.ID().String(), Envelope: string(r.Envelope), Leaf: r.Leaf().String(),
		Index: r.Proof.Index, Hashes: len(r.Proof.Hashes), TLogSize: len(r.TLogProof()),
	}
	if !r.Log.IsZero() {
		v.Log = r.Log.String()
	}
	return v
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
