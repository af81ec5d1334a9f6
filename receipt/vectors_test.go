package receipt_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// vectors is spec/testdata/receipt.json. The program that writes it is in receipt/vectors.
type vectors struct {
	Schema string `json:"schema"`
	Files  []struct {
		Name, Text, Error, Says string
		Base64                  []byte
		Receipts                []struct {
			ID, Log, Envelope, Leaf string
			Index                   uint64
			Hashes                  int
		}
	}
	Merges []struct{ Name, Old, New, Merged string }
	COSE   []struct {
		Name, Text, Leaf, Log, Error string
		COSE                         []byte
		Size, Index                  uint64
	}
}

func readVectors(t *testing.T) *vectors {
	t.Helper()
	text, err := os.ReadFile("../spec/testdata/receipt.json")
	if err != nil {
		t.Fatal(err)
	}
	v := new(vectors)
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
	if v.Schema != "wherefrom.network/receipt-vectors/v1" {
		t.Fatalf("schema %q", v.Schema)
	}
	return v
}

func TestVectorsOfFiles(t *testing.T) {
	for _, v := range readVectors(t).Files {
		t.Run(v.Name, func(t *testing.T) {
			text := []byte(v.Text)
			if v.Base64 != nil {
				text = v.Base64
			}
			got, err := receipt.Parse(text)
			if receipt.Code(err) != v.Error {
				t.Fatalf("got %v, want code %q", err, v.Error)
			}
			if err != nil {
				if !strings.Contains(err.Error(), v.Says) {
					t.Errorf("got %q, which does not say %q", err, v.Says)
				}
				return
			}
			if again := string(receipt.Marshal(got...)); again != v.Text {
				t.Errorf("written again it is\n%s", again)
			}
			if len(got) != len(v.Receipts) {
				t.Fatalf("got %d receipts, want %d", len(got), len(v.Receipts))
			}
			for i, r := range got {
				want := v.Receipts[i]
				log := ""
				if !r.Log.IsZero() {
					log = r.Log.String()
				}
				if r.ID().String() != want.ID || log != want.Log || string(r.Envelope) != want.Envelope ||
					r.Leaf().String() != want.Leaf || r.Proof.Index != want.Index || len(r.Proof.Hashes) != want.Hashes {
					t.Errorf("receipt %d is not as it should be read", i+1)
				}
			}
		})
	}
}

func TestVectorsOfMerges(t *testing.T) {
	parse := func(text string) []*receipt.Receipt {
		if text == "" {
			return nil
		}
		got, err := receipt.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for _, v := range readVectors(t).Merges {
		old, newer := parse(v.Old), parse(v.New)
		got := receipt.Merge(old, newer)
		if text := string(receipt.Marshal(got...)); text != v.Merged {
			t.Errorf("%s: got\n%s\nwant\n%s", v.Name, text, v.Merged)
		}
		if again := string(receipt.Marshal(receipt.Merge(got, newer)...)); again != v.Merged {
			t.Errorf("%s: merging again changes it", v.Name)
		}
		if string(receipt.Marshal(old...)) != v.Old || string(receipt.Marshal(newer...)) != v.New {
			t.Errorf("%s: Merge changed what it was given", v.Name)
		}
	}
}

func TestVectorsOfCOSE(t *testing.T) {
	for _, v := range readVectors(t).COSE {
		log, err := tlog.ParseKey(v.Log)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := base64.StdEncoding.DecodeString(v.Leaf)
		if err != nil {
			t.Fatal(err)
		}
		size, index, err := receipt.VerifyCOSE(v.COSE, tlog.Hash(leaf), log)
		if receipt.Code(err) != v.Error || size != v.Size || index != v.Index {
			t.Errorf("%s: got %d, %d, %v", v.Name, size, index, err)
		}
		if v.Text == "" {
			continue
		}
		receipts, err := receipt.Parse([]byte(v.Text))
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := receipts[0].COSE(); err != nil || string(raw) != string(v.COSE) {
			t.Errorf("%s: exported another COSE receipt, %v", v.Name, err)
		}
	}
}
