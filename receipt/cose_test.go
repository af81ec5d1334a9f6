package receipt_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/veraison/go-cose"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// TestCOSEReceiptVerifiesElsewhere checks our receipts as somebody would who has never heard of
// us: the message with veraison/go-cose, the proof with transparency-dev/merkle.
func TestCOSEReceiptVerifiesElsewhere(t *testing.T) {
	log := tlogtest.New("example.org/log")
	for size := uint64(1); size <= 40; size++ {
		log.Grow(1)
		for index := range size {
			r := receipttest.At(log, index, size, tlogtest.Time, "w1")
			raw, err := r.COSE()
			if err != nil {
				t.Fatal(err)
			}
			checkElsewhere(t, raw, log.Key(), r.Leaf(), index, size)
			gotSize, gotIndex, err := receipt.VerifyCOSE(raw, r.Leaf(), log.Key())
			if err != nil || gotSize != size || gotIndex != index {
				t.Errorf("entry %d of %d: got %d of %d, %v", index, size, gotIndex, gotSize, err)
			}
		}
	}
}

func checkElsewhere(t *testing.T, raw []byte, log tlog.Key, leaf tlog.Hash, index, size uint64) {
	t.Helper()
	var message cose.Sign1Message
	if err := message.UnmarshalCBOR(raw); err != nil {
		t.Fatalf("entry %d of %d: %v", index, size, err)
	}
	if vds := message.Headers.Protected[int64(395)]; vds != int64(1) {
		t.Fatalf("verifiable data structure is %v", vds)
	}
	proofs := message.Headers.Unprotected[int64(396)].(map[any]any)[int64(-1)].([]any)
	var inclusion []any
	if err := cbor.Unmarshal(proofs[0].([]byte), &inclusion); err != nil {
		t.Fatal(err)
	}
	if inclusion[0] != size || inclusion[1] != index {
		t.Fatalf("proof is for entry %v of %v, want %d of %d", inclusion[1], inclusion[0], index, size)
	}
	var path [][]byte
	for _, hash := range inclusion[2].([]any) {
		path = append(path, hash.([]byte))
	}
	root, err := proof.RootFromInclusionProof(rfc6962.DefaultHasher, index, size, leaf[:], path)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := cose.NewVerifier(cose.AlgorithmEdDSA, log.Public())
	if err != nil {
		t.Fatal(err)
	}
	message.Payload = root
	if err := message.Verify(nil, verifier); err != nil {
		t.Errorf("entry %d of %d: %v", index, size, err)
	}
}

// TestVerifyCOSEReadsForeignReceipts makes a receipt with go-cose, with a key id in its header.
func TestVerifyCOSEReadsForeignReceipts(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(7)
	r := receipttest.At(log, 4, 7, tlogtest.Time)
	foreign := func(change func(*cose.Headers)) []byte {
		var path [][]byte
		for _, h := range r.Proof.Hashes {
			path = append(path, h[:])
		}
		inclusion, err := cbor.Marshal([]any{7, 4, path})
		if err != nil {
			t.Fatal(err)
		}
		message := cose.Sign1Message{Headers: cose.Headers{
			Protected:   cose.ProtectedHeader{cose.HeaderLabelAlgorithm: cose.AlgorithmEdDSA, int64(395): 1, cose.HeaderLabelKeyID: []byte("key 1")},
			Unprotected: cose.UnprotectedHeader{int64(396): map[any]any{-1: []any{inclusion}}},
		}}
		change(&message.Headers)
		root := log.Root(7)
		message.Payload = root[:]
		signer, err := cose.NewSigner(cose.AlgorithmEdDSA, tlogtest.PrivateKey("example.org/log"))
		if err != nil {
			t.Fatal(err)
		}
		if err := message.Sign(nil, nil, signer); err != nil {
			t.Fatal(err)
		}
		message.Payload = nil
		raw, err := message.MarshalCBOR()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	raw := foreign(func(*cose.Headers) {})
	if size, index, err := receipt.VerifyCOSE(raw, r.Leaf(), log.Key()); err != nil || size != 7 || index != 4 {
		t.Errorf("got %d, %d, %v", size, index, err)
	}
	for story, change := range map[string]func(*cose.Headers){
		"another data structure": func(h *cose.Headers) { h.Protected[int64(395)] = 2 },
		"none":                   func(h *cose.Headers) { delete(h.Protected, int64(395)) },
		"a critical header":      func(h *cose.Headers) { h.Protected[cose.HeaderLabelCritical] = []any{int64(395)} },
		"no proof":               func(h *cose.Headers) { h.Unprotected[int64(396)] = map[any]any{-1: []any{}} },
		"a consistency proof":    func(h *cose.Headers) { h.Unprotected[int64(396)] = map[any]any{-2: []any{[]byte{0x83}}} },
		"a proof that is none":   func(h *cose.Headers) { h.Unprotected[int64(396)] = map[any]any{-1: []any{[]byte{0x83}}} },
	} {
		if _, _, err := receipt.VerifyCOSE(foreign(change), r.Leaf(), log.Key()); !errors.Is(err, receipt.ErrCOSE) {
			t.Errorf("%s: got %v, want ErrCOSE", story, err)
		}
	}
}

func TestVerifyCOSERefuses(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(20)
	r := receipttest.At(log, 11, 20, tlogtest.Time)
	raw, err := r.COSE()
	if err != nil {
		t.Fatal(err)
	}
	leaf := r.Leaf()
	if _, _, err := receipt.VerifyCOSE(raw, tlog.LeafHash([]byte("another")), log.Key()); !errors.Is(err, receipt.ErrCOSEProof) {
		t.Errorf("another entry: %v", err)
	}
	if _, _, err := receipt.VerifyCOSE(raw, leaf, tlogtest.New("example.org/other").Key()); !errors.Is(err, receipt.ErrCOSEProof) {
		t.Errorf("another log: %v", err)
	}
	if _, _, err := receipt.VerifyCOSE(make([]byte, 65<<10), leaf, log.Key()); !errors.Is(err, receipt.ErrCOSE) {
		t.Errorf("too large: %v", err)
	}
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		size, index, err := receipt.VerifyCOSE(changed, leaf, log.Key())
		// The root does not say how large its tree is, so neither does a COSE receipt: where the
		// path turns the same way, another size or index passes. The checkpoint binds them.
		if err == nil && size == 20 && index == 11 {
			t.Errorf("byte %d was changed, and nobody noticed", i)
		}
		if _, _, err := receipt.VerifyCOSE(raw[:i], leaf, log.Key()); err == nil {
			t.Errorf("cut at byte %d, and nobody noticed", i)
		}
	}
}

func TestCOSENeedsTheLogsSignature(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(20)
	r := receipttest.At(log, 3, 20, tlogtest.Time)
	unnamed := *r
	unnamed.Log = tlog.Key{}
	if _, err := unnamed.COSE(); !errors.Is(err, receipt.ErrNoCOSERoot) {
		t.Errorf("without a log line: %v", err)
	}
	c, err := tlog.UnverifiedCheckpoint(r.Proof.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	plain := *r
	if plain.Proof.Checkpoint, err = c.Sign(log.Signer); err != nil {
		t.Fatal(err)
	}
	if _, err := plain.COSE(); !errors.Is(err, receipt.ErrNoCOSERoot) {
		t.Errorf("without a COSE line: %v", err)
	}
	stranger := *r
	stranger.Log = tlogtest.New("example.org/other").Key()
	if _, err := stranger.COSE(); err == nil {
		t.Error("with another log's key it was exported")
	}
}

func FuzzVerifyCOSE(f *testing.F) {
	log := tlogtest.New("example.org/log").Grow(20)
	r := receipttest.At(log, 11, 20, tlogtest.Time)
	raw, err := r.COSE()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _, _ = receipt.VerifyCOSE(raw, r.Leaf(), log.Key())
	})
}
