package c2pa_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"
)

// TestPrintedFormsAreTheSameEveryTime prints every file of the corpus several times and compares the bytes.
func TestPrintedFormsAreTheSameEveryTime(t *testing.T) {
	lines := readCorpus(t)
	policy := corpusPolicy(t, "anchors")
	for _, line := range lines {
		path := filepath.Join(corpusDir, line.File)
		var cr, reader []byte
		for range 3 {
			r := validateFile(t, path, policy)
			a, err := r.CrJSON()
			if err != nil {
				t.Fatalf("%s: %v", line.File, err)
			}
			b, err := r.JSON()
			if err != nil {
				t.Fatalf("%s: %v", line.File, err)
			}
			if cr != nil && (!bytes.Equal(cr, a) || !bytes.Equal(reader, b)) {
				t.Errorf("%s prints differently the second time", line.File)
			}
			cr, reader = a, b
		}
		if !json.Valid(cr) || !json.Valid(reader) {
			t.Errorf("%s: not JSON", line.File)
		}
	}
}
