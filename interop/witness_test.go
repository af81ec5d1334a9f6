package interop

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	formatsnote "github.com/transparency-dev/formats/note"
	stockclient "github.com/transparency-dev/witness/client/http"
	"github.com/transparency-dev/witness/config"
	"github.com/transparency-dev/witness/omniwitness"
	"github.com/transparency-dev/witness/persistence/inmemory"
	stock "github.com/transparency-dev/witness/witness"
	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"

	"github.com/wherefrom-network/wherefrom/logserver/witness"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

func TestMain(m *testing.M) {
	klog.LogToStderr(false) // the stock implementations tell everything they do
	klog.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	m.Run()
}

const origin = "example.org/log"

// peer is a running witness.
type peer struct {
	url string
	key tlog.Key
}

// stockWitness runs the OmniWitness for some logs, until the test ends.
func stockWitness(t *testing.T, name string, logs ...*tlogtest.Log) peer {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	skey, vkey := noteKey(t, name, seed)
	signer, err := formatsnote.NewSignerForCosignatureV1(skey)
	if err != nil {
		t.Fatal(err)
	}
	if vkey, err = formatsnote.VKeyToCosignatureV1(vkey); err != nil {
		t.Fatal(err)
	}
	key, err := tlog.ParseKey(vkey)
	if err != nil {
		t.Fatal(err)
	}
	store := inmemory.New()
	for _, l := range logs {
		v, err := note.NewVerifier(l.Key().String())
		if err != nil {
			t.Fatal(err)
		}
		c := config.Log{VKey: l.Key().String(), Verifier: v, Origin: string(l.Origin)}
		if err := store.AddLogs(t.Context(), []config.Log{c}); err != nil {
			t.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		ended <- omniwitness.Main(ctx, omniwitness.OperatorConfig{
			WitnessKeys: []note.Signer{signer}, WitnessVerifier: key, Logs: store,
		}, store, listener, http.DefaultClient)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return peer{"http://" + listener.Addr().String(), key}
}

// noteKey writes a key the way x/mod does.
func noteKey(t *testing.T, name string, seed [32]byte) (skey, vkey string) {
	t.Helper()
	s, err := tlog.NewLogSigner(tlog.Origin(name), tlogtest.PrivateKey(string(seed[:])))
	if err != nil {
		t.Fatal(err)
	}
	material := append([]byte{1}, tlogtest.PrivateKey(string(seed[:])).Seed()...)
	skey = fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, s.KeyHash(), base64.StdEncoding.EncodeToString(material))
	return skey, s.Key().String()
}

// ourWitness runs a witness of ours for some logs, until the test ends.
func ourWitness(t *testing.T, name string, logs ...*tlogtest.Log) peer {
	t.Helper()
	dir := t.TempDir()
	key, err := witness.Init(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	opts := witness.Options{Dir: dir}
	for _, l := range logs {
		opts.Logs = append(opts.Logs, tlog.LogEntry{Key: l.Key()})
	}
	w, err := witness.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(w)
	t.Cleanup(func() {
		srv.Close()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return peer{srv.URL, key}
}

// policy is the text of a policy in which all witnesses must cosign a log.
func policy(key tlog.Key, witnesses ...peer) string {
	text, names := "log "+key.String()+"\n", ""
	for i, w := range witnesses {
		text += fmt.Sprintf("witness w%d %s %s\n", i, w.key, w.url)
		names += fmt.Sprintf(" w%d", i)
	}
	return text + "group everybody all" + names + "\nquorum everybody\n"
}

func newClient(t *testing.T, log *tlogtest.Log, witnesses ...peer) (*witness.Client, *tlog.Policy) {
	t.Helper()
	p, err := tlog.ParsePolicy([]byte(policy(log.Key(), witnesses...)))
	if err != nil {
		t.Fatal(err)
	}
	c, err := witness.NewClient(witness.ClientOptions{Policy: p, Prover: log.Prover()})
	if err != nil {
		t.Fatal(err)
	}
	return c, p
}

// Our client has a log cosigned by stock witnesses and by one of ours, as it grows.
func TestOurClientAndStockWitnesses(t *testing.T) {
	log := tlogtest.New(origin)
	witnesses := []peer{stockWitness(t, "stock.example/1", log), stockWitness(t, "stock.example/2", log), ourWitness(t, "our.example/1", log)}
	c, p := newClient(t, log, witnesses...)
	for _, grow := range []int{0, 1, 1, 5, 249, 1, 1000} {
		log.Grow(grow)
		r, err := c.Ask(t.Context(), log.Checkpoint())
		if err != nil {
			t.Fatal(err)
		}
		raw, err := r.Quorum(t.Context())
		if err != nil {
			t.Fatalf("%d entries: %v", log.Size(), err)
		}
		if v, err := p.Check(raw); err != nil || len(v.Cosigned) != 3 {
			t.Errorf("%+v, %v", v, err)
		}
	}
	// A log that starts again asks them what they know, and they know the same.
	again, _ := newClient(t, log, witnesses...)
	if outcomes, err := again.Probe(t.Context(), log.Checkpoint()); err != nil {
		t.Error(err)
	} else {
		for _, o := range outcomes {
			if o.Err != nil {
				t.Error(o.Err)
			}
		}
	}
}

// A log that was rolled back, emptied or changed learns it from a stock witness as from ours.
func TestConflictsWithStockWitnesses(t *testing.T) {
	log := tlogtest.New(origin).Grow(20)
	fork := log.Fork(10)
	fork.Append([]byte("another past"))
	fork.Grow(9)
	longer := log.Fork(10)
	longer.Append([]byte("another past"))
	longer.Grow(30)
	stranger := tlogtest.New("example.org/stranger").Grow(20)
	impostor, err := tlog.NewLogSigner(origin, tlogtest.PrivateKey("impostor"))
	if err != nil {
		t.Fatal(err)
	}
	stolen := log.Fork(20)
	stolen.Signer = impostor
	for _, kind := range []struct {
		name string
		run  func(*testing.T, string, ...*tlogtest.Log) peer
	}{{"stock", stockWitness}, {"ours", ourWitness}} {
		for _, c := range []struct {
			name string
			log  *tlogtest.Log
			now  uint64
			want error
		}{
			{"unchanged", log, 20, nil},
			{"rolled back", log, 12, witness.ErrWitnessAhead},
			{"emptied", log, 0, witness.ErrWitnessAhead},
			{"changed", fork, 20, witness.ErrWitnessForked},
			{"changed and grown", longer, 41, witness.ErrWitnessForked},
			{"not watched", stranger, 20, &witness.RefusedError{Status: 404}},
			{"under another key", stolen, 20, &witness.RefusedError{Status: 403}},
		} {
			if kind.name == "stock" && c.name == "under another key" {
				c.want = &witness.RefusedError{Status: 500} // against the protocol, which says 403
			}
			t.Run(kind.name+"/"+c.name, func(t *testing.T) {
				w := kind.run(t, "w.example/1", log)
				first, _ := newClient(t, log, w)
				if r, err := first.Ask(t.Context(), log.CheckpointAt(20)); err != nil {
					t.Fatal(err)
				} else if _, err := r.Quorum(t.Context()); err != nil {
					t.Fatal(err)
				}
				client, _ := newClient(t, c.log, w)
				outcomes, err := client.Probe(t.Context(), c.log.CheckpointAt(c.now))
				if wanted, ok := errors.AsType[*witness.RefusedError](c.want); ok {
					got, ok := errors.AsType[*witness.RefusedError](outcomes[0].Err)
					if err != nil || !ok || got.Status != wanted.Status {
						t.Errorf("%v, %v; want status %d", err, outcomes[0].Err, wanted.Status)
					}
				} else if !errors.Is(err, c.want) || c.want == nil && outcomes[0].Err != nil {
					t.Errorf("%v, %v; want %v", err, outcomes[0].Err, c.want)
				}
			})
		}
	}
}

// The stock witness's own client understands every answer of our witness.
func TestStockClientAndOurWitness(t *testing.T) {
	log := tlogtest.New(origin).Grow(20)
	fork := log.Fork(3)
	fork.Append([]byte("another past"))
	fork.Grow(30)
	stranger := tlogtest.New("example.org/stranger").Grow(3)
	w := ourWitness(t, "our.example/1", log)
	u, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	client := stockclient.NewWitness(u, http.DefaultClient)
	for _, c := range []struct {
		name      string
		log       *tlogtest.Log
		old, size uint64
		want      error
		told      uint64
	}{
		{"first", log, 0, 7, nil, 0},
		{"first again", log, 0, 7, stock.ErrCheckpointStale, 7},
		{"grown", log, 7, 20, nil, 0},
		{"same", log, 20, 20, nil, 0},
		{"older", log, 7, 9, stock.ErrCheckpointStale, 20},
		{"fork", fork, 20, 30, stock.ErrInvalidProof, 0},
		{"unknown log", stranger, 0, 3, stock.ErrUnknownLog, 0},
		{"old size too large", log, 20, 19, stock.ErrOldSizeInvalid, 0},
	} {
		var proof [][]byte
		if c.old <= c.size {
			hashes, err := c.log.Prover().Consistency(t.Context(), c.old, c.size)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range hashes {
				proof = append(proof, h[:])
			}
		}
		raw := c.log.CheckpointAt(c.size)
		sigs, told, err := client.Update(t.Context(), c.old, raw, proof)
		if !errors.Is(err, c.want) || told != c.told {
			t.Errorf("%s: %v, %d; want %v, %d", c.name, err, told, c.want, c.told)
		}
		if err != nil {
			continue
		}
		v, err := formatsnote.NewVerifierForCosignatureV1(w.key.String())
		if err != nil {
			t.Fatal(err)
		}
		if n, err := note.Open(append(raw, sigs...), note.VerifierList(v)); err != nil || len(n.Sigs) != 1 {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
