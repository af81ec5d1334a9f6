package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// fake is a witness whose answers a test decides. Its key is that of tlogtest.Cosigner(name).
type fake struct {
	name string
	http.HandlerFunc
}

// honest answers as a witness should that has seen nothing yet and keeps nothing.
func honest(name string) fake {
	return fake{name, func(rw http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(rw, cosign(name, req))
	}}
}

// cosign signs whatever is asked for.
func cosign(name string, req *http.Request) string {
	body, _ := io.ReadAll(req.Body)
	a, err := tlog.ParseAddCheckpoint(body)
	if err != nil {
		return err.Error()
	}
	c, err := tlog.UnverifiedCheckpoint(a.Checkpoint)
	if err != nil {
		return err.Error()
	}
	line, err := tlog.SignatureLine(tlogtest.Cosigner(name), c.Text())
	if err != nil {
		return err.Error()
	}
	return line
}

func answers(name string, status int, body string) fake {
	return fake{name, func(rw http.ResponseWriter, req *http.Request) {
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, body)
	}}
}

// newClient makes a client of a log that asks some witnesses, of which threshold must cosign.
func newClient(t *testing.T, log *tlogtest.Log, threshold int, witnesses ...fake) *Client {
	t.Helper()
	text := "log " + log.Key().String() + "\n"
	group := fmt.Sprintf("group all-of-them %d", threshold)
	for i, f := range witnesses {
		srv := httptest.NewServer(f)
		t.Cleanup(srv.Close)
		text += fmt.Sprintf("witness w%d %s %s\n", i, tlogtest.Cosigner(f.name).Key(), srv.URL)
		group += fmt.Sprintf(" w%d", i)
	}
	if threshold > 0 {
		text += group + "\nquorum all-of-them\n"
	} else {
		text += "quorum none\n"
	}
	return clientOf(t, log, text)
}

func clientOf(t *testing.T, log *tlogtest.Log, policy string) *Client {
	t.Helper()
	p, err := tlog.ParsePolicy([]byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewClient(ClientOptions{Policy: p, Prover: log.Prover(), HTTP: newHTTPClient()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.opts.HTTP.CloseIdleConnections)
	return c
}

// ask has a checkpoint cosigned and waits for every witness.
func ask(t *testing.T, c *Client, raw []byte) (*Round, []Outcome) {
	t.Helper()
	r, err := c.Ask(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	outcomes, err := r.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r, outcomes
}

func TestLogIsCosignedAsItGrows(t *testing.T) {
	log := tlogtest.New(origin).Grow(3)
	w := open(t, newDir(t), log)
	requests := 0
	c := newClient(t, log, 1, fake{"w.example/1", func(rw http.ResponseWriter, req *http.Request) {
		requests++
		w.ServeHTTP(rw, req)
	}})
	for range 5 {
		r, err := c.Ask(t.Context(), log.Checkpoint())
		if err != nil {
			t.Fatal(err)
		}
		final, err := r.Quorum(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v, err := c.opts.Policy.Check(final); err != nil || v.Checkpoint.Size != log.Size() || !v.Cosigned[0].Time.Equal(tlogtest.Time) {
			t.Errorf("%+v, %v", v, err)
		}
		log.Grow(100)
	}
	if requests != 5 {
		t.Errorf("%d requests for 5 checkpoints: the client does not remember sizes", requests)
	}
	// A client that starts anew learns the size from the witness, in one more request.
	again := clientOf(t, log, c.opts.Policy.String())
	if _, outcomes := ask(t, again, log.Checkpoint()); outcomes[0].Err != nil || requests != 7 {
		t.Errorf("%v after %d requests", outcomes[0].Err, requests)
	}
}

// Each way in which a witness can fail has its own error, and none keeps another from cosigning.
func TestBadWitnesses(t *testing.T) {
	log := tlogtest.New(origin).Grow(50)
	fork := log.Fork(20)
	fork.Append([]byte("another past"))
	fork.Grow(29)
	larger := log.Fork(50).Grow(10)
	stall := make(chan struct{})
	defer close(stall)
	zero := tlogtest.CosignerAt("w.example/bad", func() time.Time { return time.Unix(0, 0) })
	timeless, err := tlog.SignatureLine(zero, tlog.Checkpoint{Origin: origin, Size: 50, Root: log.Root(50)}.Text())
	if err != nil {
		t.Fatal(err)
	}
	other, err := tlog.SignatureLine(tlogtest.Cosigner("w.example/bad"), tlog.Checkpoint{Origin: origin, Size: 50, Root: fork.Root(50)}.Text())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	shows := func(status int, body string, shown []byte) http.HandlerFunc {
		return func(rw http.ResponseWriter, req *http.Request) {
			if req.Method == http.MethodGet {
				_, _ = rw.Write(shown)
				return
			}
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, body)
		}
	}
	bad := func(h http.HandlerFunc) fake { return fake{"w.example/bad", h} }

	for _, c := range []struct {
		name string
		fake fake
		want error
		text string
	}{
		{"garbage", answers("w.example/bad", 200, "hello"), ErrWitnessAnswer, ""},
		{"nothing", answers("w.example/bad", 200, ""), ErrWitnessSignature, ""},
		{"more than signatures", answers("w.example/bad", 200, "\n"+other), ErrWitnessSignature, ""},
		{"signature of another witness", honest("w.example/stranger"), ErrWitnessSignature, ""},
		{"signature of another tree", answers("w.example/bad", 200, other), ErrWitnessSignature, ""},
		{"signature without a time", answers("w.example/bad", 200, timeless), ErrWitnessAnswer, "without a time"},
		{"endless answer", bad(func(rw http.ResponseWriter, req *http.Request) {
			for req.Context().Err() == nil {
				if _, err := rw.Write(make([]byte, 4096)); err != nil {
					return
				}
			}
		}), ErrWitnessAnswer, "more than"},
		{"broken connection", bad(func(rw http.ResponseWriter, req *http.Request) { panic(http.ErrAbortHandler) }), ErrWitnessUnreachable, ""},
		{"answer that stops in the middle", bad(func(rw http.ResponseWriter, req *http.Request) {
			rw.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(rw, "— ")
		}), ErrWitnessUnreachable, ""},
		{"redirect", bad(func(rw http.ResponseWriter, req *http.Request) {
			http.Redirect(rw, req, "http://x.invalid/", http.StatusTemporaryRedirect)
		}), nil, "status 307"},
		{"it does not watch the log", answers("w.example/bad", 404, "no"), nil, "status 404: it does not watch this log"},
		{"it knows another key", answers("w.example/bad", 403, "no"), nil, "status 403"},
		{"it cannot read", answers("w.example/bad", 400, "no"), nil, "status 400"},
		{"it is broken", answers("w.example/bad", 500, "disk \x1b[31mfull\nmore"), nil, `status 500: disk \x1b[31mfull`},
		{"conflict without a size", answers("w.example/bad", 409, "<html>"), ErrWitnessAnswer, "without a size"},
		{"conflict over a negative size", answers("w.example/bad", 409, "-1\n"), ErrWitnessAnswer, "without a size"},
		{"conflict over the size it has", answers("w.example/bad", 409, "0\n"), ErrWitnessAnswer, ""},
		{"another size each time", bad(func(rw http.ResponseWriter, req *http.Request) {
			n++
			rw.WriteHeader(409)
			fmt.Fprintf(rw, "%d\n", n)
		}), ErrWitnessAnswer, "each time"},
		{"ahead, says it", answers("w.example/bad", 409, "60\n"), ErrWitnessAhead, "ours 50 entries, theirs 60; it shows no signature"},
		{"ahead, and shows it", bad(shows(409, "60\n", larger.Checkpoint())), ErrWitnessAhead, "it shows the log's own signature"},
		{"ahead, and shows something else", bad(shows(409, "60\n", tlogtest.New("x").Grow(60).Checkpoint())), ErrWitnessAhead, "it shows no signature"},
		{"forked, says it", answers("w.example/bad", 422, "no"), ErrWitnessForked, "it shows no signature"},
		{"forked, says it as before v1.0.0", bad(func() http.HandlerFunc {
			n := 0
			return func(rw http.ResponseWriter, req *http.Request) {
				rw.WriteHeader(409)
				if n++; n == 1 {
					_, _ = io.WriteString(rw, "50\n")
				}
			}
		}()), ErrWitnessForked, "it shows no signature"},
		{"forked, and shows it", bad(shows(422, "no", fork.Checkpoint())), ErrWitnessForked, "it shows the log's own signature"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := newClient(t, log, 1, honest("w.example/good"), c.fake)
			client.peers[1].Key = tlogtest.Cosigner("w.example/bad").Key()
			r, outcomes := ask(t, client, log.Checkpoint())
			if _, err := r.Quorum(t.Context()); err != nil {
				t.Errorf("the good witness is not enough: %v", err)
			}
			for _, o := range outcomes {
				if o.Witness.Name == "w0" {
					if o.Err != nil {
						t.Error(o.Err)
					}
					continue
				}
				if o.Err == nil || c.want != nil && !errors.Is(o.Err, c.want) || !strings.Contains(o.Err.Error(), c.text) {
					t.Errorf("%v, want %v with %q", o.Err, c.want, c.text)
				}
				if _, refused := errors.AsType[*RefusedError](o.Err); c.want == nil && !refused {
					t.Errorf("%v is no RefusedError", o.Err)
				}
			}
			if got := r.Checkpoint(); bytes.Contains(got, []byte("w.example/bad")) {
				t.Errorf("a bad answer got into the checkpoint:\n%s", got)
			}
		})
	}
}

// A witness that stalls holds up nobody, and is not asked again while it does.
func TestStallingWitness(t *testing.T) {
	log := tlogtest.New(origin).Grow(10)
	asked, release := make(chan struct{}), make(chan struct{})
	stalling := fake{"w.example/2", func(rw http.ResponseWriter, req *http.Request) {
		line := cosign("w.example/2", req)
		asked <- struct{}{}
		<-release
		_, _ = io.WriteString(rw, line)
	}}
	c := newClient(t, log, 1, honest("w.example/1"), stalling)
	first, err := c.Ask(t.Context(), log.Checkpoint())
	if err != nil {
		t.Fatal(err)
	}
	<-asked
	raw, err := first.Quorum(t.Context())
	if err != nil || bytes.Contains(raw, []byte("w.example/2")) {
		t.Fatalf("%s, %v", raw, err)
	}
	log.Grow(10)
	_, outcomes := ask(t, c, log.Checkpoint()) // does not wait for the first round
	for _, o := range outcomes {
		if o.Witness.Name == "w1" && !errors.Is(o.Err, ErrWitnessBusy) || o.Witness.Name == "w0" && o.Err != nil {
			t.Errorf("%s: %v", o.Witness.Name, o.Err)
		}
	}
	close(release)
	<-first.Done()
	late, err := c.opts.Policy.Check(first.Checkpoint())
	if err != nil || len(late.Cosigned) != 2 || late.Checkpoint.Size != 10 {
		t.Errorf("with the late one: %+v, %v", late, err)
	}
}

func TestWitnessOutOfTime(t *testing.T) {
	log := tlogtest.New(origin).Grow(10)
	release := make(chan struct{})
	c := newClient(t, log, 1, fake{"w.example/1", func(http.ResponseWriter, *http.Request) { <-release }})
	defer close(release)
	c.opts.Timeout = time.Nanosecond
	r, outcomes := ask(t, c, log.Checkpoint())
	if !errors.Is(outcomes[0].Err, ErrWitnessUnreachable) || !errors.Is(outcomes[0].Err, context.DeadlineExceeded) {
		t.Error(outcomes[0].Err)
	}
	if _, err := r.Quorum(t.Context()); !errors.Is(err, tlog.ErrQuorum) || !errors.Is(err, ErrWitnessUnreachable) {
		t.Errorf("without a quorum: %v", err)
	}
	c.opts.Timeout = DefaultTimeout
	ctx, cancel := context.WithCancel(t.Context())
	r, err := c.Ask(ctx, log.Checkpoint())
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := r.Quorum(ctx); err == nil {
		t.Error("a cancelled round has a quorum")
	}
	<-r.Done()
}

func TestQuorums(t *testing.T) {
	log := tlogtest.New(origin).Grow(10)
	down := answers("w.example/3", 503, "")
	for _, c := range []struct {
		threshold int
		witnesses []fake
		want      error
	}{
		{0, nil, nil},
		{0, []fake{down}, nil},
		{2, []fake{honest("w.example/1"), honest("w.example/2"), down}, nil},
		{3, []fake{honest("w.example/1"), honest("w.example/2"), down}, tlog.ErrQuorum},
	} {
		client := newClient(t, log, c.threshold, c.witnesses...)
		r, err := client.Ask(t.Context(), log.Checkpoint())
		if err != nil {
			t.Fatal(err)
		}
		raw, err := r.Quorum(t.Context())
		if !errors.Is(err, c.want) {
			t.Errorf("%d of %d: %v", c.threshold, len(c.witnesses), err)
		}
		if err == nil {
			if _, err := client.opts.Policy.Check(raw); err != nil {
				t.Error(err)
			}
		}
		<-r.Done()
	}
}

// A checkpoint that is cosigned already is cosigned afresh, and carries each cosignature once.
func TestCosignedCheckpointIsAskedAgain(t *testing.T) {
	log := tlogtest.New(origin).Grow(10)
	c := newClient(t, log, 1, honest("w.example/1"))
	raw := log.Checkpoint(tlogtest.CosignerAt("w.example/1", func() time.Time { return tlogtest.Time.Add(-time.Hour) }))
	r, _ := ask(t, c, raw)
	got := r.Checkpoint()
	if n := bytes.Count(got, []byte("— w.example/1 ")); n != 1 {
		t.Errorf("%d cosignatures", n)
	}
	if v, err := c.opts.Policy.Check(got); err != nil || !v.Cosigned[0].Time.Equal(tlogtest.Time) {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestOlderCheckpointIsSuperseded(t *testing.T) {
	log := tlogtest.New(origin).Grow(20)
	w := open(t, newDir(t), log)
	c := newClient(t, log, 1, fake{"w.example/1", w.ServeHTTP})
	if _, outcomes := ask(t, c, log.Checkpoint()); outcomes[0].Err != nil {
		t.Fatal(outcomes[0].Err)
	}
	if _, outcomes := ask(t, c, log.CheckpointAt(10)); !errors.Is(outcomes[0].Err, ErrSuperseded) {
		t.Errorf("known here: %v", outcomes[0].Err)
	}
	c.peers[0].size = 5
	if _, outcomes := ask(t, c, log.CheckpointAt(10)); !errors.Is(outcomes[0].Err, ErrSuperseded) {
		t.Errorf("told by the witness: %v", outcomes[0].Err)
	}
}

// What a log asks when it starts: does any witness know a tree that I do not have?
func TestProbe(t *testing.T) {
	log := tlogtest.New(origin).Grow(20)
	fork := log.Fork(10)
	fork.Append([]byte("another past"))
	fork.Grow(9)
	for _, c := range []struct {
		name string
		seen *tlogtest.Log // what the witness has cosigned
		size uint64
		ours []byte // what the log has now
		want error
		sure bool
	}{
		{"nothing was cosigned", log, 0, log.Checkpoint(), nil, false},
		{"the witness is behind", log, 15, log.Checkpoint(), nil, false},
		{"the witness has the same", log, 20, log.Checkpoint(), nil, false},
		{"the log was rolled back", log, 20, log.CheckpointAt(12), ErrWitnessAhead, true},
		{"the log was emptied", log, 20, log.CheckpointAt(0), ErrWitnessAhead, true},
		{"the log was changed", fork, 20, log.Checkpoint(), ErrWitnessForked, true},
		{"the log was changed and has grown", fork, 15, log.Checkpoint(), ErrWitnessForked, false},
	} {
		w := open(t, newDir(t), log)
		if got := w.addCheckpoint(request(t, c.seen, 0, c.size)); c.size > 0 && got.status != 200 {
			t.Fatalf("%s: %+v", c.name, got)
		}
		client := newClient(t, log, 1, fake{"w.example/1", w.ServeHTTP}, answers("w.example/2", 500, ""))
		outcomes, err := client.Probe(t.Context(), c.ours)
		if !errors.Is(err, c.want) || len(outcomes) != 2 {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if conflict, ok := errors.AsType[*ConflictError](err); ok && (conflict.Signed != nil) != c.sure {
			t.Errorf("%s: proof is %q", c.name, conflict.Signed)
		}
	}
}

func TestClientRefuses(t *testing.T) {
	log := tlogtest.New(origin).Grow(3)
	c := newClient(t, log, 1, honest("w.example/1"))
	for name, want := range map[string]struct {
		raw  []byte
		want error
	}{
		"another log's checkpoint": {tlogtest.New("example.org/other").Checkpoint(), tlog.ErrOrigin},
		"no checkpoint":            {[]byte("hello"), tlog.ErrNote},
		"unsigned":                 {[]byte(strings.Replace(string(log.Checkpoint()), "\n3\n", "\n4\n", 1)), tlog.ErrLogSignature},
	} {
		if _, err := c.Ask(t.Context(), want.raw); !errors.Is(err, want.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := c.Probe(t.Context(), want.raw); !errors.Is(err, want.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, url := range []string{"ftp://w.example/", "w.example", "http://", "http://%zz/"} {
		text := "witness w " + tlogtest.Cosigner("w").Key().String() + " " + url + "\nquorum w\n"
		p, err := tlog.ParsePolicy([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := NewClient(ClientOptions{Policy: p, Prover: log.Prover()}); err == nil {
			t.Errorf("%s is taken for an address", url)
		}
	}
	// A log that cannot prove that it grew from what the witness has.
	cut := clientOf(t, tlogtest.New(origin), c.opts.Policy.String())
	cut.peers[0].size = 2
	if _, outcomes := ask(t, cut, log.Checkpoint()); outcomes[0].Err == nil {
		t.Error("no proof, but a cosignature")
	}
}
