package server

import (
	"net/http"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// checkpoint answers with the newest checkpoint.
func (s *Server) checkpoint(wait logserver.Wait) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		signed, err := s.backend.checkpoint(r.Context(), wait)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", textType)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(signed) // the client has gone if this fails
	}
}

// tile answers with a hash tile or entry bundle. What it holds never changes, a partial one's neither.
func (s *Server) tile(w http.ResponseWriter, r *http.Request) {
	t, err := tlog.ParseTilePath("tile/" + r.PathValue("path"))
	if err != nil {
		s.fail(w, r, problemNoTile.with("%v", err))
		return
	}
	data, err := s.backend.tile(r.Context(), t)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(data) // the client has gone if this fails
}
