package cli

import (
	"slices"
	"testing"
)

func TestLicencesThatMayBeMisspelt(t *testing.T) {
	for text, want := range map[string][]string{
		"":    nil,
		"MIT": nil,
		"mit": nil,
		"(GPL-2.0+ WITH Classpath-exception-2.0 OR Apache-2.0) AND CC-BY-4.0": nil,
		"LicenseRef-ours OR DocumentRef-x:LicenseRef-y":                       nil,
		"https://example.org/licence":                                         nil,
		"NOT-A-LICENSE":                                                       {"NOT-A-LICENSE"},
		"MIT OR (Apache2 AND MTI)":                                            {"Apache2", "MTI"},
	} {
		if got := unknownLicenses(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
