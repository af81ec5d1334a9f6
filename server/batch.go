package server

import (
	"bufio"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/statement"
)

// chunkLines is how many lines are verified together: a multiple of the 64 whose Ed25519 signatures are checked with
// one equation, and few enough that the processors share even a small batch.
const chunkLines = 128

// line is one line of a batch on its way through the server.
type line struct {
	number   int // as the client counts, from 0
	raw      []byte
	envelope *statement.Envelope // once it is verified
	refused  error               // or why it is not
}

// submitBatch records the envelopes of a body, one on each line, and answers with a line for each. A bad line is
// refused, and the others go on. All that are good are in one checkpoint.
func (s *Server) submitBatch(w http.ResponseWriter, r *http.Request, wait logserver.Wait) error {
	release, err := s.reserve(r, maxBatchBytes)
	if err != nil {
		return err
	}
	defer release()
	chunks, err := s.verifyLines(r)
	if err != nil {
		return err
	}
	envelopes, err := s.chargeLines(chunks)
	if err != nil {
		return err
	}
	batch := &outcome{}
	if len(envelopes) > 0 {
		if batch, err = s.record(r.Context(), wait, envelopes); err != nil {
			return err
		}
	}
	s.answerBatch(w, chunks, batch)
	return nil
}

// verifyLines reads the body and checks signatures at the same time, chunk by chunk.
func (s *Server) verifyLines(r *http.Request) ([]*chunk, error) {
	var running sync.WaitGroup
	defer running.Wait()
	reader := newLineReader(r.Body)
	var chunks []*chunk
	for {
		c, err := reader.chunk()
		if err != nil {
			return nil, err
		}
		if c == nil {
			break
		}
		chunks = append(chunks, c)
		select {
		case s.verifier <- struct{}{}:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		running.Go(func() {
			defer func() { <-s.verifier }()
			c.verify(statement.OpenBatch)
		})
	}
	running.Wait()
	s.metrics.batch.Observe(float64(reader.count))
	if reader.count == 0 {
		return nil, problemEmpty.with("the body has no lines")
	}
	for _, c := range chunks {
		if c.panic != nil {
			return nil, c.panic
		}
	}
	return chunks, nil
}

// verify opens the envelopes of a chunk. It runs on a goroutine of its own, where a panic would end the process.
func (c *chunk) verify(open func([][]byte) ([]*statement.Envelope, []error)) {
	defer func() {
		if fault := recover(); fault != nil {
			c.panic = fmt.Errorf("panic while verifying: %v\n%s", fault, debug.Stack())
		}
	}()
	raws := make([][]byte, 0, len(c.lines))
	at := make([]int, 0, len(c.lines))
	for i := range c.lines {
		if c.lines[i].refused == nil {
			raws, at = append(raws, c.lines[i].raw), append(at, i)
		}
	}
	envelopes, errs := open(raws)
	for i, n := range at {
		c.lines[n].envelope, c.lines[n].refused = envelopes[i], errs[i]
	}
}

// chargeLines takes the good lines' quotas and returns their envelopes. If not one line is left for want of quota, the
// whole batch is refused for it.
func (s *Server) chargeLines(chunks []*chunk) ([]*statement.Envelope, error) {
	var envelopes []*statement.Envelope
	var longest time.Duration
	poor := 0
	for _, c := range chunks {
		for i := range c.lines {
			l := &c.lines[i]
			if l.refused != nil {
				continue
			}
			if delay, ok := s.quotas.take(l.envelope.Issuers()); !ok {
				l.refused = problemQuota.with("%s", quotaDetail(l.envelope.Issuers()[0], delay))
				longest = max(longest, delay)
				poor++
				continue
			}
			envelopes = append(envelopes, l.envelope)
		}
	}
	if poor > 0 && len(envelopes) == 0 {
		return nil, problemQuota.with("all lines are over their issuers' quotas").after(longest)
	}
	return envelopes, nil
}

// answerBatch writes a line for each line, and the checkpoint last.
func (s *Server) answerBatch(w http.ResponseWriter, chunks []*chunk, batch *outcome) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := bufio.NewWriterSize(w, 64<<10)
	var text []byte
	next, recorded, known, refused := 0, 0, 0, 0
	for _, c := range chunks {
		for i := range c.lines {
			l := &c.lines[i]
			if l.refused == nil {
				if p := batch.refused[next]; p != nil {
					l.refused = p
				}
				next++
			}
			if l.refused != nil {
				text = appendRefused(text[:0], l.number, problemOf(l.refused))
				refused++
			} else {
				e := &batch.Entries[next-1]
				text = appendEntry(text[:0], l.number, e)
				if e.Known {
					known++
				} else {
					recorded++
				}
			}
			_, _ = out.Write(text) // the client has gone if this fails, and may ask again
		}
	}
	_, _ = out.Write(appendEnd(text[:0], s.key, batch.Checkpoint))
	_ = out.Flush()
	s.metrics.statements.WithLabelValues("recorded").Add(float64(recorded))
	s.metrics.statements.WithLabelValues("known").Add(float64(known))
	s.metrics.statements.WithLabelValues("refused").Add(float64(refused))
}
