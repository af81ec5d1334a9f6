package tlog_test

import (
	"errors"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

func TestProofVerifiesUnderPolicy(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(1000)
	raw := log.Checkpoint(tlogtest.Cosigner("w.example/1"), tlogtest.Cosigner("w.example/2"))
	proof, err := tlog.ParseProof(log.Proof(617, raw).Marshal())
	if err != nil {
		t.Fatal(err)
	}
	leaf := tlog.LeafHash(log.Entry(617))
	v, err := proof.Verify(leaf, log.Policy(2, "w.example/1", "w.example/2", "w.example/3"))
	if err != nil || !v.Quorum || len(v.Cosigned) != 2 || !v.Cosigned[0].Time.Equal(tlogtest.Time) {
		t.Fatalf("%+v, %v", v, err)
	}
	if _, err = proof.Verify(leaf, log.Policy(3, "w.example/1", "w.example/2", "w.example/3")); !errors.Is(err, tlog.ErrQuorum) {
		t.Fatal(err)
	}
	sig, err := tlog.COSERootSignature(raw, log.Key())
	if err != nil || len(sig) != 64 {
		t.Fatal(err)
	}
}
