package cli

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/receipt"
)

// arrival is a receipt that the log has answered with.
type arrival struct {
	task    *task
	receipt *receipt.Receipt
	known   bool // the log had the statement before
}

// writers is how many receipts are written at the same time: a disk makes many files durable in little more time
// than one.
const writers = 16

// keep checks receipts and writes them durably; only then the journal forgets their envelopes. A receipt that
// proves nothing ends the run; one that cannot be written is that file's failure alone.
func (r *recorder) keep(fresh ...arrival) error {
	for _, a := range fresh {
		if err := r.proves(a); err != nil {
			return err
		}
	}
	failed := r.write(fresh)
	for i, a := range fresh {
		if failed[i] != nil {
			e := explain(unwritable(filepath.Dir(a.task.receipts), failed[i]))
			e.Msg = strings.TrimSuffix(fmt.Sprintf("%s is recorded, but its receipt is not kept: %s", a.task.source.path, e.Msg), ": ")
			r.failFile(a.task.source.path, e)
			continue
		}
		status := statusRecorded
		if a.known {
			status = statusKnown
		}
		r.add(a.task, status, a.receipt)
		if err := r.journal.Done(a.task.key); err != nil {
			return err
		}
	}
	return nil
}

// proves makes sure that a receipt is for the statement that was sent, by the log that it was sent to.
func (r *recorder) proves(a arrival) error {
	log := r.logKey
	if log.IsZero() {
		log = a.receipt.Log
	}
	err := checkReceipt(a.receipt, log)
	if err == nil && !bytes.Equal(a.receipt.Envelope, a.task.envelope) {
		err = errors.New("the receipt is for another statement")
	}
	if err == nil {
		return nil
	}
	return &UserError{
		Code: codeServerAnswer, Msg: "the log's answer does not prove that it recorded " + a.task.source.path, Err: err,
		Hint: "nothing was written; tell the log's operator, and try another log",
	}
}

// write adds each receipt to those beside its file. Receipts of one file are written one after another.
func (r *recorder) write(fresh []arrival) []error {
	byPath := map[string][]int{}
	for i, a := range fresh {
		byPath[a.task.receipts] = append(byPath[a.task.receipts], i)
	}
	failed := make([]error, len(fresh))
	var group errgroup.Group
	group.SetLimit(writers)
	for path, which := range byPath {
		group.Go(func() error {
			for _, i := range which {
				failed[i] = addReceipt(path, fresh[i].receipt)
			}
			return nil
		})
	}
	_ = group.Wait() // the failures are in failed
	synced := map[string]error{}
	for i, a := range fresh {
		dir := filepath.Dir(a.task.receipts)
		if _, ok := synced[dir]; !ok {
			synced[dir] = home.SyncDir(dir)
		}
		failed[i] = errors.Join(failed[i], synced[dir])
	}
	return failed
}
