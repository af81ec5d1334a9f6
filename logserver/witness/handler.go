package witness

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// answer is what a request gets.
type answer struct {
	status int
	kind   string // content type; text/plain if empty
	body   string
}

func refuse(status int, format string, args ...any) answer {
	return answer{status: status, body: fmt.Sprintf(format, args...) + "\n"}
}

// ServeHTTP serves the witness protocol (tlog-witness v1.0.0): POST add-checkpoint and GET
// HASH/checkpoint. To serve it under a prefix, wrap it in [http.StripPrefix].
func (w *Witness) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	w.mux.ServeHTTP(rw, req)
}

func (w *Witness) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", w.serveAdd)
	mux.HandleFunc("GET /{hash}/checkpoint", w.serveCheckpoint)
	return mux
}

func (w *Witness) serveAdd(rw http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, req.Body, tlog.MaxAddCheckpoint))
	var a answer
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		a = refuse(http.StatusRequestEntityTooLarge, "the request is larger than %d bytes", tlog.MaxAddCheckpoint)
	} else if err != nil {
		a = refuse(http.StatusBadRequest, "the request breaks off")
	} else {
		a = w.addCheckpoint(body)
	}
	w.metrics.answered(a.status)
	if a.kind == "" {
		a.kind = "text/plain; charset=utf-8"
	}
	rw.Header().Set("Content-Type", a.kind)
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	rw.WriteHeader(a.status)
	_, _ = io.WriteString(rw, a.body)
}

func (w *Witness) serveCheckpoint(rw http.ResponseWriter, req *http.Request) {
	w.mu.RLock()
	l := w.hashes[req.PathValue("hash")]
	w.mu.RUnlock()
	if l == nil || l.record.Load() == nil {
		http.Error(rw, "no checkpoint of that log was cosigned here", http.StatusNotFound)
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Cache-Control", "max-age=5")
	_, _ = rw.Write(l.record.Load().signed)
}

// addCheckpoint answers one request, in the order of checks that the protocol gives.
func (w *Witness) addCheckpoint(body []byte) answer {
	req, err := tlog.ParseAddCheckpoint(body)
	if err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	claim, err := tlog.UnverifiedCheckpoint(req.Checkpoint)
	if err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	l, keys := w.log(claim.Origin)
	if l == nil {
		return refuse(http.StatusNotFound, "this witness does not watch %q", claim.Origin)
	}
	o, err := tlog.Open(req.Checkpoint, keys, nil)
	if err != nil {
		return refuse(http.StatusForbidden, "%v", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return w.extend(l, req, o)
}

// extend checks that a log's signed checkpoint extends the last one and cosigns it. It is called
// with l.mu held.
func (w *Witness) extend(l *watched, req *tlog.AddCheckpoint, o tlog.Opened) answer {
	if err := w.settle(l, o.Checkpoint.Origin); err != nil {
		return w.broken(o.Checkpoint.Origin, err)
	}
	last := record{Checkpoint: tlog.Checkpoint{Root: tlog.EmptyRoot}}
	if r := l.record.Load(); r != nil {
		last = *r
	}
	next := o.Checkpoint
	if req.OldSize > next.Size {
		return refuse(http.StatusBadRequest, "the old size %d is larger than the checkpoint's, %d", req.OldSize, next.Size)
	}
	if req.OldSize != last.Size {
		return answer{http.StatusConflict, "text/x.tlog.size", fmt.Sprintf("%d\n", last.Size)}
	}
	if err := tlog.VerifyConsistency(last.Size, next.Size, last.Root, next.Root, req.Proof); err != nil {
		if last.signed != nil && last.Size == next.Size && last.Root != next.Root {
			w.keepEvidence(last, req.Checkpoint, next)
		}
		return refuse(http.StatusUnprocessableEntity, "%v", err)
	}
	line, err := w.cosign(l, o, last.time)
	if err != nil {
		return w.broken(next.Origin, err)
	}
	return answer{status: http.StatusOK, body: line}
}

// cosign signs a checkpoint and makes it the record. The signature exists before the record is
// written, since it is part of it, but leaves this function only afterwards.
func (w *Witness) cosign(l *watched, o tlog.Opened, last time.Time) (string, error) {
	// The times of a log's cosignatures never decrease, even if the clock is set back.
	now := w.now()
	if now.Before(last) {
		now = last
	}
	cosigner, err := tlog.NewCosigner(w.key.Name(), w.priv, func() time.Time { return now })
	if err != nil {
		return "", err
	}
	line, err := tlog.SignatureLine(cosigner, o.Text)
	if err != nil {
		return "", err
	}
	signed := o.Text + "\n"
	for _, s := range o.Log {
		signed += s.Line
	}
	r := &record{Checkpoint: o.Checkpoint, time: now, signed: []byte(signed + line)}
	if err := w.store.write(r); err != nil {
		l.unsure = true
		return "", err
	}
	l.record.Store(r)
	w.trouble.Store(nil)
	return line, nil
}

// settle finds out, after a write that failed, which record the disk has: the failure may have
// come before the new one was in place or after.
func (w *Witness) settle(l *watched, origin tlog.Origin) error {
	if !l.unsure {
		return nil
	}
	r, err := w.store.reread(origin)
	if err != nil {
		return err
	}
	l.record.Store(r)
	l.unsure = false
	return nil
}

// broken answers when the witness cannot do its work, and tells the operator.
func (w *Witness) broken(origin tlog.Origin, err error) answer {
	w.trouble.Store(&err)
	w.metrics.failures.Inc()
	w.logger.Error("cosignature not given", "origin", string(origin), "err", err)
	return refuse(http.StatusInternalServerError, "the witness cannot store its state")
}
