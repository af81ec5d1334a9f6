package logserver_test

import (
	"testing"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// A batch comes back with a proof for each statement, all under one signed checkpoint.
func TestAddProves(t *testing.T) {
	log, _ := logservertest.New(t, logserver.Config{}, logserver.Options{})
	envelopes := logservertest.NewAuthor(1).Open(300)
	batch, err := log.Add(t.Context(), logserver.Fast, envelopes...)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := tlog.OpenCheckpoint(batch.Checkpoint, log.Key())
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range batch.Entries {
		if e.Known || e.ID != envelopes[i].ID() {
			t.Errorf("entry %d: %+v", i, e)
		}
		leaf := tlog.LeafHash(envelopes[i].Raw())
		if err := tlog.VerifyInclusion(leaf, e.Index, c.Size, e.Proof, c.Root); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
	}
}
