package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/verify"
)

func TestStories(t *testing.T) {
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			a := verify.Check(s.input())
			if a.Verdict != s.verdict || a.Code != s.code {
				t.Errorf("came out as %s, %s: want %s, %s", a.Verdict, a.Code, s.verdict, s.code)
			}
			if a.Summary != s.summary {
				t.Errorf("says\n%s\nwant\n%s", a.Summary, s.summary)
			}
			var whole bytes.Buffer
			enc := json.NewEncoder(&whole)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(a); err != nil {
				t.Fatal(err)
			}
			for _, words := range s.says {
				quoted := strings.ReplaceAll(words, `"`, `\"`)
				if !strings.Contains(whole.String(), quoted) {
					t.Errorf("does not say %q:\n%s", words, whole.String())
				}
			}
		})
	}
}

func TestTheFileIsWhatThisProgramWrites(t *testing.T) {
	want, err := build()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../spec/testdata/verify.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("spec/testdata/verify.json is not what go generate ./verify writes")
	}
}
