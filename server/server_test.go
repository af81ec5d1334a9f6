package server_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/logservertest"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/server"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// newServer returns a server over a new log, and a client of it.
func newServer(t *testing.T, o server.Options) (*server.Server, *client.Client, *logserver.Log) {
	t.Helper()
	reg, err := registry.Open(t.TempDir(), registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reg.Close() })
	log, _ := logservertest.New(t, logserver.Config{ScrubRate: -1}, logserver.Options{Index: reg})
	o.Log, o.Registry = log, reg
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, newClient(t, s), log
}

func newClient(t *testing.T, s *server.Server) *client.Client {
	t.Helper()
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	c, err := client.New(h.URL, client.Options{HTTP: h.Client(), Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkReceipt verifies that a receipt is of these bytes, in this log.
func checkReceipt(t *testing.T, text, envelope []byte, log tlog.Key) {
	t.Helper()
	list, err := receipt.Parse(text)
	if err != nil || len(list) != 1 {
		t.Fatalf("receipt %q: %v", text, err)
	}
	r := list[0]
	if !bytes.Equal(r.Envelope, envelope) {
		t.Errorf("the receipt is of %q", r.Envelope)
	}
	c, _, err := tlog.OpenCheckpoint(r.Proof.Checkpoint, log)
	if err == nil {
		err = tlog.VerifyInclusion(r.Leaf(), r.Proof.Index, c.Size, r.Proof.Hashes, c.Root)
	}
	if err != nil {
		t.Error(err)
	}
}

func TestStatementIsRecordedAndFound(t *testing.T) {
	_, c, log := newServer(t, server.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	raw := registrytest.Content("alice", "hello")
	sent, err := c.Submit(ctx, raw, client.Fast)
	if err != nil {
		t.Fatal(err)
	}
	if sent.Known {
		t.Error("known before it was sent")
	}
	checkReceipt(t, sent.Receipt, raw, log.Key())
	again, err := c.Submit(ctx, raw, client.Final)
	if err != nil {
		t.Fatal(err)
	}
	if !again.Known {
		t.Error("not known when it was sent again")
	}
	got, err := c.Receipt(ctx, statement.Sum(raw), client.ReceiptOptions{})
	if err != nil {
		t.Fatal(err)
	}
	checkReceipt(t, got, raw, log.Key())
	list, err := c.Statements(ctx, client.Query{Subject: statement.Sum([]byte("hello")).String()})
	if err != nil || len(list.Statements) != 1 || list.Statements[0].ID != statement.Sum(raw) {
		t.Errorf("found %+v, %v", list, err)
	}
}

func TestBatchGoesOnBesideBadLines(t *testing.T) {
	_, c, log := newServer(t, server.Options{})
	good := [][]byte{registrytest.Content("alice", "one"), registrytest.Content("bob", "two")}
	batch, err := c.SubmitBatch(t.Context(), [][]byte{good[0], []byte("{}"), good[1], good[0]}, client.Fast)
	if err != nil {
		t.Fatal(err)
	}
	var status []client.Status
	for _, l := range batch.Lines {
		status = append(status, l.Status)
	}
	if len(status) != 4 || status[0] == client.Refused || status[1] != client.Refused || status[2] != client.Recorded {
		t.Errorf("statuses are %q", status)
	}
	for i, raw := range map[int][]byte{0: good[0], 2: good[1], 3: good[0]} {
		r, err := batch.Receipt(i, raw)
		if err != nil {
			t.Fatal(err)
		}
		checkReceipt(t, receipt.Marshal(r), raw, log.Key())
	}
}
