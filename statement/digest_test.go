package statement_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/statement"
)

func TestDigestsAreReadInBothForms(t *testing.T) {
	const digits = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // of "hello"
	want := statement.Sum([]byte("hello"))
	for _, text := range []string{digits, "sha256:" + digits} {
		got, err := statement.ParseDigest(text)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if want.String() != "sha256:"+digits || want.Hex() != digits || want.IsZero() {
		t.Errorf("printed as %s and %s", want, want.Hex())
	}
	if !(statement.Digest{}).IsZero() {
		t.Error("the zero digest is not zero")
	}
}

func TestOtherDigestsAreRefused(t *testing.T) {
	digits := statement.Sum(nil).Hex()
	for _, text := range []string{"", "sha256:", digits[1:], digits + "0", "SHA256:" + digits, "sha512:" + digits, strings.ToUpper(digits), "g" + digits[1:], " " + digits} {
		if _, err := statement.ParseDigest(text); !errors.Is(err, statement.ErrDigest) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A text is a digest only if it is one of the two texts of its bytes.
func FuzzParseDigest(f *testing.F) {
	f.Add(statement.Sum(nil).String())
	f.Add(statement.Sum(nil).Hex())
	f.Add("sha256:sha256:")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := statement.ParseDigest(text)
		if err != nil {
			if !errors.Is(err, statement.ErrDigest) || !d.IsZero() {
				t.Fatalf("%v: %v", d, err)
			}
			return
		}
		if text != d.String() && text != d.Hex() {
			t.Fatalf("%q was read as %s", text, d)
		}
	})
}
