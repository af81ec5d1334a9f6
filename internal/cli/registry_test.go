package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// library is a registry that knows two envelopes of one revoked statement, and a statement that no witness has
// cosigned yet.
type library struct {
	subject                           statement.Digest
	first, second, revoked, unsettled *receipt.Receipt
	queries                           []string
}

func newLibrary() *library {
	log, content := tlogtest.New("example.org/town").Grow(10), []byte("a photo")
	envelope := receipttest.Content(receipttest.Signer("alice"), "photo.jpg", content)
	return &library{
		subject: statement.Sum(content),
		first:   receipttest.Record(log, envelope, "w1"), second: receipttest.Record(log, append([]byte(" "), envelope...), "w1"),
		revoked:   receipttest.Record(log, receipttest.Revoke(receipttest.Signer("alice"), envelope, statement.Mistake), "w1"),
		unsettled: receipttest.Record(log, receipttest.Content(receipttest.Signer("mallory"), "photo.jpg", content)),
	}
}

func (l *library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/statements" {
		l.queries = append(l.queries, r.URL.Query().Get("issuer")+" "+r.URL.Query().Get("predicate"))
		revoked := fmt.Sprintf(`,"revoked":{"id":"%s"}`, l.revoked.ID())
		fmt.Fprintf(w, `{"statements":[{"id":"%s"%s},{"id":"%s"%s},{"id":"%s"}]}`, l.first.ID(), revoked, l.second.ID(), revoked, l.unsettled.ID())
		return
	}
	for _, known := range []*receipt.Receipt{l.first, l.second, l.revoked, l.unsettled} {
		if !strings.HasSuffix(r.URL.Path, known.ID().String()) {
			continue
		}
		if known == l.unsettled && r.URL.Query().Get("wait") == string(client.Final) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"title":"witnesses have not cosigned yet","status":503,"code":"not-final"}`)
			return
		}
		w.Write(receipt.Marshal(known))
		return
	}
	http.NotFound(w, r)
}

func (l *library) asker(t *testing.T) *registryAsker {
	t.Helper()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	service, err := client.New(server.URL, client.Options{Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	return &registryAsker{newDesk(t).app, service}
}

// One revocation of two envelopes comes once, and a statement that is not final does not hold up the rest.
func TestWhatTheRegistryKnowsComesOnce(t *testing.T) {
	l := newLibrary()
	all, err := l.asker(t).receipts(t.Context(), l.subject)
	if err != nil {
		t.Fatal(err)
	}
	var got []statement.Digest
	for _, r := range all {
		got = append(got, r.ID())
	}
	if want := []statement.Digest{l.first.ID(), l.revoked.ID(), l.second.ID(), l.unsettled.ID()}; !slices.Equal(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Strangers may say what they like about a statement: only its signers are asked whether it was taken back.
func TestOnlySignersAreAskedForRevocations(t *testing.T) {
	l := newLibrary()
	if _, err := l.asker(t).again(t.Context(), l.first); err != nil {
		t.Fatal(err)
	}
	want := []string{string(receipttest.Signer("alice").Issuer()) + " " + statement.RevokeType}
	if !slices.Equal(l.queries, want) {
		t.Errorf("asked for %q, want %q", l.queries, want)
	}
	fresh, err := l.asker(t).again(t.Context(), l.unsettled)
	if !notFinal(err) || len(fresh) == 0 {
		t.Errorf("of a statement that is not final: %d receipts, %v", len(fresh), err)
	}
}
