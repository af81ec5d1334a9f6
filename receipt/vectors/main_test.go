package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheFileIsWhatThisProgramWrites(t *testing.T) {
	want, err := build()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../spec/testdata/receipt.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("spec/testdata/receipt.json is not what go generate ./receipt writes")
	}
}
