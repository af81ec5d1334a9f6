package server

import (
	"net/http"

	"github.com/wherefrom-network/wherefrom/client"
)

// health says how the server is: 200, or 503 when it should get no traffic because its log has stopped, or shows two
// pasts. What is wrong but may pass is said in words, as degraded, and still 200.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	log, problems, ok := s.backend.health()
	state := s.registry.State()
	answer := client.Health{
		Schema: "wherefrom.network/health/v1", Status: "ok", Log: log, Problems: problems,
		Registry: client.RegistryHealth{Next: state.Next, Repeated: state.Repeated, Skipped: state.Skipped},
	}
	if log.TreeSize > state.Next {
		answer.Registry.Lag = log.TreeSize - state.Next
	}
	status := http.StatusOK
	if len(problems) > 0 {
		answer.Status = "degraded"
	}
	if !ok {
		answer.Status, status = "failing", http.StatusServiceUnavailable
	}
	w.Header().Set("Cache-Control", "no-store")
	s.answerJSON(w, r, status, answer)
}
