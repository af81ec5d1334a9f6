package server

import (
	"net/http/httptest"
	"testing"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// newPair returns a server over another one, and that one.
func newPair(t *testing.T, o Options) (here, there *Server) {
	t.Helper()
	there = newLocal(t, o)
	h := httptest.NewServer(there)
	t.Cleanup(h.Close)
	return newRemoteServer(t, h.URL, there.key, Options{}), there
}

// Envelopes are recorded to the last byte, however they were written down.
func TestEnvelopesOfManyLinesArePassedOn(t *testing.T) {
	here, there := newPair(t, Options{})
	for text, end := range map[string]string{"line feed": "\n", "CRLF": "\r\n", "carriage return": "\r", "blank lines": "\n\n"} {
		raw := append(registrytest.Content("alice", text), end...)
		for _, status := range []int{201, 200} {
			w := send(here, "POST", "/v1/statements?wait=fast", jsonType, string(raw))
			if w.Code != status {
				t.Fatal(text, w.Code, w.Body)
			}
			checkReceipt(t, w.Body.Bytes(), raw, there.key)
		}
	}
}

// In one submission, those that are lines and those that are not get proofs in the same tree.
func TestLinesAndOthersInOneSubmission(t *testing.T) {
	here, there := newPair(t, Options{})
	raws := [][]byte{
		registrytest.Content("alice", "one"), append(registrytest.Content("alice", "two"), '\r'),
		registrytest.Content("bob", "three"), append(registrytest.Content("bob", "four"), "\n "...),
	}
	envelopes, _ := statement.OpenBatch(raws)
	out, err := here.backend.submit(t.Context(), logserver.Fast, envelopes)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := tlog.OpenCheckpoint(out.Checkpoint, there.key)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range out.Entries {
		if err := tlog.VerifyInclusion(tlog.LeafHash(raws[i]), e.Index, c.Size, e.Proof, c.Root); err != nil || e.ID != envelopes[i].ID() {
			t.Errorf("%d: %+v, %v", i, e, err)
		}
	}
}

// A line that the log's own server refuses does not take the others with it.
func TestRefusalsOfTheLogsServerAreForTheirLines(t *testing.T) {
	here, _ := newPair(t, Options{Limits: Limits{IssuerBurst: 1, IssuerRate: 1}, Now: fixed})
	w := send(here, "POST", "/v1/statements?wait=fast", ndjsonType, lines(2)+string(registrytest.Content("bob", "hello")))
	list := answers(t, w.Body.String())
	if len(list) != 3 || list[0].Status != client.Recorded || list[1].Error == nil || list[1].Error.Code != "quota" || list[2].Status != client.Recorded {
		t.Errorf("%s", w.Body)
	}
}
