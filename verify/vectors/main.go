// Command vectors writes spec/testdata/verify.json: questions and their whole answers, for
// everybody who shows our answers or gives the same ones in another language. Each is a story; its
// end is written down by hand in stories.go. The output is always the same.
//
//	go generate ./verify
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/verify"
)

// file is the whole of verify.json.
type file struct {
	Schema  string   `json:"schema"`
	Stories []vector `json:"stories"`
}

// vector is one question and its answer.
type vector struct {
	Name   string        `json:"name"`
	Input  input         `json:"input"`
	Answer verify.Answer `json:"answer"`
}

// input is a [verify.Input] in JSON.
type input struct {
	Digest   statement.Digest `json:"digest"`
	Size     int64            `json:"size"`
	File     string           `json:"file,omitempty"`
	Receipts string           `json:"receipts,omitempty"` // the text of the receipt file
	Policies []policy         `json:"policies,omitempty"`
	People   []person         `json:"people,omitempty"`
	Signer   string           `json:"require_signer,omitempty"`
	Policy   string           `json:"require_policy,omitempty"`
	Unheard  bool             `json:"unheard,omitzero"`
	At       time.Time        `json:"at,omitzero"`
	AsOf     time.Time        `json:"as_of,omitzero"`
}

type policy struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type person struct {
	Issuer statement.Issuer `json:"issuer"`
	Name   string           `json:"name"`
	Source string           `json:"source,omitempty"`
	Own    bool             `json:"own,omitempty"`
}

func main() {
	out := flag.String("o", "spec/testdata/verify.json", "file to write")
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
	f := file{Schema: "wherefrom.network/verify-vectors/v1"}
	for _, s := range stories() {
		f.Stories = append(f.Stories, vector{Name: s.name, Input: describe(s), Answer: verify.Check(s.input())})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	err := enc.Encode(f)
	return b.Bytes(), err
}

// story is a situation and how it comes out.
type story struct {
	name     string
	file     string // its name
	bytes    string
	receipts string // the text of the receipt file; empty if there is none
	trust    verify.Trust
	require  verify.Require
	unheard  bool
	at       time.Time
	asOf     time.Time

	verdict verify.Verdict
	code    verify.Code
	summary string
	// says has, for some stories, what else must be said somewhere in the answer.
	says []string
}

func (s story) input() verify.Input {
	in := verify.Input{
		Digest: statement.Sum([]byte(s.bytes)), Size: int64(len(s.bytes)), Name: s.file,
		Trust: s.trust, Require: s.require, Unheard: s.unheard, At: s.at, AsOf: s.asOf,
	}
	if s.receipts != "" {
		in.Receipts, in.Unreadable = receipt.Parse([]byte(s.receipts))
	}
	return in
}

func describe(s story) input {
	in := s.input()
	d := input{
		Digest: in.Digest, Size: in.Size, File: in.Name, Receipts: s.receipts,
		Signer: string(s.require.Signer), Policy: s.require.Policy, Unheard: s.unheard, At: s.at, AsOf: s.asOf,
	}
	for _, p := range s.trust.Policies {
		d.Policies = append(d.Policies, policy{p.Name, p.Policy.String()})
	}
	for _, issuer := range slices.Sorted(maps.Keys(s.trust.People)) {
		p := s.trust.People[issuer]
		d.People = append(d.People, person{issuer, p.Name, p.Source, p.Own})
	}
	return d
}
