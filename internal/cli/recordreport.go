package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
)

// add notes that a file has its receipt.
func (r *recorder) add(t *task, status string, with *receipt.Receipt) {
	id := with.ID()
	done := recordedJSON{
		File: t.source.path, Status: status, ID: &id, Index: &with.Proof.Index, Receipt: t.receipts,
		Unwitnessed: r.gaveUp && status != statusSkipped,
		verify:      r.toVerify(t, with),
	}
	if r.fields.as == asContent || r.fields.as == asRights {
		done.Digest = &t.content.digest
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch status {
	case statusRecorded:
		r.result.Recorded++
	case statusKnown:
		r.result.Known++
	case statusSkipped:
		r.result.Skipped++
	}
	r.result.Files = append(r.result.Files, done)
	if !r.a.json {
		r.progress.Close()
		r.a.io.Printf("%s", r.line(done))
	}
}

// line tells what became of a file, in columns.
func (r *recorder) line(d recordedJSON) string {
	words := map[string]string{statusRecorded: "recorded", statusKnown: "known", statusSkipped: "skipped"}[d.Status]
	if !r.a.io.OutTerminal {
		return strings.Join([]string{words, cleanLine(d.File), fmt.Sprint(*d.Index), d.ID.String()}, "\t")
	}
	return fmt.Sprintf("%-9s %s  (entry %d)", words, cleanLine(d.File), *d.Index)
}

// failFile notes that a file could not be recorded; the others go on.
func (r *recorder) failFile(path string, e *UserError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Failed++
	r.failed = append(r.failed, e)
	r.result.Files = append(r.result.Files, recordedJSON{
		File: path, Status: statusFailed,
		Error: &errorJSON{"wherefrom.network/error/v1", e.Code, e.Exit(), e.Error(), e.Hint},
	})
}

// fail notes problems that were met before any file was read.
func (r *recorder) fail(problems ...*UserError) {
	for _, e := range problems {
		r.failFile("", e)
	}
}

// conclude prints what became of all files. The error tells of the files that failed, or of what ended the run.
func (r *recorder) conclude(err error) error {
	if r.a.json {
		if perr := r.a.print(r.result); perr != nil {
			return perr
		}
	} else {
		r.noteDone()
	}
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return &UserError{
				Code: codeInterrupted, Msg: fmt.Sprintf("interrupted after %s", count(r.result.Recorded+r.result.Known, "file", "files")),
				Hint: "run the same command again: what is recorded is skipped, and what was signed is sent unchanged",
			}
		}
		return err
	}
	if err := r.failure(); err != nil {
		return err
	}
	return r.unwitnessed()
}

// unwitnessed is the error for receipts that only the log has signed, although its witnesses were asked for.
func (r *recorder) unwitnessed() error {
	var receipts []string
	for _, f := range r.result.Files {
		if f.Unwitnessed {
			receipts = append(receipts, quoteShell(f.Receipt))
		}
	}
	if len(receipts) == 0 {
		return nil
	}
	e := &UserError{
		Code: codeNotFinal, Msg: count(len(receipts), "file is", "files are") + " recorded, and not yet witnessed",
		Hint: "renew the receipt later: wherefrom receipt update " + receipts[0],
	}
	if len(receipts) > 1 {
		e.Hint += ", and so each of the others"
	}
	return e
}

func (r *recorder) noteDone() {
	res := &r.result
	if len(res.Files) > 1 {
		r.a.io.Note("%s, %d recorded now, %d known to the log, %d had the receipt, %d failed",
			count(len(res.Files), "file", "files"), res.Recorded, res.Known, res.Skipped, res.Failed)
	}
	if res.Recorded > 0 && !r.a.knows(r.logKey) {
		r.a.io.Note("no trust list of yours knows this log, so verify cannot tell; if you have reason to rely on it: wherefrom trust add NAME %s", r.log)
	}
	for _, f := range res.Files {
		if f.verify != "" && !f.Unwitnessed {
			r.a.io.Note("next: %s", cleanLine(f.verify))
			return
		}
	}
}

// toVerify is the command that checks what was recorded; empty if nobody knows the file that it is about.
func (r *recorder) toVerify(t *task, with *receipt.Receipt) string {
	about := t.source.path
	if r.fields.as == asEnvelope {
		if about = subjectName(with); about == "" {
			return ""
		}
	}
	command := "wherefrom verify " + quoteShell(about)
	if about == stdinName {
		command = "wherefrom verify -"
	}
	if t.receipts != about+receiptSuffix && t.receipts != about {
		command += " --receipt " + quoteShell(t.receipts)
	}
	return command
}

// subjectName returns the first name that a statement gives to what it is about.
func subjectName(with *receipt.Receipt) string {
	e, err := statement.Parse(with.Envelope)
	if err != nil {
		return ""
	}
	for _, s := range e.Statement().Subjects {
		if s.Name != "" {
			return s.Name
		}
	}
	return ""
}

// failure is the error for files that could not be recorded: its own if it is one file, else a summary.
func (r *recorder) failure() error {
	if len(r.failed) == 0 {
		return nil
	}
	if len(r.result.Files) == 1 {
		return r.failed[0]
	}
	code := r.failed[0].Code
	for _, e := range r.failed {
		r.a.io.Note("not recorded: %s (%s)", oneLine(e.Error()), e.Code)
		if e.Code != code {
			code = codeFailure
		}
	}
	return &UserError{
		Code: code, Msg: fmt.Sprintf("%d of %s not recorded", len(r.failed), count(len(r.result.Files), "file was", "files were")),
		Hint: "mend what is said above and run the same command again: what is recorded is skipped",
	}
}

// quoteShell writes a path so that it can be pasted into a shell.
func quoteShell(path string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%"
	if path != "" && strings.Trim(path, plain) == "" && !strings.HasPrefix(path, "-") {
		return path
	}
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
