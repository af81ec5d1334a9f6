package cli

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/statement"
)

var someID = statement.Sum([]byte("a statement"))

// tester signs in these tests.
func tester(t *testing.T) statement.Signer {
	t.Helper()
	s, err := statement.NewSigner(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fieldsOf(t *testing.T, args ...string) (fields, error) {
	t.Helper()
	var f fields
	cmd := parsed(t, func(cmd *cobra.Command) { f.flags(cmd) }, args...)
	return f, f.check(cmd)
}

func TestFlagsBecomeStatements(t *testing.T) {
	by := tester(t).Issuer()
	file := content{digest: someID, size: 12, head: []byte("hello")}
	for _, tt := range []struct {
		about string
		args  []string
		want  statement.Predicate
		name  string
	}{
		{"nothing said", nil, &statement.Content{Issuer: by, IssuedAt: noon, MediaType: "text/plain", Size: 12}, "a.txt"},
		{
			"content",
			[]string{"--title", "A", "--made", "by hand", "--source-type", "humanEdits", "--supersedes", someID.String(), "--name", "b.md"},
			&statement.Content{
				Issuer: by, IssuedAt: noon, MediaType: "text/markdown", Size: 12, Title: "A", Made: "by hand",
				DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits", Supersedes: &someID,
			}, "b.md",
		},
		{"another vocabulary", []string{"--source-type", "https://example.org/drawn"}, &statement.Content{
			Issuer: by, IssuedAt: noon, MediaType: "text/plain", Size: 12, DigitalSourceType: "https://example.org/drawn",
		}, "a.txt"},
		{"no name", []string{"--no-name"}, &statement.Content{Issuer: by, IssuedAt: noon, MediaType: "text/plain", Size: 12}, ""},
		{
			"rights",
			[]string{"--as", "rights", "--train", "no", "--search", "y", "--license", "MIT", "--holder", "A", "--terms", "ask"},
			&statement.Rights{
				Issuer: by, IssuedAt: noon, Vocabulary: statement.AIPREF, TrainAI: statement.Disallow, Search: statement.Allow,
				License: "MIT", Holder: "A", Terms: "ask",
			}, "a.txt",
		},
		{
			"rights without preferences need no vocabulary",
			[]string{"--as", "rights", "--license", "MIT"},
			&statement.Rights{Issuer: by, IssuedAt: noon, License: "MIT"}, "a.txt",
		},
	} {
		f, err := fieldsOf(t, tt.args...)
		if err != nil {
			t.Errorf("%s: %v", tt.about, err)
			continue
		}
		p := f.predicate("folder/a.txt", file, by, noon.Add(300*time.Millisecond).In(time.FixedZone("", 3600)))
		if diff := cmp.Diff(tt.want, p); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.about, diff)
		}
		subject := f.subject("folder/a.txt", file.digest)
		if got, ok := subject.SHA256(); !ok || got != someID || subject.Name != tt.name {
			t.Errorf("%s: subject %+v", tt.about, subject)
		}
		if _, err := statement.New(p, subject); err != nil {
			t.Errorf("%s: %v", tt.about, err)
		}
	}
}

func TestFlagsThatDoNotFitAreRefused(t *testing.T) {
	for _, args := range [][]string{
		{"--as", "words"},
		{"--license", "MIT"},
		{"--as", "rights", "--title", "A", "--train", "no"},
		{"--as", "rights"},
		{"--as", "rights", "--train", "perhaps"},
		{"--as", "rights", "--search", "perhaps"},
		{"--as", "revoke"},
		{"--as", "revoke", "--reason", "bored"},
		{"--as", "revoke", "--reason", "mistake", "--statement", "12"},
		{"--supersedes", "12"},
		{"--source-type", "drawn"},
		{"--reason", "mistake"},
		{"--public-key", "a.pem"},
	} {
		_, err := fieldsOf(t, args...)
		if e := explain(err); e.Code != codeUsage || e.Hint == "" {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestEveryFlagOfAStatementBelongsToOneKind(t *testing.T) {
	var f fields
	cmd := parsed(t, func(cmd *cobra.Command) { f.flags(cmd) })
	for flag := range belongs {
		if cmd.Flags().Lookup(flag) == nil {
			t.Errorf("there is no flag --%s", flag)
		}
	}
}

func TestAnIntentIsTheSameWheneverItIsStated(t *testing.T) {
	by := tester(t).Issuer()
	subject := statement.NewSubject(someID, "a.txt")
	base := func() *statement.Content {
		return &statement.Content{Issuer: by, IssuedAt: noon, MediaType: "text/plain", Size: 12, Title: "A"}
	}
	key := func(log string, p statement.Predicate, subjects ...statement.Subject) [32]byte {
		k, err := intent(log, p, subjects)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	want := key("http://a", base(), subject)
	later := base()
	later.IssuedAt = noon.Add(time.Hour)
	if key("http://a", later, subject) != want {
		t.Error("the time makes another intent")
	}
	if later.IssuedAt != noon.Add(time.Hour) {
		t.Error("the statement lost its time")
	}
	other := base()
	other.Title = "B"
	for about, got := range map[string][32]byte{
		"another log":     key("http://b", base(), subject),
		"another title":   key("http://a", other, subject),
		"another name":    key("http://a", base(), statement.NewSubject(someID, "b.txt")),
		"another file":    key("http://a", base(), statement.NewSubject(statement.Sum(nil), "a.txt")),
		"another kind":    key("http://a", &statement.Rights{Issuer: by, IssuedAt: noon, License: "MIT"}, subject),
		"no subject":      key("http://a", base()),
		"two subjects":    key("http://a", base(), subject, subject),
		"a taken-back id": key("http://a", &statement.Revoke{Issuer: by, IssuedAt: noon, Reason: statement.Mistake}, subject),
	} {
		if got == want {
			t.Errorf("%s is the same intent", about)
		}
	}
}

// What was signed and came back in a receipt has the intent that it was made with.
func TestAnIntentSurvivesTheEnvelope(t *testing.T) {
	signer := tester(t)
	for _, args := range [][]string{
		nil, {"--title", "ü <&>", "--supersedes", someID.String()}, {"--as", "rights", "--train", "no"}, {"--no-name"},
	} {
		f, err := fieldsOf(t, args...)
		if err != nil {
			t.Fatal(err)
		}
		p := f.predicate("a.txt", content{digest: someID, size: 3}, signer.Issuer(), noon)
		st, err := statement.New(p, f.subject("a.txt", someID))
		if err != nil {
			t.Fatal(err)
		}
		before, err := intent("http://a", p, st.Subjects)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := statement.Sign(st, signer)
		if err != nil {
			t.Fatal(err)
		}
		e, err := statement.Open(raw)
		if err != nil {
			t.Fatal(err)
		}
		after, err := intent("http://a", e.Predicate(), e.Statement().Subjects)
		if err != nil || after != before {
			t.Errorf("%v: another intent after signing (%v)", args, err)
		}
	}
}
