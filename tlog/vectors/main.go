// Command vectors writes spec/testdata/tlog.json: good and bad input for every format of
// spec/tlog.md, for implementations in any language. Its output is always the same.
//
//	go generate ./tlog
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

// file is the whole of tlog.json. In every vector, error is empty for what must be accepted, and
// otherwise the code by which spec/tlog.md names the reason to refuse it.
type file struct {
	Schema        string              `json:"schema"`
	Keys          []keyVector         `json:"keys"`
	Checkpoints   []checkpointVector  `json:"checkpoints"`
	COSERoots     []coseVector        `json:"cose_roots"`
	Inclusion     []inclusionVector   `json:"inclusion"`
	Consistency   []consistencyVector `json:"consistency"`
	Policies      []policyVector      `json:"policies"`
	Proofs        []proofVector       `json:"proofs"`
	AddCheckpoint []addVector         `json:"add_checkpoint"`
	TilePaths     []tileVector        `json:"tile_paths"`
	Bundles       []bundleVector      `json:"bundles"`
}

type keyVector struct {
	Name    string `json:"name"`
	VKey    string `json:"vkey"`
	KeyName string `json:"key_name,omitempty"`
	Alg     int    `json:"alg,omitempty"`
	Error   string `json:"error,omitempty"`
}

type checkpointVector struct {
	Name      string   `json:"name"`
	Log       string   `json:"log"`
	Witnesses []string `json:"witnesses,omitempty"`
	Note      string   `json:"note"`
	Origin    string   `json:"origin,omitempty"`
	Size      uint64   `json:"size,omitempty"`
	Root      string   `json:"root,omitempty"`
	Cosigned  []cosign `json:"cosigned,omitempty"`
	Error     string   `json:"error,omitempty"`
}

type cosign struct {
	Key  string `json:"key"`
	Time int64  `json:"time"`
}

type coseVector struct {
	Name         string `json:"name"`
	Log          string `json:"log"`
	COSEKey      string `json:"cose_key"`
	Note         string `json:"note"`
	SigStructure string `json:"sig_structure_hex,omitempty"`
	Signature    string `json:"signature_hex,omitempty"`
	Error        string `json:"error,omitempty"`
}

type inclusionVector struct {
	Name   string   `json:"name"`
	Leaf   string   `json:"leaf"`
	Index  string   `json:"index"`
	Size   string   `json:"size"`
	Hashes []string `json:"hashes"`
	Root   string   `json:"root"`
	Error  string   `json:"error,omitempty"`
}

type consistencyVector struct {
	Name    string   `json:"name"`
	OldSize string   `json:"old_size"`
	NewSize string   `json:"new_size"`
	OldRoot string   `json:"old_root"`
	NewRoot string   `json:"new_root"`
	Hashes  []string `json:"hashes"`
	Error   string   `json:"error,omitempty"`
}

type policyVector struct {
	Name      string        `json:"name"`
	Policy    []byte        `json:"policy_base64"`
	Canonical string        `json:"canonical,omitempty"`
	Checks    []policyCheck `json:"checks,omitempty"`
	Error     string        `json:"error,omitempty"`
}

type policyCheck struct {
	Note     string   `json:"note"`
	Cosigned []string `json:"cosigned,omitempty"`
	Error    string   `json:"error,omitempty"`
}

type proofVector struct {
	Name   string `json:"name"`
	Policy string `json:"policy"`
	Leaf   string `json:"leaf"`
	Proof  string `json:"proof"`
	Error  string `json:"error,omitempty"`
}

type addVector struct {
	Name    string `json:"name"`
	Body    string `json:"body"`
	OldSize uint64 `json:"old_size,omitempty"`
	Hashes  int    `json:"hashes,omitempty"`
	Error   string `json:"error,omitempty"`
}

type tileVector struct {
	Path    string `json:"path"`
	Entries bool   `json:"entries,omitempty"`
	Level   uint64 `json:"level,omitempty"`
	Index   string `json:"index,omitempty"`
	Partial uint8  `json:"partial,omitempty"`
	Error   string `json:"error,omitempty"`
}

type bundleVector struct {
	Name    string   `json:"name"`
	Data    string   `json:"data_hex"`
	Max     int      `json:"max"`
	Entries []string `json:"entries_hex,omitempty"`
	Error   string   `json:"error,omitempty"`
}

func main() {
	out := flag.String("o", "", "file to write")
	flag.Parse()
	data, err := build()
	if err == nil {
		err = os.WriteFile(*out, data, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

// build returns the content of tlog.json.
func build() ([]byte, error) {
	f := file{
		Schema:        "wherefrom.network/tlog-vectors/v1",
		Keys:          keys(),
		Checkpoints:   checkpoints(),
		COSERoots:     coseRoots(),
		Inclusion:     inclusion(),
		Consistency:   consistency(),
		Policies:      policies(),
		Proofs:        proofs(),
		AddCheckpoint: addCheckpoints(),
		TilePaths:     tilePaths(),
		Bundles:       bundles(),
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(f); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
