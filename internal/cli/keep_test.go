package cli

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/wherefrom-network/wherefrom/internal/journal"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// logOf returns the signer of a log whose key is made of one byte.
func logOf(t *testing.T, seed byte) *tlog.Signer {
	t.Helper()
	private := ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune('a'+seed)), ed25519.SeedSize)))
	s, err := tlog.NewLogSigner("log.example.org", private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// receiptOf returns the receipt of the only entry of a log.
func receiptOf(t *testing.T, log *tlog.Signer, envelope []byte) *receipt.Receipt {
	t.Helper()
	checkpoint, err := tlog.Checkpoint{Origin: "log.example.org", Size: 1, Root: tlog.LeafHash(envelope)}.Sign(log)
	if err != nil {
		t.Fatal(err)
	}
	return &receipt.Receipt{Log: log.Key(), Envelope: envelope, Proof: tlog.Proof{Checkpoint: checkpoint}}
}

// stated returns an envelope that says something about a file.
func stated(t *testing.T, title string) []byte {
	t.Helper()
	signer := tester(t)
	st, err := statement.New(&statement.Content{Issuer: signer.Issuer(), IssuedAt: noon, Title: title}, statement.NewSubject(someID, "a.txt"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := statement.Sign(st, signer)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func recorderAt(t *testing.T, d *desk) *recorder {
	t.Helper()
	j, err := journal.Open(filepath.Join(d.dir, "journal"), noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return &recorder{
		a: d.app, journal: j, logKey: logOf(t, 0).Key(), writable: map[string]error{},
		fields: fields{as: asContent}, progress: d.io.Progress("", 0),
	}
}

// arrive makes a task that waits for its receipt.
func arrive(t *testing.T, r *recorder, path, title string, log *tlog.Signer) arrival {
	t.Helper()
	raw := stated(t, title)
	task := &task{source: source{path: path}, receipts: path + receiptSuffix, envelope: raw, key: journal.Key(statement.Sum(raw))}
	if err := r.journal.Put(task.key, raw); err != nil {
		t.Fatal(err)
	}
	return arrival{task: task, receipt: receiptOf(t, log, raw)}
}

func TestReceiptsAreKeptAndEnvelopesForgotten(t *testing.T) {
	d := newDesk(t)
	r := recorderAt(t, d)
	a, b := filepath.Join(d.dir, "a.txt"), filepath.Join(d.dir, "b.txt")
	log := logOf(t, 0)
	if err := r.keep(arrive(t, r, a, "one", log), arrive(t, r, b, "two", log), arrive(t, r, a, "three", log)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{a: 2, b: 1} {
		receipts, err := readReceipts(path + receiptSuffix)
		if err != nil || len(receipts) != want {
			t.Errorf("%s: %d receipts, want %d (%v)", path, len(receipts), want, err)
		}
	}
	if r.result.Recorded != 3 || r.journal.Pending() != 0 {
		t.Errorf("%d recorded, %d pending", r.result.Recorded, r.journal.Pending())
	}
}

func TestAReceiptThatCannotBeWrittenKeepsItsEnvelope(t *testing.T) {
	d := newDesk(t)
	r := recorderAt(t, d)
	a, b := filepath.Join(d.dir, "a.txt"), filepath.Join(d.dir, "b.txt")
	if err := os.Mkdir(a+receiptSuffix, 0o700); err != nil {
		t.Fatal(err)
	}
	log := logOf(t, 0)
	if err := r.keep(arrive(t, r, a, "one", log), arrive(t, r, b, "two", log)); err != nil {
		t.Fatal(err)
	}
	if r.result.Recorded != 1 || r.result.Failed != 1 || r.journal.Pending() != 1 {
		t.Errorf("%d recorded, %d failed, %d pending", r.result.Recorded, r.result.Failed, r.journal.Pending())
	}
	if e := r.failed[0]; e.Code != codeUnwritable || !strings.Contains(e.Error(), "a.txt is recorded, but its receipt is not kept") {
		t.Errorf("%s: %v", e.Code, e)
	}
}

func TestAFullDiskIsNamedAsSuch(t *testing.T) {
	e := explain(unwritable("folder", &os.PathError{Op: "write", Path: "a", Err: syscall.ENOSPC}))
	if e.Code != codeDiskFull || e.Hint == "" {
		t.Errorf("%s: %v", e.Code, e)
	}
}

func TestReceiptsThatProveNothingAreNotWritten(t *testing.T) {
	for about, spoil := range map[string]func(*testing.T, *arrival){
		"of another log":       func(t *testing.T, a *arrival) { a.receipt = receiptOf(t, logOf(t, 1), a.task.envelope) },
		"of another statement": func(t *testing.T, a *arrival) { a.receipt = receiptOf(t, logOf(t, 0), stated(t, "another")) },
		"of another place":     func(_ *testing.T, a *arrival) { a.receipt.Proof.Index = 1 },
		"cut off":              func(_ *testing.T, a *arrival) { a.receipt.Proof.Checkpoint = a.receipt.Proof.Checkpoint[:20] },
	} {
		d := newDesk(t)
		r := recorderAt(t, d)
		a := arrive(t, r, filepath.Join(d.dir, "a.txt"), "one", logOf(t, 0))
		spoil(t, &a)
		err := r.keep(a)
		if e := explain(err); err == nil || e.Code != codeServerAnswer {
			t.Errorf("%s: %v", about, err)
		}
		if exists(a.task.receipts) || r.journal.Pending() != 1 {
			t.Errorf("%s: a receipt was written, or the envelope forgotten", about)
		}
	}
}

func TestWhatIsRecordedAlreadyIsFound(t *testing.T) {
	d := newDesk(t)
	r := recorderAt(t, d)
	mine := arrive(t, r, "a.txt", "one", logOf(t, 0))
	p := &statement.Content{Issuer: tester(t).Issuer(), IssuedAt: noon, Title: "one"}
	key, err := intent(r.log, p, []statement.Subject{statement.NewSubject(someID, "a.txt")})
	if err != nil {
		t.Fatal(err)
	}
	foreign := receiptOf(t, logOf(t, 1), mine.task.envelope)
	broken := receiptOf(t, logOf(t, 0), mine.task.envelope)
	broken.Proof.Index = 3
	other := receiptOf(t, logOf(t, 0), stated(t, "two"))
	for _, tt := range []struct {
		about string
		old   []*receipt.Receipt
		want  *receipt.Receipt
	}{
		{"nothing", nil, nil},
		{"another statement", []*receipt.Receipt{other}, nil},
		{"another log", []*receipt.Receipt{foreign}, nil},
		{"a receipt that does not hold", []*receipt.Receipt{broken}, nil},
		{"the statement", []*receipt.Receipt{other, mine.receipt}, mine.receipt},
	} {
		if got := r.find(tt.old, &task{key: key}); got != tt.want {
			t.Errorf("%s by its intent: %v", tt.about, got)
		}
		if got := r.find(tt.old, &task{envelope: mine.task.envelope}); got != tt.want {
			t.Errorf("%s by its envelope: %v", tt.about, got)
		}
	}
}

func TestADirectoryIsTriedOnceBeforeAnythingIsSent(t *testing.T) {
	d := newDesk(t)
	r := recorderAt(t, d)
	if err := r.checkWritable(d.dir); err != nil {
		t.Error(err)
	}
	missing := filepath.Join(d.dir, "nowhere")
	if e := explain(r.checkWritable(missing)); e.Code != codeUnwritable {
		t.Errorf("%s: %v", e.Code, e)
	}
	if err := os.Mkdir(missing, 0o700); err != nil {
		t.Fatal(err)
	}
	if r.checkWritable(missing) == nil {
		t.Error("tried again")
	}
	if left, _ := filepath.Glob(filepath.Join(d.dir, ".wherefrom-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
