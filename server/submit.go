package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// submit records one envelope, or a batch of them; the content type says which.
func (s *Server) submit(w http.ResponseWriter, r *http.Request) {
	wait, err := waitOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		w.Header().Set("Accept-Encoding", "identity") // RFC 9110, section 12.5.3
		s.fail(w, r, problemMediaType.with("Content-Encoding is %.100q, and only bodies without one are taken", coding))
		return
	}
	switch kindOf(r.Header.Get("Content-Type")) {
	case oneEnvelope:
		err = s.submitOne(w, r, wait)
	case manyEnvelopes:
		err = s.submitBatch(w, r, wait)
	default:
		err = problemMediaType.with("Content-Type is %.100q", r.Header.Get("Content-Type"))
	}
	if err != nil {
		s.fail(w, r, err)
	}
}

// submitOne answers with the receipt of the one envelope in the body. The body is the envelope, to the last byte.
func (s *Server) submitOne(w http.ResponseWriter, r *http.Request, wait logserver.Wait) error {
	release, err := s.reserve(r, maxEnvelope)
	if err != nil {
		return err
	}
	defer release()
	raw, err := readBody(r)
	if err != nil {
		return err
	}
	envelope, err := statement.Open(raw)
	if err != nil {
		s.metrics.statements.WithLabelValues("refused").Inc()
		return err
	}
	if delay, ok := s.quotas.take(envelope.Issuers()); !ok {
		s.metrics.statements.WithLabelValues("refused").Inc()
		return problemQuota.with("%s has used up its quota", envelope.Issuers()[0]).after(delay)
	}
	batch, err := s.record(r.Context(), wait, []*statement.Envelope{envelope})
	if err != nil {
		return err
	}
	if p := batch.refused[0]; p != nil {
		s.metrics.statements.WithLabelValues("refused").Inc()
		return p
	}
	entry := batch.Entries[0]
	s.count(entry.Known)
	rec := &receipt.Receipt{
		Log: s.key, Envelope: raw,
		Proof: tlog.Proof{Index: entry.Index, Hashes: entry.Proof, Checkpoint: batch.Checkpoint},
	}
	w.Header().Set("Content-Type", textType)
	w.Header().Set("Location", "/v1/receipts/"+entry.ID.String())
	if entry.Known {
		w.WriteHeader(http.StatusOK)
	} else {
		w.WriteHeader(http.StatusCreated)
	}
	_, _ = w.Write(receipt.Marshal(rec)) // the client has gone if this fails, and may ask again
	return nil
}

// record gives statements to the log and waits, for a bounded time.
func (s *Server) record(ctx context.Context, wait logserver.Wait, envelopes []*statement.Envelope) (*outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, s.limits.Wait)
	defer cancel()
	batch, err := s.backend.submit(ctx, wait, envelopes)
	if errors.Is(err, context.DeadlineExceeded) && wait == logserver.Final {
		if _, known, _ := s.registry.Lookup(envelopes[len(envelopes)-1].ID()); known {
			return nil, problemNotFinal.with("not final after %v", s.limits.Wait)
		}
	}
	return batch, err
}

func (s *Server) count(known bool) {
	if known {
		s.metrics.statements.WithLabelValues("known").Inc()
	} else {
		s.metrics.statements.WithLabelValues("recorded").Inc()
	}
}

// reserve sets memory aside for a body, or refuses it: as too large, or as too much for now.
func (s *Server) reserve(r *http.Request, limit int64) (release func(), err error) {
	size := r.ContentLength
	if size > limit {
		return nil, problemTooLarge.with("the body has %d bytes, at most %d are taken", size, limit)
	}
	if size < 0 {
		size = limit
	}
	if !s.bodies.TryAcquire(size) {
		return nil, problemBusy.with("submissions of %d bytes are being worked on", s.limits.BodyBytes)
	}
	s.metrics.bodyBytes.Add(float64(size))
	r.Body = http.MaxBytesReader(nil, r.Body, limit)
	return func() {
		s.bodies.Release(size)
		s.metrics.bodyBytes.Sub(float64(size))
	}, nil
}

func readBody(r *http.Request) (raw []byte, err error) {
	if r.ContentLength < 0 {
		raw, err = io.ReadAll(r.Body)
	} else {
		raw = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, raw)
	}
	if err != nil {
		return nil, bodyError(err)
	}
	if len(raw) == 0 {
		return nil, problemEmpty.with("the body is empty")
	}
	return raw, nil
}

// bodyError says why a body could not be read to its end.
func bodyError(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problemTooLarge.with("the body has more than %d bytes", tooLarge.Limit)
	}
	return problemRequest.with("the body ends too early: %v", err)
}

// waitOf reads the wait parameter.
func waitOf(r *http.Request) (logserver.Wait, error) {
	switch v := r.URL.Query().Get("wait"); v {
	case "", "final":
		return logserver.Final, nil
	case "fast":
		return logserver.Fast, nil
	default:
		return 0, problemRequest.with("wait is fast or final, not %.40q", v)
	}
}

// bodyKind is what a content type says about the body.
type bodyKind int

const (
	unknownBody bodyKind = iota
	oneEnvelope
	manyEnvelopes
)

// kindOf reads a content type. What a page can send to another site without being allowed to, such as a form's types
// and text/plain, is not taken.
func kindOf(contentType string) bodyKind {
	media, _, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return unknownBody
	case media == "application/x-ndjson", media == "application/jsonl":
		return manyEnvelopes
	case media == "application/json", media == "application/octet-stream",
		strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"):
		return oneEnvelope
	default:
		return unknownBody
	}
}

// quotaDetail says in words when a quota is there again.
func quotaDetail(issuer statement.Issuer, delay time.Duration) string {
	return fmt.Sprintf("%s has used up its quota; there is room again in %.1f seconds", issuer, delay.Seconds())
}
