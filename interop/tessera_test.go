package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"

	"github.com/wherefrom-network/wherefrom/logserver/witness"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// tesseraLog is a log run by Tessera alone, in a directory, with nothing of ours but the formats.
type tesseraLog struct {
	*tessera.Appender
	tessera.LogReader
	shutdown func(context.Context) error
	await    *tessera.PublicationAwaiter
}

// startTessera runs a log whose checkpoints are published when the policy's witnesses have
// cosigned them.
func startTessera(t *testing.T, dir string, log *tlogtest.Log, policy string, open bool) *tesseraLog {
	t.Helper()
	ctx := t.Context()
	group, err := tessera.NewWitnessGroupFromPolicy([]byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(log.Signer, log.COSE).
		WithBatching(16, 10*time.Millisecond).
		WithCheckpointInterval(100*time.Millisecond).
		WithWitnesses(group, &tessera.WitnessOptions{FailOpen: open}))
	if err != nil {
		t.Fatal(err)
	}
	await := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 10*time.Millisecond)
	return &tesseraLog{appender, reader, shutdown, await}
}

// add appends entries and waits until a published checkpoint covers them.
func (l *tesseraLog) add(t *testing.T, entries ...string) (indices []uint64, checkpoint []byte) {
	t.Helper()
	for _, e := range entries {
		i, raw, err := l.await.Await(t.Context(), l.Add(t.Context(), tessera.NewEntry([]byte(e))))
		if err != nil {
			t.Fatal(err)
		}
		indices, checkpoint = append(indices, i.Index), raw
	}
	return indices, checkpoint
}

// Tessera's own witness client has its log cosigned by our witnesses; the checkpoints it publishes
// satisfy the policy as we read it, and our prover builds proofs from its tiles.
func TestTesseraAndOurWitnesses(t *testing.T) {
	log := tlogtest.New("example.org/tessera") // its keys only
	text := policy(log.Key(), ourWitness(t, "our.example/1", log), ourWitness(t, "our.example/2", log))
	p, err := tlog.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for run := range 2 { // the second time, its client must ask for the sizes
		l := startTessera(t, dir, log, p.String(), false)
		for range 2 {
			entry := fmt.Sprintf("entry of run %d", run)
			indices, raw := l.add(t, entry+", first", entry+", second")
			v, err := p.Check(raw)
			if err != nil || len(v.Cosigned) != 2 {
				t.Fatalf("%+v, %v\n%s", v, err, raw)
			}
			if _, err := tlog.COSERootSignature(raw, log.Key()); err != nil {
				t.Error(err)
			}
			checkProof(t, l.LogReader, p, raw, indices[1], entry+", second")
		}
		if err := l.shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func checkProof(t *testing.T, tiles tlog.TileReader, p *tlog.Policy, raw []byte, index uint64, entry string) {
	t.Helper()
	c, err := tlog.UnverifiedCheckpoint(raw)
	if err != nil {
		t.Fatal(err)
	}
	hashes, err := tlog.NewProver(tiles, 0).Inclusion(t.Context(), index, c.Size)
	if err != nil {
		t.Fatal(err)
	}
	proof := tlog.Proof{Index: index, Hashes: hashes, Checkpoint: raw}
	if _, err := proof.Verify(tlog.LeafHash([]byte(entry)), p); err != nil {
		t.Error(err)
	}
}

// Two Tessera logs with one key, as after a restored backup: our witness cosigns only the one it
// saw first, and our client, asked about the other, says so.
func TestTesseraThatForked(t *testing.T) {
	log := tlogtest.New("example.org/tessera")
	w := ourWitness(t, "our.example/1", log)
	text := policy(log.Key(), w)
	first := startTessera(t, t.TempDir(), log, text, false)
	first.add(t, "a", "b", "c")
	second := startTessera(t, t.TempDir(), log, text, true) // publishes without witnesses too
	_, raw := second.add(t, "another past", "b", "c", "d", "e")
	if bytes.Contains(raw, []byte("— our.example/1 ")) {
		t.Errorf("our witness has cosigned a fork:\n%s", raw)
	}
	p, err := tlog.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	client, err := witness.NewClient(witness.ClientOptions{Policy: p, Prover: tlog.NewProver(second.LogReader, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Probe(t.Context(), raw); !errors.Is(err, witness.ErrWitnessForked) {
		t.Error(err)
	}
	for _, l := range []*tesseraLog{first, second} {
		if err := l.shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
