package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
)

// receipt answers with the receipt of a statement, named by its id.
func (s *Server) receipt(w http.ResponseWriter, r *http.Request) {
	body, contentType, err := s.makeReceipt(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body) // the client has gone if this fails
}

func (s *Server) makeReceipt(r *http.Request) (body []byte, contentType string, err error) {
	id, err := statement.ParseDigest(r.PathValue("digest"))
	if err != nil {
		return nil, "", problemRequest.with("%v", err)
	}
	wait, err := waitOf(r)
	if err != nil {
		return nil, "", err
	}
	write, contentType, err := formatOf(r)
	if err != nil {
		return nil, "", err
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.limits.Wait)
	defer cancel()
	index, err := s.lookup(ctx, id)
	if err != nil {
		return nil, "", err
	}
	rec, err := s.backend.receipt(ctx, index, wait)
	if errors.Is(err, context.DeadlineExceeded) && wait == logserver.Final {
		return nil, "", problemNotFinal.with("entry %d is not final after %v", index, s.limits.Wait)
	}
	if err != nil {
		return nil, "", err
	}
	body, err = write(rec)
	return body, contentType, err
}

// lookup finds a statement. The registry may be a moment behind the log, so that a statement whose receipt was just
// given out is not in it yet: before the answer is no, it gets the time to catch up.
func (s *Server) lookup(ctx context.Context, id statement.Digest) (index uint64, err error) {
	size := s.backend.size()
	index, ok, err := s.registry.Lookup(id)
	if !ok && err == nil && s.registry.Next() < size {
		if err = s.registry.WaitFor(ctx, size); err == nil {
			index, ok, err = s.registry.Lookup(id)
		}
	}
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, problemNoRecord.with("%s is not among the first %d entries of this log", id, s.registry.Next())
	}
	return index, nil
}

// formatOf reads the format parameter.
func formatOf(r *http.Request) (write func(*receipt.Receipt) ([]byte, error), contentType string, err error) {
	switch v := r.URL.Query().Get("format"); v {
	case "", "text":
		return func(rec *receipt.Receipt) ([]byte, error) { return receipt.Marshal(rec), nil }, textType, nil
	case "tlog-proof":
		return func(rec *receipt.Receipt) ([]byte, error) { return rec.TLogProof(), nil }, textType, nil
	case "cose":
		return (*receipt.Receipt).COSE, "application/cose", nil
	default:
		return nil, "", problemRequest.with("format is text, tlog-proof or cose, not %.40q", v)
	}
}
