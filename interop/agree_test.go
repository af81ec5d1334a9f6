package interop

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// The stock witness and ours give the same answers to the same requests, honest and not.
func TestWitnessesAgree(t *testing.T) {
	log := tlogtest.New(origin).Grow(40)
	fork := log.Fork(10)
	fork.Append([]byte("another past"))
	fork.Grow(29)
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		stock, ours := stockWitness(t, "w.example/stock", log), ourWitness(t, "w.example/ours", log)
		size := uint64(0) // what both have cosigned
		for step := range 60 {
			from, old, next := log, size, random.Uint64N(41)
			if random.IntN(4) == 0 {
				from = fork
			}
			// The stock witness takes any old size on trust when it has seen nothing yet.
			if random.IntN(3) == 0 && size > 0 {
				old = random.Uint64N(41)
			}
			req := tlog.AddCheckpoint{OldSize: old, Checkpoint: from.CheckpointAt(next)}
			if old <= next {
				var err error
				if req.Proof, err = from.Prover().Consistency(t.Context(), old, next); err != nil {
					t.Fatal(err)
				}
			}
			if len(req.Proof) > 0 && random.IntN(5) == 0 {
				req.Proof[0][0]++
			}
			theirs, text := post(t, stock.url, req.Marshal())
			our, ourText := post(t, ours.url, req.Marshal())
			if theirs == http.StatusConflict && text == "" {
				theirs = http.StatusUnprocessableEntity // how it says "another root" until v1.0.0
			}
			if our != theirs || our == http.StatusConflict && ourText != text {
				t.Fatalf("seed %d, step %d: %d to %d of %d: the stock witness says %d %q, ours %d %q",
					seed, step, old, next, size, theirs, text, our, ourText)
			}
			if our == http.StatusOK {
				size = next
			}
		}
	}
}

func post(t *testing.T, url string, body []byte) (int, string) {
	t.Helper()
	resp, err := http.Post(url+"/add-checkpoint", "text/plain", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}
