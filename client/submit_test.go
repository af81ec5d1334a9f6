package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

func TestBatchesThatCannotBeSent(t *testing.T) {
	c, _ := newTest(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }, Options{})
	for name, envelopes := range map[string][][]byte{
		"nothing":    nil,
		"two lines":  {[]byte("{\n}")},
		"an end":     {[]byte("{}\r")},
		"empty line": {[]byte("{}"), {}},
		"too many":   make([][]byte, MaxBatchLines+1),
		"too large":  {bytes.Repeat([]byte("x"), MaxBatchBytes)},
	} {
		if _, err := c.SubmitBatch(t.Context(), envelopes, Fast); !errors.Is(err, ErrBatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBatchMakesReceipts(t *testing.T) {
	log := registrytest.NewLog().Grow(3)
	raw := log.Entry(1)
	proof := log.Proof(1, log.Log.Checkpoint())
	c, _ := newTest(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.RawQuery != "wait=final" || r.Header.Get("Content-Type") != "application/x-ndjson" || string(body) != string(raw)+"\nbad\n" {
			t.Errorf("%s %q %q", r.URL, r.Header, body)
		}
		fmt.Fprintf(w, `{"line":0,"status":"known","id":%q,"index":1,"proof":[%q,%q]}`+"\n", statement.Sum(raw), proof.Hashes[0], proof.Hashes[1])
		fmt.Fprint(w, `{"line":1,"status":"refused","error":{"code":"malformed","detail":"it is bad","hint":"make it good"}}`+"\n")
		fmt.Fprintf(w, `{"log":%q,"checkpoint":%q}`+"\n", log.Key(), proof.Checkpoint)
	}, Options{})
	batch, err := c.SubmitBatch(t.Context(), [][]byte{raw, []byte("bad")}, Final)
	if err != nil {
		t.Fatal(err)
	}
	r, err := batch.Receipt(0, raw)
	if err != nil || r.Log != log.Key() {
		t.Fatal(r, err)
	}
	if err := tlog.VerifyInclusion(r.Leaf(), r.Proof.Index, 3, r.Proof.Hashes, log.Root(3)); err != nil {
		t.Error(err)
	}
	if _, err := batch.Receipt(1, nil); err == nil || err.Error() != "it is bad" {
		t.Error(err)
	}
}

// An answer that was cut off, or is about other lines, is none.
func TestAnswersToABatchThatAreNone(t *testing.T) {
	end := `{"log":"x","checkpoint":""}` + "\n"
	refused := `{"line":0,"status":"refused","error":{"code":"c","detail":"d","hint":"h"}}` + "\n"
	for name, body := range map[string]string{
		"nothing":                "",
		"no end":                 refused,
		"no line":                end,
		"too many lines":         refused + strings.Replace(refused, ":0", ":1", 1) + end,
		"another line":           strings.Replace(refused, ":0", ":1", 1) + end,
		"refused without reason": `{"line":0,"status":"refused"}` + "\n" + end,
		"known with an error":    strings.Replace(refused, "refused", "known", 1) + end,
		"cut off in a line":      refused[:20],
		"cut off in the end":     refused + end[:10],
		"not JSON":               "hello\n" + end,
		"a page":                 "<html>\n<body>\n</html>",
		"proof of no hash":       `{"line":0,"status":"known","index":0,"proof":["AA=="]}` + "\n" + end,
	} {
		if b, err := parseBatch([]byte(body), 1); !errors.Is(err, ErrAnswer) {
			t.Errorf("%s: %+v, %v", name, b, err)
		}
	}
	if _, err := (&Batch{Log: "x", Lines: []Line{{Status: Known}}}).Receipt(0, nil); err == nil {
		t.Error("a key that is none was taken")
	}
}

func FuzzParseBatch(f *testing.F) {
	f.Add([]byte(`{"line":0,"status":"refused","error":{"code":"c","detail":"d","hint":"h"}}`+"\n"+`{"log":"x","checkpoint":""}`+"\n"), 1)
	f.Add([]byte("\n\n"), 0)
	f.Fuzz(func(t *testing.T, body []byte, want int) {
		b, err := parseBatch(body, want&0xff)
		if err == nil && len(b.Lines) != want&0xff {
			t.Errorf("%d lines instead of %d", len(b.Lines), want&0xff)
		}
	})
}
