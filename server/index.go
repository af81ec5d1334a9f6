package server

import (
	"fmt"
	"net/http"
	"strings"
)

// index lists the routes, for people who opened the address in a browser.
func (s *Server) index(w http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	fmt.Fprintf(&b, "Wherefrom %s\n\nlog %s\n\n", s.version, s.key)
	for _, r := range s.routes {
		fmt.Fprintf(&b, "%-5s %-24s %s\n", r.method, r.path, r.about)
	}
	b.WriteString("\nEverything here can be checked without trusting this server: wherefrom verify FILE\n")
	w.Header().Set("Content-Type", textType)
	_, _ = w.Write([]byte(b.String())) // the client has gone if this fails
}
