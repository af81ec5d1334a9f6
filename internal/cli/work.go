package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/internal/journal"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
)

// task is one file on its way: read, then signed, then recorded, then its receipt written.
type task struct {
	source   source
	receipts string // where its receipts go
	content  content
	key      journal.Key
	unsigned *statement.Statement // nil if the envelope was given, or the file needs nothing
	envelope []byte
	done     *receipt.Receipt // set if an earlier receipt already says all this
}

// prepare reads one file and decides what is to be stated about it. It asks nobody.
func (r *recorder) prepare(ctx context.Context, s source) (*task, error) {
	t := &task{source: s, receipts: r.receiptPath(s.path)}
	old, err := readReceipts(t.receipts)
	if err != nil {
		return nil, err
	}
	if !r.options.dryRun {
		if err := r.checkWritable(filepath.Dir(t.receipts)); err != nil {
			return nil, err
		}
	}
	switch r.fields.as {
	case asEnvelope:
		err = r.takeEnvelope(t)
	case asRevoke:
		err = r.stateRevocation(t, old)
	default:
		err = r.stateFile(ctx, t)
	}
	if err != nil {
		return nil, err
	}
	t.done = r.find(old, t)
	return t, nil
}

// checkWritable makes sure that receipts can be written to a directory, before anything becomes public for ever.
func (r *recorder) checkWritable(dir string) error {
	if err, asked := r.writable[dir]; asked {
		return err
	}
	f, err := os.CreateTemp(dir, ".wherefrom-*")
	if err == nil {
		_, err = f.Write(make([]byte, 4<<10)) // about a receipt
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		err = unwritable(dir, err)
	}
	r.writable[dir] = err
	return err
}

func unwritable(dir string, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return &UserError{
		Code: codeUnwritable, Msg: "receipts cannot be written to " + dir, Err: err,
		Hint: "make it possible to write there, or say where the receipt goes: --out FILE",
	}
}

// stateFile reads a file and builds the statement about it.
func (r *recorder) stateFile(ctx context.Context, t *task) (err error) {
	if err := r.fields.checkName(t.source.path); err != nil {
		return err
	}
	if t.content, err = r.a.readContent(ctx, t.source, r.progress); err != nil {
		return err
	}
	subject := r.fields.subject(t.source.path, t.content.digest)
	return r.state(t, r.fields.predicate(t.source.path, t.content, r.issuer, r.a.now()), subject)
}

func (r *recorder) state(t *task, p statement.Predicate, subjects ...statement.Subject) (err error) {
	if t.unsigned, err = statement.New(p, subjects...); err != nil {
		return &UserError{Code: codeStatement, Msg: "state something about " + t.source.path, Err: err, Hint: "change what the flags say"}
	}
	t.key, err = intent(r.log, p, t.unsigned.Subjects)
	return err
}

// find returns the receipt among old that already says what t is to say, in this log.
func (r *recorder) find(old []*receipt.Receipt, t *task) *receipt.Receipt {
	for _, o := range old {
		if t.envelope != nil {
			if string(o.Envelope) == string(t.envelope) && r.ours(o) {
				return o
			}
			continue
		}
		e, err := statement.Open(o.Envelope)
		if err != nil || e.Predicate() == nil {
			continue
		}
		key, err := intent(r.log, e.Predicate(), e.Statement().Subjects)
		if err == nil && key == t.key && r.ours(o) {
			return o
		}
	}
	return nil
}

// ours reports whether a receipt is of the log that this run records in, and holds together.
func (r *recorder) ours(o *receipt.Receipt) bool {
	return (r.logKey.IsZero() || o.Log == r.logKey) && checkReceipt(o, o.Log) == nil
}

// readReceipts reads the receipts beside a file; there may be none.
func readReceipts(path string) ([]*receipt.Receipt, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	old, err := receipt.Parse(text)
	if err != nil {
		return nil, &UserError{
			Code: codeReceiptInWay, Msg: path + " stands where the receipt belongs and cannot be read", Err: err,
			Hint: "move it away, or give another place with --out",
		}
	}
	return old, nil
}

// writeReceipt adds a receipt to those beside a file, durably.
func writeReceipt(path string, fresh *receipt.Receipt) error {
	return errors.Join(addReceipt(path, fresh), home.SyncDir(filepath.Dir(path)))
}

// addReceipt is writeReceipt but for the syncing of the directory.
func addReceipt(path string, fresh *receipt.Receipt) error {
	old, err := readReceipts(path)
	if err != nil {
		return err
	}
	merged := receipt.Merge(old, []*receipt.Receipt{fresh})
	return home.Replace(path, receipt.Marshal(merged...), 0o644)
}

// receiptPath says where the receipts of a file go.
func (r *recorder) receiptPath(path string) string {
	switch {
	case r.out != "":
		return r.out
	case r.fields.as == asRevoke && filepath.Ext(path) == receiptSuffix:
		return path
	}
	return path + receiptSuffix
}

// takeEnvelope reads an envelope of another maker, which is sent as it is.
func (r *recorder) takeEnvelope(t *task) error {
	raw, err := r.a.readInput(t.source.path)
	if err != nil {
		return err
	}
	if r.fields.publicKey != "" {
		key, err := r.a.readPublicKey(r.fields.publicKey)
		if err != nil {
			return err
		}
		if raw, err = statement.AddKeyID(raw, key); err != nil {
			return &UserError{Code: codeEnvelope, Msg: t.source.path, Err: err, Hint: "check that --public-key is the key that signed it"}
		}
	}
	e, err := statement.Open(raw)
	if err != nil {
		return envelopeError(t.source.path, err)
	}
	t.envelope, t.key = e.Raw(), journal.Key(e.ID())
	t.content = content{size: int64(len(raw)), digest: e.ID()}
	return nil
}

func envelopeError(path string, err error) *UserError {
	hint := "give a DSSE envelope with an in-toto statement, or a Sigstore bundle"
	if errors.Is(err, statement.ErrUnknownKey) {
		hint = "give the signer's key: --public-key FILE (PEM)"
	}
	return &UserError{Code: codeEnvelope, Msg: path + " cannot be recorded", Err: err, Hint: hint}
}

// stateRevocation finds the statement to revoke among the receipts of a file.
func (r *recorder) stateRevocation(t *task, old []*receipt.Receipt) error {
	target, err := r.revocable(t, old)
	if err != nil {
		return err
	}
	t.content.digest = target.ID()
	revoke := statement.Revoke{
		Issuer: r.issuer, IssuedAt: seconds(r.a.now()),
		Reason: statement.Reason(r.fields.reason), Note: r.fields.note,
	}
	if t.unsigned, err = statement.NewRevoke(target, revoke); err != nil {
		return &UserError{Code: codeRevoke, Msg: "revoke " + t.source.path, Err: err, Hint: "sign with the key that issued the statement: --key NAME"}
	}
	p, err := t.unsigned.Decode()
	if err != nil {
		return err
	}
	t.key, err = intent(r.log, p, t.unsigned.Subjects)
	return err
}

func (r *recorder) revocable(t *task, old []*receipt.Receipt) (*statement.Envelope, error) {
	var mine []*statement.Envelope
	for _, o := range old {
		e, err := statement.Open(o.Envelope)
		if err != nil {
			continue
		}
		_, isRevoke := e.Predicate().(*statement.Revoke)
		wanted := r.fields.revokesID == nil || *r.fields.revokesID == e.ID()
		if !isRevoke && wanted && slices.Contains(e.Issuers(), r.issuer) {
			mine = append(mine, e)
		}
	}
	switch len(mine) {
	case 1:
		return mine[0], nil
	case 0:
		return nil, &UserError{
			Code: codeRevoke, Msg: fmt.Sprintf("%s holds no statement by %s", t.receipts, r.issuer),
			Hint: "name the file whose receipt has it, and sign with the key that issued it: --key NAME",
		}
	}
	return nil, &UserError{
		Code: codeRevoke, Msg: fmt.Sprintf("%s holds %d statements of yours", t.receipts, len(mine)),
		Hint: fmt.Sprintf("say which: --statement %s", mine[len(mine)-1].ID()),
	}
}
