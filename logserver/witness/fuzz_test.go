package witness

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// FuzzRequest sends a witness anything. It answers with a status of the protocol, and cosigns
// nothing but what the log has signed.
func FuzzRequest(f *testing.F) {
	log := tlogtest.New(origin).Grow(9)
	dir := newDir(f)
	w := open(f, dir, log)
	for _, size := range []uint64{0, 1, 4, 9} {
		f.Add(request(f, log, 0, size))
		f.Add(request(f, log, size, 9))
	}
	f.Add([]byte("old 0\n\n"))
	statuses := []int{200, 400, 403, 404, 409, 422}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := w.addCheckpoint(body)
		if !slices.Contains(statuses, got.status) {
			t.Fatalf("status %d: %s", got.status, got.body)
		}
		if got.status != http.StatusOK {
			return
		}
		a, err := tlog.ParseAddCheckpoint(body)
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := tlog.OpenCheckpoint(a.Checkpoint, log.Key())
		if err != nil || c.Root != log.Root(c.Size) {
			t.Fatalf("cosigned %+v, %v", c, err)
		}
	})
}

// answering is a witness in the place of a network.
type answering struct {
	status int
	body   []byte
}

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Body: io.NopCloser(bytes.NewReader(a.body)), Request: req}, nil
}

// FuzzAnswer sends a client anything. It takes nothing for a cosignature that is none.
func FuzzAnswer(f *testing.F) {
	log := tlogtest.New(origin).Grow(9)
	good, err := tlog.SignatureLine(tlogtest.Cosigner("w"), tlog.Checkpoint{Origin: origin, Size: 9, Root: log.Root(9)}.Text())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(200, []byte(good))
	f.Add(200, []byte(good+good))
	f.Add(200, []byte("— w AAAA\n"))
	f.Add(409, []byte("5\n"))
	f.Add(409, []byte("99999999999999999999\n"))
	f.Add(422, []byte{})
	policy, err := tlog.ParsePolicy([]byte("log " + log.Key().String() + "\nwitness w " +
		tlogtest.Cosigner("w").Key().String() + " http://w.invalid\nquorum w\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		c, err := NewClient(ClientOptions{
			Policy: policy, Prover: log.Prover(),
			HTTP: &http.Client{Transport: answering{status, body}},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, outcomes := ask(t, c, log.Checkpoint())
		if (outcomes[0].Err == nil) != (outcomes[0].Signature.Line != "") {
			t.Fatalf("%+v", outcomes[0])
		}
		if outcomes[0].Err == nil && (status != 200 || outcomes[0].Signature.Line != good) {
			t.Fatalf("took %q for a cosignature", body)
		}
	})
}
