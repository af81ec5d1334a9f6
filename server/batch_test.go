package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
)

// answers reads the lines of a batch's answer, without the last one.
func answers(t *testing.T, body string) (list []client.Line) {
	t.Helper()
	all := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	for _, text := range all[:len(all)-1] {
		var l client.Line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		list = append(list, l)
	}
	return list
}

// What a line may look like, and what becomes of it.
func TestLinesOfABatch(t *testing.T) {
	one, two := string(registrytest.Content("alice", "one")), string(registrytest.Content("bob", "two"))
	for name, try := range map[string]struct {
		body string
		want string // "number:code", or "number:" for a good line
	}{
		"last line without an end":     {one + "\n" + two, "0: 1:"},
		"ends with CRLF":               {one + "\r\n" + two + "\r\n", "0: 1:"},
		"blank lines are counted":      {"\n\n" + one + "\n\r\n" + two + "\n\n", "2: 4:"},
		"too long":                     {one + "\n" + strings.Repeat("x", maxEnvelope+1) + "\n" + two, "0: 1:too-large 2:"},
		"much too long, and the last":  {one + "\n" + strings.Repeat("x", 5*maxEnvelope), "0: 1:too-large"},
		"as long as an envelope":       {strings.Repeat("x", maxEnvelope) + "\n", "0:malformed"},
		"one of each kind":             {"{}\nhello\n[1]\n" + one + "\n", "0:missing 1:malformed 2:wrong-type 3:"},
		"the signature of another":     {strings.Replace(one, one[strings.Index(one, `"sig"`):], two[strings.Index(two, `"sig"`):], 1), "0:signature"},
		"the same twice is no mistake": {one + "\n" + one + "\n", "0: 1:"},
	} {
		t.Run(name, func(t *testing.T) {
			w := send(newStub(t, &stub{}, Options{}), "POST", "/v1/statements", ndjsonType, try.body)
			var got []string
			for _, l := range answers(t, w.Body.String()) {
				code := ""
				if l.Error != nil {
					code = l.Error.Code
				}
				got = append(got, fmt.Sprint(l.Line, ":", code))
			}
			if strings.Join(got, " ") != try.want {
				t.Errorf("%q: %s", got, w.Body)
			}
		})
	}
}

// More lines than a chunk has, in every order of good and bad: each answer is about its own line.
func TestAnswersKeepTheOrderOfLines(t *testing.T) {
	s := newLocal(t, Options{})
	good := strings.Split(strings.TrimSuffix(lines(3*chunkLines), "\n"), "\n")
	var body strings.Builder
	for i, l := range good {
		body.WriteString(l + "\n")
		if i%7 == 0 {
			body.WriteString("bad\n")
		}
	}
	w := send(s, "POST", "/v1/statements?wait=fast", ndjsonType, body.String())
	sent := strings.Split(strings.TrimSuffix(body.String(), "\n"), "\n")
	list := answers(t, w.Body.String())
	if len(list) != len(sent) {
		t.Fatalf("%d answers to %d lines", len(list), len(sent))
	}
	for i, l := range list {
		if l.Line != i || (l.Status == client.Refused) != (sent[i] == "bad") {
			t.Fatalf("line %d: %+v", i, l)
		}
		if l.Status == client.Recorded && l.ID != statement.Sum([]byte(sent[i])) {
			t.Fatalf("line %d is answered with the id of another", i)
		}
	}
}

// Of a batch that is partly over its quota, the rest goes on, and what is refused costs nothing.
func TestQuotaRefusesSingleLines(t *testing.T) {
	s := newStub(t, &stub{}, Options{Limits: Limits{IssuerBurst: 2, IssuerRate: 1}, Now: fixed})
	bob := string(registrytest.Content("bob", "hello"))
	w := send(s, "POST", "/v1/statements", ndjsonType, lines(4)+bob)
	var got []string
	for _, l := range answers(t, w.Body.String()) {
		got = append(got, string(l.Status))
	}
	if want := []string{"recorded", "recorded", "refused", "refused", "recorded"}; !slices.Equal(got, want) {
		t.Errorf("statuses %q", got)
	}
}

// A forged statement must not use up the quota of the issuer in whose name it was forged.
func TestForgedStatementsAreNotCharged(t *testing.T) {
	s := newStub(t, &stub{}, Options{Limits: Limits{IssuerBurst: 1, IssuerRate: 1}, Now: fixed})
	raw := string(registrytest.Content("alice", "hello"))
	forged := raw[:strings.Index(raw, `"sig"`)] + string(registrytest.Content("bob", "x"))[strings.Index(string(registrytest.Content("bob", "x")), `"sig"`):]
	for range 3 {
		if w := send(s, "POST", "/v1/statements", jsonType, forged); w.Code != 422 {
			t.Fatalf("forged: %d %s", w.Code, w.Body)
		}
	}
	if w := send(s, "POST", "/v1/statements", jsonType, raw); w.Code != 201 {
		t.Errorf("genuine: %d %s", w.Code, w.Body)
	}
}

func TestPanicWhileVerifyingIsContained(t *testing.T) {
	c := &chunk{lines: []line{{raw: []byte("{}")}}}
	c.verify(func([][]byte) ([]*statement.Envelope, []error) { panic("a bug") })
	if c.panic == nil || !strings.Contains(c.panic.Error(), "a bug") {
		t.Error(c.panic)
	}
}

// Memory for bodies is set aside before they are read; who comes too much is told so at once.
func TestNoMoreBodiesThanFit(t *testing.T) {
	b := &stub{block: make(chan struct{})}
	body := lines(1)
	s := newStub(t, b, Options{Limits: Limits{BodyBytes: int64(len(body)) + 10}})
	done := make(chan int)
	go func() { done <- send(s, "POST", "/v1/statements", ndjsonType, body).Code }()
	<-b.block
	w := send(s, "POST", "/v1/statements", ndjsonType, body)
	if w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("second: %d %v", w.Code, w.Header())
	}
	b.block <- struct{}{}
	if code := <-done; code != 200 {
		t.Errorf("first: %d", code)
	}
	b.block = nil
	if w := send(s, "POST", "/v1/statements", ndjsonType, body); w.Code != 200 {
		t.Errorf("third: %d %s", w.Code, w.Body)
	}
}

// A body of unknown length counts as one of the largest that is taken.
func TestBodyOfUnknownLength(t *testing.T) {
	for name, try := range map[string]struct {
		contentType, body string
		room              int64
		status            int
	}{
		"one":           {jsonType, string(registrytest.Content("alice", "hello")), maxEnvelope, 201},
		"no room":       {jsonType, "", maxEnvelope - 1, 503},
		"too large":     {jsonType, strings.Repeat("x", maxEnvelope+1), maxEnvelope, 413},
		"empty":         {jsonType, "", maxEnvelope, 400},
		"batch":         {ndjsonType, lines(2), maxBatchBytes, 200},
		"batch no room": {ndjsonType, lines(2), maxBatchBytes - 1, 503},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, &stub{}, Options{Limits: Limits{BodyBytes: try.room}})
			r, err := http.NewRequest("POST", "/v1/statements", io.NopCloser(strings.NewReader(try.body)))
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = -1
			r.Header.Set("Content-Type", try.contentType)
			w := serve(s, r)
			if w.Code != try.status {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestBodyThatEndsTooEarly(t *testing.T) {
	s := newStub(t, &stub{}, Options{})
	for _, contentType := range []string{jsonType, ndjsonType} {
		r, err := http.NewRequest("POST", "/v1/statements", io.MultiReader(strings.NewReader("{"), broken{}))
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = 100
		r.Header.Set("Content-Type", contentType)
		if w := serve(s, r); w.Code != 400 {
			t.Errorf("%s: %d %s", contentType, w.Code, w.Body)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// FuzzLineReader compares with the simplest way to split a body into lines.
func FuzzLineReader(f *testing.F) {
	f.Add([]byte("a\nb\r\n\r\n\nc"), 1)
	f.Add([]byte("\n"), 7)
	f.Add(bytes.Repeat([]byte("x\n"), 300), 3)
	f.Fuzz(func(t *testing.T, body []byte, step int) {
		r := newLineReader(&steps{body, 1 + step&63})
		var got []string
		for {
			c, err := r.chunk()
			if err != nil {
				t.Fatal(err)
			}
			if c == nil {
				break
			}
			for _, l := range c.lines {
				got = append(got, fmt.Sprintf("%d %q", l.number, l.raw))
			}
		}
		var want []string
		for i, l := range bytes.Split(body, []byte("\n")) {
			if l = bytes.TrimSuffix(l, []byte("\r")); len(l) > 0 {
				want = append(want, fmt.Sprintf("%d %q", i, l))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// steps reads a few bytes at a time.
type steps struct {
	rest []byte
	n    int
}

func (s *steps) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest[:min(s.n, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}
