package c2pa_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa"
)

// corpusDir holds other people's signed files with the reference implementation's verdicts. It is no part of the repository.
const corpusDir = "../../shared/corpus/c2pa"

// corpusTime is the time at which the reference judged the corpus.
var corpusTime = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// stricter names the files on which we say less good than the reference, with the section that asks for it.
var stricter = map[string]string{
	"public/c2pa-rs/express-signed.pdf":                                untrustedStamp,
	"public/public-testfiles/adobe-20240110-single_manifest_store.pdf": untrustedStamp,
	"public/c2pa-rs/legacy.mp4":                                        untrustedStamp,
	"public/c2pa-rs/ocsp.jpg":                                          untrustedStamp,
	"public/c2pa-rs/ocsp_with_assertion.jpg":                           untrustedStamp,
	"public/c2pa-rs/video1.mp4":                                        untrustedStamp,
	"public/c2pa-ts/amazon-titan-g1.png":                               untrustedStamp,
	"public/c2pa-ts/trustnxt-icon-signed-v2-bmff.heic":                 untrustedStamp,
}

// untrustedStamp: the signer's certificate has expired, and the only witness that it signed before is a time stamp whose
// authority no list vouches for. The reference lets that pass in claims of version 1.
const untrustedStamp = "C2PA 15.8.2"

// verdict is what the reference said of one file under one setting.
type verdict struct {
	State      string   `json:"state"`
	Failure    []string `json:"failure"`
	Ingredient []string `json:"ingredient_failure"`
	Error      string   `json:"error"`
}

type corpusLine struct {
	File     string  `json:"file"`
	None     verdict `json:"none"`
	Anchors  verdict `json:"anchors"`
	Official verdict `json:"official"`
}

// TestCorpus compares state and failure codes with the reference on every file under three trust settings. To be called
// Valid or Trusted by us and not by the reference is an error; everything else is counted.
func TestCorpus(t *testing.T) {
	lines := readCorpus(t)
	var total, sameState, sameCodes, listed int
	for _, setting := range []string{"none", "anchors", "official"} {
		policy := corpusPolicy(t, setting)
		for _, line := range lines {
			want := map[string]verdict{"none": line.None, "anchors": line.Anchors, "official": line.Official}[setting]
			got := validateFile(t, filepath.Join(corpusDir, line.File), policy)
			if tooGood(got.State, want) {
				t.Errorf("%s under %s: we say %s, the reference %s%s", line.File, setting, got.State, want.State, want.Error)
			}
			if why := stricter[line.File]; why != "" {
				listed++
				continue
			}
			total++
			state, codes := agree(got, want)
			if state {
				sameState++
			}
			if codes {
				sameCodes++
			}
			if !state || !codes {
				t.Logf("%s under %s: %s %v %s; reference %s %v%s", line.File, setting, got.State, failures(got), got.Reason, want.State, want.Failure, want.Error)
			}
		}
	}
	t.Logf("%d judgements: state agrees on %.1f %%, failure codes on %.1f %%; %d more are stricter by section",
		total, 100*float64(sameState)/float64(total), 100*float64(sameCodes)/float64(total), listed)
}

func readCorpus(t *testing.T) []corpusLine {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(corpusDir, "expected", "summary.jsonl"))
	if os.IsNotExist(err) {
		t.Skip("the corpus of signed files is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []corpusLine
	for line := range bytes.Lines(data) {
		var l corpusLine
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

func corpusPolicy(t *testing.T, setting string) *c2pa.Policy {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(corpusDir, "settings", setting+".json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := c2pa.ParseSettings(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func validateFile(t *testing.T, path string, policy *c2pa.Policy) *c2pa.Report {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return validateBytes(t, data, policy)
}

func validateBytes(t *testing.T, data []byte, policy *c2pa.Policy) *c2pa.Report {
	t.Helper()
	r, err := c2pa.Validate(c2pa.Input{Asset: bytes.NewReader(data), Size: int64(len(data))}, policy, corpusTime)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var rank = map[string]int{"Trusted": 2, "Valid": 1}

func tooGood(state c2pa.State, want verdict) bool { return rank[string(state)] > rank[want.State] }

// agree reports whether the state is the same and whether our failure codes include the reference's. A file that the
// reference cannot read at all counts as agreed if we call it neither Valid nor Trusted.
func agree(got *c2pa.Report, want verdict) (state, codes bool) {
	if want.Error != "" {
		bad := rank[string(got.State)] == 0
		return bad, bad
	}
	ours := failures(got)
	codes = true
	for _, c := range append(slices.Clone(want.Failure), want.Ingredient...) {
		codes = codes && slices.Contains(ours, c)
	}
	return strings.EqualFold(string(got.State), want.State), codes
}

func failures(r *c2pa.Report) []string {
	out := c2pa.Codes(r.Statuses, c2pa.Failure)
	for _, d := range r.Deltas {
		out = append(out, c2pa.Codes(d.Statuses, c2pa.Failure)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
