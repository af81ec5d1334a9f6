package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/internal/journal"
	"github.com/wherefrom-network/wherefrom/internal/keystore"
	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// A batch is sent when it has this many statements, covers this many bytes or is this old.
const (
	batchTasks = 256
	batchBytes = 1 << 30
	batchAge   = 2 * time.Second
)

// recorder is one run of record. One goroutine reads files while another signs, sends and writes receipts;
// what both use says so.
type recorder struct {
	a       *app
	fields  fields
	options recordOptions
	out     string
	log     string // the address of the log
	keyName string
	issuer  statement.Issuer

	writable map[string]error // belongs to the goroutine that reads: whether receipts can be written to a directory
	progress *term.Progress   // used by both

	// These are set before both begin.
	logKey    tlog.Key
	witnesses []string // the names of the log's witnesses

	// These belong to the goroutine that sends.
	signer  statement.Signer
	journal *journal.Journal
	service *client.Client
	gaveUp  bool // the witnesses were waited for long enough

	mu     sync.Mutex
	result recordJSON   // guarded by mu
	failed []*UserError // guarded by mu
}

// newRecorder finds out where to record and with which key, and asks nobody.
func (a *app) newRecorder(o recordOptions, f fields) (*recorder, error) {
	_, c, err := a.currentContext()
	if err != nil {
		return nil, err
	}
	r := &recorder{a: a, writable: map[string]error{}, fields: f, options: o, out: o.out, log: c.Log, keyName: o.key}
	if o.log != "" {
		if r.log, err = serverURL(o.log); err != nil {
			return nil, err
		}
	}
	if r.log == "" && !o.dryRun {
		return nil, noContext("it is not known which log is to record")
	}
	if f.as != asEnvelope {
		key, err := a.chooseKey(o.key, c.Key)
		if err != nil {
			return nil, err
		}
		r.keyName, r.issuer = key.Name, key.Issuer
	}
	r.result = recordJSON{Schema: recordSchema, Log: r.log, Issuer: r.issuer, Files: []recordedJSON{}}
	return r, nil
}

// chooseKey finds the key to sign with: the one named, the context's, or the only one.
func (a *app) chooseKey(names ...string) (keystore.Key, error) {
	for _, name := range names {
		if name != "" {
			return a.keys().Show(name)
		}
	}
	keys, err := a.keys().List()
	switch {
	case len(keys) == 1:
		return keys[0], nil
	case len(keys) > 1:
		return keystore.Key{}, &UserError{
			Code: codeKeyChoose, Msg: fmt.Sprintf("you have %d keys and did not say which signs", len(keys)),
			Hint: "say it: --key " + keys[0].Name,
		}
	case err != nil:
		return keystore.Key{}, err
	}
	return keystore.Key{}, &UserError{
		Code: codeKeyMissing, Msg: "you have no key to sign with",
		Hint: "make one: wherefrom key new NAME",
	}
}

// run records the files and tells what became of them.
func (r *recorder) run(ctx context.Context, found *sources) (err error) {
	r.progress = r.a.io.Progress("asking the log who it is", 0)
	if err := r.connect(ctx); err != nil {
		return err
	}
	if r.fields.as != asEnvelope {
		ask := func() ([]byte, error) { return r.a.passphrase(ctx, r.keyName) }
		if r.signer, err = r.a.keys().Unlock(r.keyName, ask); err != nil {
			return err
		}
	}
	if r.journal, err = journal.Open(r.journalDir(), r.a.now()); err != nil {
		return err
	}
	r.progress = r.a.io.Progress("recording", found.total())
	err = r.work(ctx, found.files)
	r.progress.Close()
	err = errors.Join(err, r.journal.Close())
	return r.conclude(err)
}

// journalDir keeps the journals of different logs apart.
func (r *recorder) journalDir() string {
	sum := sha256.Sum256([]byte(r.log))
	return filepath.Join(r.a.home.State, "journal", hex.EncodeToString(sum[:8]))
}

// work reads files in one goroutine and sends batches in another, so that neither the disk nor the network waits long.
func (r *recorder) work(ctx context.Context, files []source) error {
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan []*task, 1)
	group.Go(func() error {
		defer close(batches)
		return r.read(ctx, files, batches)
	})
	group.Go(func() error {
		for batch := range batches {
			if err := r.send(ctx, batch); err != nil {
				return err
			}
		}
		return nil
	})
	return group.Wait()
}

// read prepares the files and passes them on in batches.
func (r *recorder) read(ctx context.Context, files []source, batches chan<- []*task) error {
	var batch []*task
	var bytes int64
	begun := r.a.now()
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case batches <- batch:
		case <-ctx.Done():
			return ctx.Err()
		}
		batch, bytes, begun = nil, 0, r.a.now()
		return nil
	}
	for _, s := range files {
		r.progress.Label(filepath.Base(s.path))
		t, err := r.prepare(ctx, s)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.failFile(s.path, explain(err))
			continue
		}
		batch = append(batch, t)
		bytes += t.content.size
		if len(batch) >= batchTasks || bytes >= batchBytes || r.a.now().Sub(begun) > batchAge {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	r.progress.Label("waiting for the log")
	return flush()
}
