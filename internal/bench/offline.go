package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/verify"
)

const (
	receiptBytes = 3500                   // at most, with the witnesses
	verifyTime   = 300 * time.Microsecond // of CPU at most, after the file's own hash
	treeDepth    = 30                     // hashes of the proof: a log of a thousand million statements
	witnesses    = 5
)

// sample is one receipt from a log of 2^30 statements, with what a reader needs to check it.
type sample struct {
	text   []byte
	digest statement.Digest
	size   int64
	policy *tlog.Policy
	at     time.Time
	keys   []ed25519.PublicKey // of the log, then of its witnesses
}

// benchOffline measures the size of a receipt and what it costs to check it, against the same
// signatures and the same path checked by others' code with nothing around them.
func benchOffline(ctx context.Context, set settings) ([]row, error) {
	s, err := makeSample()
	if err != nil {
		return nil, err
	}
	ours, err := inChild(ctx, 1, "verify-ours", set.verifyFor.String())
	if err != nil {
		return nil, err
	}
	peer, err := inChild(ctx, 1, "verify-peer", set.verifyFor.String())
	if err != nil {
		return nil, err
	}
	return []row{
		{
			what:     fmt.Sprintf("receipt from a log of 2^%d, %d witnesses", treeDepth, witnesses),
			measured: fmt.Sprintf("%s bytes", grouped(len(s.text))),
			bar:      fmt.Sprintf("≤ %s bytes", grouped(receiptBytes)), kept: len(s.text) <= receiptBytes,
		},
		{
			what: "reading and checking it offline, CPU", measured: micros(ours.each()),
			bar: "≤ " + micros(verifyTime), kept: ours.each() <= verifyTime,
			peer:  fmt.Sprintf("crypto/ed25519 × %d and transparency-dev/merkle: %s", witnesses+2, micros(peer.each())),
			ratio: ratio(float64(ours.each()), float64(peer.each())),
		},
	}, nil
}

// makeSample puts a statement into a log of which only the path to it exists: the proof is as long,
// and costs as much, as in a log of 2^30 statements.
func makeSample() (*sample, error) {
	file := statement.Sum([]byte("a picture that nobody took"))
	signer, err := statement.NewSigner(testKey("issuer"))
	if err != nil {
		return nil, err
	}
	s := &sample{digest: file, size: 4_000_000, at: time.Date(2026, 11, 22, 12, 5, 0, 0, time.UTC)}
	st, err := statement.New(&statement.Content{
		Issuer: signer.Issuer(), IssuedAt: s.at.Add(-time.Minute), MediaType: "image/jpeg", Size: s.size, Title: "photo.jpg",
		Made:              "Taken by hand with a camera; colours and crop were changed afterwards.",
		DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
	}, statement.NewSubject(file, ""))
	if err != nil {
		return nil, err
	}
	raw, err := statement.Sign(st, signer)
	if err != nil {
		return nil, err
	}
	index := uint64(0x2a5c3d71) & (1<<treeDepth - 1)
	hashes, root := path(tlog.LeafHash(raw), index)
	signed, log, err := s.sign(tlog.Checkpoint{Origin: "log.example.org/bench", Size: 1 << treeDepth, Root: root})
	if err != nil {
		return nil, err
	}
	s.text = receipt.Marshal(&receipt.Receipt{
		Log: log, Envelope: raw, Proof: tlog.Proof{Index: index, Hashes: hashes, Checkpoint: signed},
	})
	return s, nil
}

// testKey makes a key that everybody can make: it protects nothing.
func testKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("bench " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// path makes up the neighbours of a leaf, and gives the root that they lead to.
func path(leaf tlog.Hash, index uint64) (hashes []tlog.Hash, root tlog.Hash) {
	root = leaf
	for level := range treeDepth {
		neighbour := tlog.Hash(sha256.Sum256([]byte{byte(level)}))
		hashes = append(hashes, neighbour)
		if index>>level&1 == 1 {
			root = tlog.NodeHash(neighbour, root)
		} else {
			root = tlog.NodeHash(root, neighbour)
		}
	}
	return hashes, root
}

// sign signs the checkpoint as a log and its witnesses do, and writes the policy that asks for most of them.
func (s *sample) sign(c tlog.Checkpoint) (signed []byte, log tlog.Key, err error) {
	logSigner, err := tlog.NewLogSigner(c.Origin, testKey("log"))
	if err != nil {
		return nil, tlog.Key{}, err
	}
	root, err := tlog.NewCOSERootSigner(c.Origin, testKey("log"))
	if err != nil {
		return nil, tlog.Key{}, err
	}
	log = logSigner.Key()
	signers := []note.Signer{logSigner, root}
	s.keys = append(s.keys, log.Public())
	policy := fmt.Sprintf("log %s\n", log)
	group := fmt.Sprintf("group all %d", witnesses/2+1)
	for i := range witnesses {
		name := fmt.Sprintf("witness%d.example.org", i)
		w, err := tlog.NewCosigner(name, testKey(name), func() time.Time { return s.at })
		if err != nil {
			return nil, tlog.Key{}, err
		}
		signers = append(signers, w)
		s.keys = append(s.keys, w.Key().Public())
		policy += fmt.Sprintf("witness w%d %s\n", i, w.Key())
		group += fmt.Sprintf(" w%d", i)
	}
	if s.policy, err = tlog.ParsePolicy([]byte(policy + group + "\nquorum all\n")); err != nil {
		return nil, tlog.Key{}, err
	}
	signed, err = c.Sign(signers...)
	return signed, log, err
}

// verifyOurs reads the receipt and answers for the file, again and again.
func verifyOurs(_ context.Context, args []string) (measured, error) {
	s, err := makeSample()
	if err != nil {
		return measured{}, err
	}
	trust := verify.Trust{Policies: []verify.NamedPolicy{{Name: "bench", Policy: s.policy}}}
	return repeat(args[0], func() error {
		receipts, err := receipt.Parse(s.text)
		if err != nil {
			return err
		}
		answer := verify.Check(verify.Input{Digest: s.digest, Size: s.size, Name: "photo.jpg", Receipts: receipts, Trust: trust, At: s.at})
		if answer.Verdict != verify.Shown || !answer.Statements[0].Log.Quorum || len(answer.Statements[0].Log.Witnesses) != witnesses {
			return fmt.Errorf("the sample is not shown to be so: %s: %s", answer.Code, answer.Summary)
		}
		return nil
	})
}

// verifyPeer checks the same signatures and the same path, with everything parsed beforehand.
func verifyPeer(_ context.Context, args []string) (measured, error) {
	s, err := makeSample()
	if err != nil {
		return measured{}, err
	}
	receipts, err := receipt.Parse(s.text)
	if err != nil {
		return measured{}, err
	}
	r := receipts[0]
	checks, err := s.bareSignatures(r)
	if err != nil {
		return measured{}, err
	}
	var hashes [][]byte
	for _, h := range r.Proof.Hashes {
		hashes = append(hashes, h[:])
	}
	c, err := tlog.UnverifiedCheckpoint(r.Proof.Checkpoint)
	if err != nil {
		return measured{}, err
	}
	return repeat(args[0], func() error {
		for _, check := range checks {
			if !ed25519.Verify(check.key, check.message, check.sig) {
				return errors.New("a signature of the sample does not verify")
			}
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(r.Envelope)
		return proof.VerifyInclusion(rfc6962.DefaultHasher, r.Proof.Index, c.Size, leaf, hashes, c.Root[:])
	})
}

// bare is one Ed25519 signature with nothing around it.
type bare struct {
	key          ed25519.PublicKey
	message, sig []byte
}

// bareSignatures takes the signatures of the statement, the log and its witnesses out of the receipt.
func (s *sample) bareSignatures(r *receipt.Receipt) ([]bare, error) {
	envelope, err := statement.Open(r.Envelope)
	if err != nil {
		return nil, err
	}
	payload := envelope.Payload()
	pae := fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(statement.PayloadType), statement.PayloadType, len(payload), payload)
	checks := []bare{{testKey("issuer").Public().(ed25519.PublicKey), pae, envelope.Signatures()[0].Bytes}}
	text, lines, _ := strings.Cut(string(r.Proof.Checkpoint), "\n\n")
	text += "\n"
	next := 0
	for line := range strings.Lines(lines) {
		fields := strings.Fields(line)
		raw, err := base64.StdEncoding.DecodeString(fields[2])
		if err != nil {
			return nil, err
		}
		switch len(raw) {
		case 4 + ed25519.SignatureSize:
			if next == 0 { // the log's own; the line after it is for COSE
				checks = append(checks, bare{s.keys[0], []byte(text), raw[4:]})
				next = 1
			}
		case 4 + 8 + ed25519.SignatureSize:
			message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", s.at.Unix(), text)
			checks = append(checks, bare{s.keys[next], []byte(message), raw[12:]})
			next++
		}
	}
	if len(checks) != witnesses+2 {
		return nil, fmt.Errorf("the sample has %d signatures to check, not %d", len(checks), witnesses+2)
	}
	return checks, nil
}

// repeat does something for a while and says what it cost.
func repeat(length string, do func() error) (measured, error) {
	enough, err := time.ParseDuration(length)
	if err != nil {
		return measured{}, err
	}
	for range 100 {
		if err := do(); err != nil {
			return measured{}, err
		}
	}
	m := startMeter()
	count := 0
	for time.Since(m.began) < enough {
		for range 50 {
			if err := do(); err != nil {
				return measured{}, err
			}
		}
		count += 50
	}
	return m.stop(count, 0), nil
}
