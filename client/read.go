package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Format is the form of a receipt.
type Format string

// The forms of a receipt.
const (
	Text      Format = "text"       // wherefrom.network/receipt/v1
	TlogProof Format = "tlog-proof" // c2sp.org/tlog-proof@v1
	COSE      Format = "cose"       // RFC 9942
)

// ReceiptOptions say which receipt is wanted. The zero value is the final one, as text.
type ReceiptOptions struct {
	Wait   Wait
	Format Format
}

// Receipt fetches the receipt of a statement. It is not verified.
func (c *Client) Receipt(ctx context.Context, id statement.Digest, o ReceiptOptions) ([]byte, error) {
	q := url.Values{}
	if o.Wait != "" {
		q.Set("wait", string(o.Wait))
	}
	if o.Format != "" {
		q.Set("format", string(o.Format))
	}
	return c.get(ctx, withQuery("/v1/receipts/"+id.String(), q), receipt.MaxFile)
}

// Query says which statements to list. At least one of the first three is set; statements match all that are.
type Query struct {
	Subject   string // "sha256:…", or another algorithm and digest
	Issuer    statement.Issuer
	Predicate string // predicate type
	After     string // Next of the page before
	Limit     int    // at most 1000; 100 if zero
	Newest    bool   // newest first
}

// Statements is a page of a list.
type Statements struct {
	Schema     string   `json:"schema"`
	Covers     uint64   `json:"covers"` // how many entries of the log the answer knows about
	Statements []Record `json:"statements"`
	Next       string   `json:"next,omitzero"` // where the next page begins; empty if there is none
}

// Record is what a server says about a statement. Its receipt proves it, or not.
type Record struct {
	ID            statement.Digest   `json:"id"`
	Index         uint64             `json:"index"`
	Issuers       []statement.Issuer `json:"issuers"`
	PredicateType string             `json:"predicate_type"`
	IssuedAt      *time.Time         `json:"issued_at,omitzero"` // by the issuer's own clock
	Revoked       *Revocation        `json:"revoked,omitzero"`
}

// Revocation says that a statement was taken back.
type Revocation struct {
	ID       statement.Digest `json:"id"` // of the revoking statement
	Index    uint64           `json:"index"`
	Issuer   statement.Issuer `json:"issuer"`
	IssuedAt time.Time        `json:"issued_at"`
	Reason   statement.Reason `json:"reason"`
}

// Statements lists what the server's registry has.
func (c *Client) Statements(ctx context.Context, query Query) (*Statements, error) {
	q := url.Values{}
	for name, value := range map[string]string{
		"subject": query.Subject, "issuer": string(query.Issuer), "predicate": query.Predicate, "after": query.After,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if query.Limit != 0 {
		q.Set("limit", strconv.Itoa(query.Limit))
	}
	if query.Newest {
		q.Set("order", "newest")
	}
	body, err := c.get(ctx, withQuery("/v1/statements", q), 16<<20)
	if err != nil {
		return nil, err
	}
	page := new(Statements)
	return page, unmarshal(body, page)
}

// Policy fetches the tlog-policy of the server's log and its witnesses. Whoever takes it from the server itself
// trusts the server.
func (c *Client) Policy(ctx context.Context) ([]byte, error) {
	return c.get(ctx, "/v1/policy", tlog.MaxPolicy)
}

// Health is what a server says about itself.
type Health struct {
	Schema   string         `json:"schema"`
	Status   string         `json:"status"` // "ok"; "degraded" if something is wrong that may pass; "failing"
	Log      *LogHealth     `json:"log,omitzero"`
	Registry RegistryHealth `json:"registry"`
	Problems []string       `json:"problems,omitzero"` // what is wrong, in words
}

// LogHealth is the state of the log behind a server.
type LogHealth struct {
	Origin         string  `json:"origin"`
	Upstream       string  `json:"upstream,omitzero"` // its address, if it is not in the server itself
	TreeSize       uint64  `json:"tree_size"`
	FinalSize      uint64  `json:"final_size,omitzero"`
	InFlight       int     `json:"in_flight,omitzero"`
	CheckpointAge  float64 `json:"checkpoint_age_seconds"`
	Guard          string  `json:"guard"` // "ok"; "latched" if two pasts were seen; "elsewhere" if the log is
	AcceptsEntries bool    `json:"accepts_entries"`
}

// RegistryHealth is the state of a server's registry.
type RegistryHealth struct {
	Next     uint64 `json:"next"`
	Lag      uint64 `json:"lag"`
	Repeated uint64 `json:"repeated"`
	Skipped  uint64 `json:"skipped"`
}

// Health asks how the server is. A server that is not well still answers, without an error.
func (c *Client) Health(ctx context.Context) (*Health, error) {
	a, err := c.do(ctx, request{
		method: http.MethodGet, path: "/healthz", limit: 1 << 20,
		accept: []int{http.StatusOK, http.StatusServiceUnavailable},
	})
	if err != nil {
		return nil, err
	}
	h := new(Health)
	return h, unmarshal(a.body, h)
}

func (c *Client) get(ctx context.Context, path string, limit int64) ([]byte, error) {
	a, err := c.do(ctx, request{method: http.MethodGet, path: path, limit: limit})
	if err != nil {
		return nil, err
	}
	return a.body, nil
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
