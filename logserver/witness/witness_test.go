package witness

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// newWitness makes and serves a witness that watches a log, and returns the policy line of it.
func newWitness(t *testing.T, name string, log *tlogtest.Log) (*Witness, string) {
	t.Helper()
	dir := t.TempDir()
	if _, err := Init(dir, name); err != nil {
		t.Fatal(err)
	}
	w, err := Open(Options{Dir: dir, Logs: []tlog.LogEntry{{Key: log.Key()}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	return w, "witness " + name + " " + w.Key().String() + " " + srv.URL + "\n"
}

func TestLogIsCosigned(t *testing.T) {
	ctx := context.Background()
	log := tlogtest.New("example.org/log").Grow(300)
	_, w1 := newWitness(t, "w1", log)
	_, w2 := newWitness(t, "w2", log)
	policy, err := tlog.ParsePolicy([]byte("log " + log.Key().String() + "\n" + w1 + w2 + "group g all w1 w2\nquorum g\n"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewClient(ClientOptions{Policy: policy, Prover: log.Prover()})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		r, err := c.Ask(ctx, log.Checkpoint())
		if err != nil {
			t.Fatal(err)
		}
		final, err := r.Quorum(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := policy.Check(final); err != nil || len(v.Cosigned) != 2 {
			t.Fatal(v, err)
		}
		log.Grow(100)
	}
}
