package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/statement"
)

// statements lists what is recorded about a subject, by an issuer, of a kind, and whether it was revoked.
func (s *Server) statements(w http.ResponseWriter, r *http.Request) {
	query, page, err := queryOf(r.URL.Query())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	found, err := s.registry.Find(r.Context(), query, page)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer := client.Statements{
		Schema: "wherefrom.network/statements/v1", Covers: found.Covers,
		Statements: make([]client.Record, len(found.Records)), Next: string(found.Next),
	}
	for i := range found.Records {
		answer.Statements[i] = recordOf(&found.Records[i])
	}
	s.answerJSON(w, r, http.StatusOK, answer)
}

// queryOf reads the parameters. An unknown one is refused: a condition that is not applied would give a wrong answer.
func queryOf(v url.Values) (q registry.Query, page registry.Page, err error) {
	for name, values := range v {
		value := values[0]
		if len(values) > 1 {
			return q, page, problemRequest.with("%.40s is given twice", name)
		}
		switch name {
		case "subject":
			q.Subject, err = registry.ParseSubject(value)
		case "issuer":
			q.Issuer, err = statement.ParseIssuer(value)
		case "predicate":
			q.PredicateType = value
		case "after":
			page.After = registry.Cursor(value)
		case "limit":
			if page.Limit, err = strconv.Atoi(value); err != nil || page.Limit < 1 {
				err = fmt.Errorf("a page has 1 to %d statements, not %.40q", registry.MaxLimit, value)
			}
		case "order":
			page.Newest = value == "newest"
			if value != "newest" && value != "log" {
				err = problemRequest.with("order is log or newest, not %.40q", value)
			}
		default:
			err = problemRequest.with("%.40q is not a parameter", name)
		}
		if err != nil {
			return q, page, problemRequest.with("%s: %v", name, err)
		}
	}
	return q, page, nil
}

func recordOf(rec *registry.Record) client.Record {
	out := client.Record{ID: rec.ID, Index: rec.Index, Issuers: rec.Issuers, PredicateType: rec.PredicateType}
	if !rec.IssuedAt.IsZero() {
		out.IssuedAt = &rec.IssuedAt
	}
	if v := rec.Revoked; v != nil {
		out.Revoked = &client.Revocation{ID: v.ID, Index: v.Index, Issuer: v.Issuer, IssuedAt: v.IssuedAt, Reason: v.Reason}
	}
	return out
}

func (s *Server) answerJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client has gone if this fails
}
