package statement_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/statement/statementtest"
)

const vectorFile = "../spec/testdata/statement.json"

// readVectors returns the vectors as readers in other languages see them.
func readVectors(tb testing.TB) []statementtest.Vector {
	tb.Helper()
	text, err := os.ReadFile(vectorFile)
	if err != nil {
		tb.Fatal(err)
	}
	var v statementtest.Vectors
	if err := json.Unmarshal(text, &v, json.RejectUnknownMembers(true)); err != nil {
		tb.Fatal(err)
	}
	return v.Vectors
}

func TestTheVectorFileIsWhatTheGeneratorMakes(t *testing.T) {
	made, err := statementtest.MakeVectors()
	if err != nil {
		t.Fatal(err)
	}
	want, err := made.JSON()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%s is stale: run go generate ./statement", vectorFile)
	}
}

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			e, err := statement.Open(v.Raw())
			if v.Want != "ok" {
				if e != nil || statement.Code(err) != v.Want {
					t.Fatalf("got %q (%v), want %q", statement.Code(err), err, v.Want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			issued, _ := statement.Issued(e)
			got := statementtest.Vector{
				Name: v.Name, Want: v.Want, Envelope: v.Envelope, Spaces: v.Spaces, Revokes: v.Revokes,
				ID: e.ID(), PayloadDigest: e.PayloadDigest(), Issuers: e.Issuers(),
				PredicateType: e.Statement().PredicateType, IssuedAt: issued,
			}
			if d := cmp.Diff(v, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestVectorsHaveNamesOfTheirOwnAndShowEveryError(t *testing.T) {
	names, shown := map[string]bool{}, map[string]bool{"digest": true} // only ParseDigest reports that one
	for _, v := range readVectors(t) {
		if names[v.Name] {
			t.Errorf("two vectors are called %q", v.Name)
		}
		names[v.Name], shown[v.Want] = true, true
	}
	for _, code := range statement.Codes() {
		if !shown[code] {
			t.Errorf("no vector shows the error %q", code)
		}
	}
}

// A vector must have one verdict, however it is asked for: alone, in a batch with all others, and in a batch of
// itself.
func TestVectorsHaveTheSameVerdictInBatches(t *testing.T) {
	vectors := readVectors(t)
	raws := make([][]byte, len(vectors))
	for i := range vectors {
		raws[i] = vectors[i].Raw()
	}
	sameVerdicts(t, raws)
	for _, raw := range raws {
		sameVerdicts(t, slices.Repeat([][]byte{raw}, 3))
	}
}

// sameVerdicts checks that OpenBatch says of each envelope exactly what Open says of it.
func sameVerdicts(t *testing.T, raws [][]byte) {
	t.Helper()
	envelopes, errs := statement.OpenBatch(raws)
	if len(envelopes) != len(raws) || len(errs) != len(raws) {
		t.Fatalf("%d envelopes and %d errors for %d envelopes", len(envelopes), len(errs), len(raws))
	}
	for i, raw := range raws {
		single, err := statement.Open(raw)
		if d := cmp.Diff(message(err), message(errs[i])); d != "" {
			t.Errorf("envelope %d: Open and OpenBatch differ: %s", i, d)
		}
		if (single == nil) != (envelopes[i] == nil) || (single == nil) == (err == nil) {
			t.Errorf("envelope %d: an envelope and an error at once, or neither", i)
		}
		if single != nil && (!single.Verified() || !envelopes[i].Verified() || single.ID() != envelopes[i].ID()) {
			t.Errorf("envelope %d: not the same envelope, or not verified", i)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTheSpecificationNamesEveryErrorAndLimit(t *testing.T) {
	text, err := os.ReadFile("../spec/statement.md")
	if err != nil {
		t.Fatal(err)
	}
	_, errorTable, _ := bytes.Cut(text, []byte("## 9. Errors"))
	for _, code := range statement.Codes() {
		if n := bytes.Count(errorTable, []byte("\n| `"+code+"` |")); n != 1 {
			t.Errorf("spec/statement.md has the error %q %d times in its table", code, n)
		}
	}
	for _, row := range []string{
		fmt.Sprintf("white space around it | %d,%03d |", statement.MaxEnvelope/1000, statement.MaxEnvelope%1000),
		fmt.Sprintf("the outermost included | %d |", statement.MaxDepth),
		fmt.Sprintf("no member names | %d,%03d |", statement.MaxValues/1000, statement.MaxValues%1000),
		fmt.Sprintf("| subjects | %d,%03d |", statement.MaxSubjects/1000, statement.MaxSubjects%1000),
		fmt.Sprintf("| signatures | %d |", statement.MaxSignatures),
	} {
		if !bytes.Contains(text, []byte(row)) {
			t.Errorf("spec/statement.md has no row %q", row)
		}
	}
}
