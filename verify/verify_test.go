package verify_test

import (
	"crypto/x509"
	"encoding/json"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
	"github.com/wherefrom-network/wherefrom/verify"
)

// Most of what Check does is shown by stories, see verify/vectors. Here is what is not for vectors.

func TestACertificateIsAClaim(t *testing.T) {
	content := []byte("the bytes of a photo")
	st := &statement.Statement{
		Subjects:      []statement.Subject{statement.NewSubject(statement.Sum(content), "photo.jpg")},
		PredicateType: "https://example.org/seen", Predicate: []byte(`{}`),
	}
	envelope, err := statement.Sign(st, receipttest.Signer("alice"))
	if err != nil {
		t.Fatal(err)
	}
	in, log := recorded()
	in.Receipts = []*receipt.Receipt{receipttest.Record(log, bundle(t, envelope), "w1", "w2")}
	a := verify.Check(in)
	if a.Verdict != verify.Shown {
		t.Fatalf("%s: %+v", a.Summary, a.Statements[0].Signer)
	}
	signer := a.Statements[0].Signer
	if len(signer.By) != 1 || signer.By[0].Issuer != receipttest.Signer("alice").Issuer() || len(signer.By[0].Claims) == 0 {
		t.Errorf("signed by %+v", signer.By)
	}
	const says = `No list of yours says whose key that is. A certificate that came with it claims "https://example.org/build.yml"; nobody on your lists vouches for that.`
	if !strings.HasSuffix(signer.Words, says) {
		t.Errorf("says %q", signer.Words)
	}
}

// bundle puts an envelope that the key "alice" signed into a Sigstore bundle with a certificate.
func bundle(t *testing.T, envelope []byte) []byte {
	t.Helper()
	key := tlogtest.PrivateKey("alice")
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: tlogtest.Time, NotAfter: tlogtest.Time.Add(time.Hour),
		URIs: []*url.URL{{Scheme: "https", Host: "example.org", Path: "/build.yml"}},
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(map[string]any{
		"mediaType":            "application/vnd.dev.sigstore.bundle.v0.3+json",
		"verificationMaterial": map[string]any{"certificate": map[string]any{"rawBytes": der}},
		"dsseEnvelope":         json.RawMessage(envelope),
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A list that does not know a witness must not hide that another list knows it, and that its
// cosignature was altered.
func TestOneListsKnowledgeIsEnoughToSeeAnAlteredCheckpoint(t *testing.T) {
	in, log := recorded()
	text := string(receipt.Marshal(in.Receipts...))
	cosignature := strings.Index(text, "— w2 ") + len("— w2 ") + 30
	flipped := []byte(text)
	flipped[cosignature] ^= 1
	easy := verify.NamedPolicy{Name: "easy", Policy: log.Policy(0)}
	in.Trust.Policies = []verify.NamedPolicy{easy}
	if a := ask(in, flipped); a.Verdict != verify.Shown {
		t.Errorf("to a reader who does not know w2: %s", a.Summary)
	}
	for _, policies := range [][]verify.NamedPolicy{
		{easy, {Name: "w2", Policy: log.Policy(1, "w2")}},
		{{Name: "w2", Policy: log.Policy(1, "w2")}, easy},
	} {
		in.Trust.Policies = policies
		if a := ask(in, flipped); a.Code != verify.CodeCheckpointSignature {
			t.Errorf("got %s: %s", a.Code, a.Summary)
		}
	}
}

// The reader's lists may come from a map, and then the order of two equal ones is chance.
func TestTheOrderOfListsDoesNotMatter(t *testing.T) {
	in, log := recorded()
	a := verify.NamedPolicy{Name: "a", Policy: log.Policy(1, "w1")}
	b := verify.NamedPolicy{Name: "b", Policy: log.Policy(1, "w1", "w2")}
	for _, policies := range [][]verify.NamedPolicy{{a, b}, {b, a}} {
		in.Trust.Policies = policies
		if got := verify.Check(in).Statements[0].Log; got.Policy != "b" || len(got.Witnesses) != 2 {
			t.Errorf("got list %s with %d witnesses, want the one that knows more", got.Policy, len(got.Witnesses))
		}
	}
}

// An unreadable receipt beside a good one is remarked on, and no more.
func TestAnUnreadableReceiptBesideAGoodOne(t *testing.T) {
	in, _ := recorded()
	_, in.Unreadable = receipt.Parse([]byte("wherefrom.network/receipt/v9\n"))
	a := verify.Check(in)
	if a.Verdict != verify.Shown || len(a.Notes) != 1 || a.Notes[0].Code != verify.CodeReceiptVersion {
		t.Errorf("%s: %s; notes %v", a.Verdict, a.Summary, a.Notes)
	}
}

func TestNothingAtAllIsAnAnswer(t *testing.T) {
	for _, in := range []verify.Input{{}, {Receipts: []*receipt.Receipt{{}}}, {Receipts: []*receipt.Receipt{{}, {}}}} {
		if a := verify.Check(in); a.Verdict == verify.Shown || a.Summary == "" || a.Next == "" {
			t.Errorf("%+v", a)
		}
	}
}

// TestCheckAllocatesLittle holds a limit that no other work on the machine can move.
func TestCheckAllocatesLittle(t *testing.T) {
	in := deepInput()
	const most = 400
	if n := testing.AllocsPerRun(20, func() { verify.Check(in) }); n > most {
		t.Errorf("%v allocations for a receipt with five cosignatures, and %d are allowed", n, most)
	}
}
