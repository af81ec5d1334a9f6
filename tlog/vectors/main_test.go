package main

import (
	"bytes"
	"os"
	"testing"
)

func TestCommittedVectorsAreTheGeneratedOnes(t *testing.T) {
	want, err := build()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../spec/testdata/tlog.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("spec/testdata/tlog.json is old: run go generate ./tlog")
	}
}
