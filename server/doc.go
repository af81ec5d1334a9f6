// Package server is the HTTP API of a log and its registry: submit statements, fetch receipts, ask what is recorded,
// read the log's tiles.
//
//	s, err := server.New(server.Options{Log: log, Registry: reg})
//	err = s.Serve(ctx, listener)
//
// openapi.yaml, which the server hands out too, describes every route, status and field; a test holds the two
// together. One file holds one thing that a client can ask for: submit.go, batch.go, receipt.go, statements.go,
// tiles.go, health.go. What stands before all of them is in middleware.go and limits.go: nothing that a stranger
// sends can make the server hold more than its limits say, and what does not fit now is refused with a time to come
// back, never queued.
//
// The log is in the same process (local.go), or another server whose log this one's registry follows (remote.go).
package server
