package c2pa_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

// edits are the ways in which a file is changed at one place.
var edits = []func(b []byte, at int) []byte{
	func(b []byte, at int) []byte { b[at] ^= 1 << (at % 8); return b },
	func(b []byte, at int) []byte { b[at] = ^b[at]; return b },
	func(b []byte, at int) []byte { return slices.Delete(b, at, at+1) },
	func(b []byte, at int) []byte { return slices.Insert(b, at, byte(at)) },
}

// TestNoSingleEditGoesUnnoticed changes each byte of a signed file of every format in several ways. The file may then only
// be called good if everything that was signed is still what it was: edits outside the manifest store are never
// survived, and inside it only those in what no signature covers.
func TestNoSingleEditGoesUnnoticed(t *testing.T) {
	a := c2patest.NewAuthority()
	policy := trusting(t, a)
	tried, survived, step := 0, 0, 1
	if testing.Short() {
		step = 7
	}
	for format, carry := range c2patest.Carriers {
		file := a.Embed(carry, c2patest.Manifest{})
		_, start, length := carry(storeOf(t, a, carry))
		good := signedParts(t, validate(t, file, policy, c2patest.Now))
		for at := 0; at < len(file); at += step {
			for i, edit := range edits {
				changed := edit(slices.Clone(file), at)
				if bytes.Equal(changed, file) {
					continue
				}
				tried++
				r := validate(t, changed, policy, c2patest.Now)
				if r.State != c2pa.StateTrusted && r.State != c2pa.StateValid {
					continue
				}
				survived++
				if at < start || at >= start+length {
					t.Errorf("%s: edit %d at %d, outside the store, leaves it %s", format, i, at, r.State)
				}
				if !bytes.Equal(good, signedParts(t, r)) {
					t.Errorf("%s: edit %d at %d changes what was signed and leaves it %s", format, i, at, r.State)
				}
			}
		}
	}
	t.Logf("%d edits, %d survived", tried, survived)
}

// storeOf returns a store of the size that Embed makes, to learn where a carrier puts it.
func storeOf(t *testing.T, a *c2patest.Authority, carry c2patest.Carrier) []byte {
	t.Helper()
	m := c2patest.Manifest{Assertions: []c2patest.Assertion{c2patest.Created, c2patest.DataHash([]byte{0}, 0, 0)}}
	return c2patest.Store(a.Sign(m))
}

// signedParts prints the claims and assertions of a report. The label of a manifest is signed only where an address in the claim
// names it, so it is left out.
func signedParts(t *testing.T, r *c2pa.Report) []byte {
	t.Helper()
	printed, err := r.CrJSON()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Manifests []map[string]json.RawMessage `json:"manifests"`
	}
	if err := json.Unmarshal(printed, &doc); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, m := range doc.Manifests {
		for _, key := range []string{"assertions", "claim", "claim.v2"} {
			out.Write(m[key])
		}
	}
	return out.Bytes()
}

// mutated are files of the corpus that are small enough to be changed many times.
var mutated = []string{
	"public/c2pa-rs/C.jpg", "public/encypher/signed_test.jpg", "public/encypher/signed_test.mp4", "public/encypher/x509-es256-jpeg.jpg",
	"public/encypher/x509-es256-mp4.mp4", "public/encypher/x509-es256-pdf.pdf", "public/encypher/x509-es256-png.png", "public/c2pa-ts/trustnxt-icon-signed-timestamp.jpg",
}

// TestNoEditMakesACorpusFileBetter changes files of others, one edit at a time, and never gets a better answer, nor one
// as good about other claims or assertions.
func TestNoEditMakesACorpusFileBetter(t *testing.T) {
	if testing.Short() {
		t.Skip("many validations")
	}
	readCorpus(t)
	policy := corpusPolicy(t, "anchors")
	const tries = 100 // places in each file
	tried := 0
	for _, name := range mutated {
		file, err := os.ReadFile(filepath.Join(corpusDir, name))
		if err != nil {
			t.Fatal(err)
		}
		before := validateBytes(t, file, policy)
		good := signedParts(t, before)
		step := max(1, len(file)/tries)
		for at := 0; at < len(file); at += step {
			for i, edit := range edits {
				tried++
				r := validateBytes(t, edit(slices.Clone(file), at), policy)
				if rank[string(r.State)] > rank[string(before.State)] {
					t.Errorf("%s: edit %d at %d makes it %s", name, i, at, r.State)
				}
				if rank[string(r.State)] > 0 && !bytes.Equal(good, signedParts(t, r)) {
					t.Errorf("%s: edit %d at %d changes what was signed and leaves it %s", name, i, at, r.State)
				}
			}
		}
	}
	t.Logf("%d edits", tried)
}
