package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/statement"
)

// problem is an error on its way to a client (RFC 9457). Its code never changes; openapi.yaml lists them all.
type problem struct {
	status     int
	code       string
	title      string // the same for each problem of this code
	detail     string
	hint       string // what to do next
	retryAfter time.Duration
}

// Error returns the detail, so that a problem can be returned as an error.
func (p *problem) Error() string { return p.detail }

// problemType begins the type of each problem; its code follows.
const problemType = "https://wherefrom.network/problem/"

// with returns a copy that says what is wrong with this one request.
func (p *problem) with(format string, args ...any) *problem {
	q := *p
	q.detail = fmt.Sprintf(format, args...)
	return &q
}

// after returns a copy that says when to come back, if that is known.
func (p *problem) after(d time.Duration) *problem {
	q := *p
	if d > 0 {
		q.retryAfter = d
	}
	return &q
}

// The problems that are not a statement's own fault.
var (
	problemRequest = &problem{
		status: 400, code: "bad-request", title: "the request cannot be understood",
		hint: "GET /openapi.yaml says what each route takes",
	}
	problemEmpty = &problem{
		status: 400, code: "empty", title: "nothing was submitted",
		hint: "send an envelope, or one envelope on each line",
	}
	problemRoute = &problem{
		status: 404, code: "no-route", title: "there is nothing at this address",
		hint: "GET / lists the addresses",
	}
	problemNoRecord = &problem{
		status: 404, code: "no-record", title: "no record found",
		hint: "this log does not have it; another may",
	}
	problemNoTile = &problem{
		status: 404, code: "no-tile", title: "the log has no such tile",
		hint: "a tree of the size in /checkpoint says which tiles there are",
	}
	problemNoCOSE = &problem{
		status: 404, code: "no-cose", title: "there is no COSE receipt",
		hint: "ask for format=text or format=tlog-proof",
	}
	problemMethod = &problem{
		status: 405, code: "method", title: "this address does not take that method",
		hint: "GET /openapi.yaml says which it takes",
	}
	problemTooLarge = &problem{
		status: 413, code: "too-large", title: "too large",
		hint: "record big things by their digest; split a batch",
	}
	problemMediaType = &problem{
		status: 415, code: "media-type", title: "this kind of content is not taken",
		hint: "send Content-Type: application/json for one envelope, application/x-ndjson for one on each line",
	}
	problemStatement = &problem{status: 422, title: "the statement is refused"}
	problemQuota     = &problem{
		status: 429, code: "quota", title: "the issuer has submitted too much",
		hint: "slow down; everything that was answered as recorded is recorded",
	}
	problemInternal = &problem{
		status: 500, code: "internal", title: "the server made a mistake",
		hint: "report it with the X-Request-Id of this answer",
	}
	problemReadOnly = &problem{
		status: 501, code: "read-only", title: "this log takes no statements here",
		hint: "the log behind this server can only be read; submit to another log",
	}
	problemUpstream = &problem{
		status: 502, code: "upstream", title: "the log behind this server does not answer",
		hint: "try again later, or ask the log itself",
	}
	problemBusy = &problem{
		status: 503, code: "busy", title: "the server has as much to do as it takes on",
		hint: "come back after the time in Retry-After; nothing was recorded", retryAfter: time.Second,
	}
	problemClosing = &problem{
		status: 503, code: "closing", title: "the server is being stopped",
		hint: "send it again in a moment; that is always safe", retryAfter: 5 * time.Second,
	}
	problemStopped = &problem{
		status: 503, code: "log-stopped", title: "the log has stopped to protect its past",
		hint: "its operator has to look: GET /healthz says what is wrong", retryAfter: time.Minute,
	}
	problemConflict = &problem{
		status: 503, code: "log-conflict", title: "the log behind this server contradicts itself",
		hint: "keep the receipts you have, and ask the operator of this server: GET /healthz says what was seen", retryAfter: time.Minute,
	}
	problemStorage = &problem{
		status: 503, code: "storage", title: "the statement could not be stored",
		hint: "nothing is lost: send it again when the operator has made room", retryAfter: 10 * time.Second,
	}
	problemNotFinal = &problem{
		status: 503, code: "not-final", title: "witnesses have not cosigned yet",
		hint: "it is recorded: ask again, or with wait=fast for a receipt that only the log has signed", retryAfter: time.Second,
	}
	problemTimeout = &problem{
		status: 503, code: "timeout", title: "the log took too long",
		hint: "it may be recorded all the same; sending it again is safe and finds it", retryAfter: time.Second,
	}
)

// problemOf says what an error is to a client.
func problemOf(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if code := statement.Code(err); code != "" {
		return statementProblem(code, err)
	}
	if busy, ok := errors.AsType[*logserver.BusyError](err); ok {
		return problemBusy.with("%v", busy).after(busy.RetryAfter)
	}
	if fault, ok := errors.AsType[*logserver.Fault](err); ok {
		return problemStopped.with("%v", fault.Err) // what and where is the operator's business
	}
	if up, ok := errors.AsType[*client.Problem](err); ok {
		return upstreamProblem(up)
	}
	for _, known := range knownErrors {
		if errors.Is(err, known.err) {
			if known.words != "" {
				return known.is.with("%s", known.words)
			}
			return known.is.with("%v", err)
		}
	}
	if _, ok := errors.AsType[*url.Error](err); ok { // only the upstream is asked for anything
		return problemUpstream.with("the log cannot be reached")
	}
	return problemInternal.with("something unexpected happened") // the log has the error
}

// knownErrors are the errors of other packages that a client may see. Those that name files of the server, which are
// nobody's business, have words of their own.
var knownErrors = []struct {
	err   error
	is    *problem
	words string
}{
	{logserver.ErrStorage, problemStorage, "the log's disk is full or failing"},
	{fs.ErrNotExist, problemNoTile, "the log has not published it"},
	{logserver.ErrBusy, problemBusy, ""},
	{logserver.ErrBatchTooLarge, problemTooLarge, ""},
	{logserver.ErrClosed, problemClosing, ""},
	{logserver.ErrNotRecorded, problemNoRecord, ""},
	{registry.ErrClosed, problemClosing, ""},
	{registry.ErrQuery, problemRequest, ""},
	{receipt.ErrNoCOSERoot, problemNoCOSE, ""},
	{context.DeadlineExceeded, problemTimeout, ""},
	{context.Canceled, problemClosing, ""},
	{client.ErrTooLarge, problemUpstream, ""},
	{client.ErrAnswer, problemUpstream, ""},
}

// statementProblem says why a statement is refused.
func statementProblem(code string, err error) *problem {
	p := *problemStatement
	if errors.Is(err, statement.ErrTooLarge) {
		p = *problemTooLarge
	}
	p.code, p.detail, p.hint = code, err.Error(), statementHints[code]
	if p.hint == "" {
		p.hint = "spec/statement.md says how a statement is made"
	}
	return &p
}

var statementHints = map[string]string{
	"too-large":          "record big things by their digest",
	"unknown-key":        "write the signer's did:key into keyid: it is not signed, so the signature stays good",
	"signature":          "the statement was changed after signing, or another key signed it: sign it again",
	"no-signature":       "sign it first",
	"repeated-signature": "keep one signature of each key",
	"issuer":             "the issuer that the predicate names has to be one of the signers",
	"base64":             "use padded base64, in the standard or the URL-safe alphabet, on one line",
	"payload-type":       "the payload type must be " + statement.PayloadType,
}

// upstreamProblem passes on what the server of the log said, if it is for the client, and else that it is not well.
func upstreamProblem(up *client.Problem) *problem {
	switch {
	case up.Status == http.StatusNotFound && up.Code == "", up.Status == http.StatusMethodNotAllowed:
		return problemReadOnly.with("%v", up)
	case up.Status == http.StatusTooManyRequests || up.Status == http.StatusServiceUnavailable && up.Code != "":
		return &problem{up.Status, up.Code, up.Title, up.Detail, up.Hint, max(up.RetryAfter, time.Second)}
	default:
		return problemUpstream.with("%v", up)
	}
}

// level says how much an operator should care: a mistake or a log that stands still is an error, a wait is none.
func (p *problem) level() slog.Level {
	switch p.code {
	case problemNotFinal.code, problemBusy.code, problemTimeout.code, problemClosing.code, problemReadOnly.code:
		return slog.LevelInfo
	case problemUpstream.code:
		return slog.LevelWarn
	default:
		return slog.LevelError
	}
}

// fail answers with a problem.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p.status >= 500 && r.Context().Err() == nil {
		s.logger.Log(r.Context(), p.level(), "request went wrong", "error", err.Error(), "code", p.code, "request", w.Header().Get(requestID))
	}
	s.metrics.problems.WithLabelValues(p.code).Inc()
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	w.WriteHeader(p.status)
	body, err := json.Marshal(client.Problem{
		Type: problemType + p.code, Title: p.title, Status: p.status, Code: p.code, Detail: p.detail, Hint: p.hint,
	})
	if err == nil && r.Method != http.MethodHead {
		_, _ = w.Write(append(body, '\n')) // the client has gone if this fails
	}
}
