package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/verify"
)

func answerOf(v verify.Verdict, code verify.Code) fileAnswer {
	return fileAnswer{path: string(code), answer: verify.Answer{Schema: verify.Schema, Verdict: v, Code: code, Summary: "It is.", Next: "Go on."}}
}

func TestTheWorstAnswerIsTheExitCode(t *testing.T) {
	shown := answerOf(verify.Shown, verify.CodeOK)
	notSo := answerOf(verify.NotSo, verify.CodeBytesDiffer)
	cannotTell := answerOf(verify.CannotTell, verify.CodeNoRecord)
	unread := &UserError{Code: codeFileMissing, Msg: "there is no file", Hint: "look"}
	for _, tt := range []struct {
		about    string
		answers  []fileAnswer
		problems []*UserError
		exit     int
	}{
		{"one shown", []fileAnswer{shown}, nil, exitShown},
		{"shown and could not tell", []fileAnswer{shown, cannotTell}, nil, exitCannotTell},
		{"could not tell and not so", []fileAnswer{cannotTell, notSo, shown}, nil, exitNotSo},
		{"shown and unread", []fileAnswer{shown}, []*UserError{unread}, exitFailure},
		{"could not tell and unread", []fileAnswer{cannotTell}, []*UserError{unread, unread}, exitFailure},
		{"not so and unread", []fileAnswer{notSo}, []*UserError{unread}, exitNotSo},
		{"only unread", nil, []*UserError{unread}, exitFailure},
	} {
		d := newDesk(t)
		err := d.showAnswers(tt.answers, tt.problems)
		exit := exitShown
		var o outcomeError
		switch {
		case errors.As(err, &o):
			exit = int(o)
		case err != nil:
			exit = explain(err).Exit()
		}
		if exit != tt.exit {
			t.Errorf("%s: exit %d, want %d", tt.about, exit, tt.exit)
		}
	}
}

func TestJSONIsOneDocumentAFileAndNothingElse(t *testing.T) {
	d := newDesk(t)
	d.json = true
	if err := d.showAnswers([]fileAnswer{answerOf(verify.Shown, verify.CodeOK), answerOf(verify.NotSo, verify.CodeRevoked)}, nil); err == nil {
		t.Error("no exit code")
	}
	if d.errs.Len() > 0 {
		t.Errorf("on standard error: %s", d.errs)
	}
	for dec, n := json.NewDecoder(d.out), 0; dec.More(); n++ {
		var a verify.Answer
		if err := dec.Decode(&a); err != nil || a.Schema != verify.Schema || n > 1 {
			t.Fatalf("document %d: %+v %v", n, a, err)
		}
	}
}

func TestAnAnswerFitsTheTerminalAndMovesNothingOnIt(t *testing.T) {
	d := newDesk(t)
	d.io.OutTerminal, d.io.NoColour, d.io.Columns = true, true, 40
	one := answerOf(verify.NotSo, verify.CodeBytesDiffer)
	one.path = "evil\x1b[2J\u202egpj.exe"
	one.answer.Summary = strings.Repeat("long words ", 20) + "\x1b[31m"
	if err := d.showAnswer(one.path, one.answer); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(d.out.String(), "\n") {
		if len([]rune(line)) > 40 {
			t.Errorf("%d columns: %q", len(line), line)
		}
	}
	if strings.ContainsAny(d.out.String(), "\x1b\u202e") {
		t.Errorf("control characters went to the terminal: %q", d.out)
	}
}

// Each question has its line, for each receipt.
func TestEveryQuestionIsAnsweredApart(t *testing.T) {
	d := newDesk(t)
	in := verify.Input{Digest: someID, Name: "a.txt", At: noon, Receipts: []*receipt.Receipt{
		receiptOf(t, logOf(t, 0), stated(t, "one")), receiptOf(t, logOf(t, 1), stated(t, "two")),
	}}
	if err := d.showAnswer("a.txt", verify.Check(in)); err != nil {
		t.Fatal(err)
	}
	for _, label := range []string{"Bytes", "Said", "Signer", "Log", "Time", "Revoked"} {
		if n := strings.Count(d.out.String(), "\n"+fmt.Sprintf("  %-9s", label)); n != 2 {
			t.Errorf("%s stands %d times:\n%s", label, n, d.out)
		}
	}
	if !strings.Contains(d.out.String(), "Receipt 2 of 2: ") {
		t.Errorf("the receipts are not counted:\n%s", d.out)
	}
}

func TestNextStepsNameTheFileWhereItIs(t *testing.T) {
	for _, tt := range []struct{ next, path, want string }{
		{"Look: wherefrom find a.txt", "folder/a.txt", "Look: wherefrom find folder/a.txt"},
		{"Look: wherefrom find 'a b'", "my folder/a b", "Look: wherefrom find 'my folder/a b'"},
		{"Keep the receipt with the file.", "folder/a.txt", "Keep the receipt with the file."},
		{"Look: wherefrom find FILE", stdinName, "Look: wherefrom find FILE"},
	} {
		if got := withPath(tt.next, tt.path); got != tt.want {
			t.Errorf("%s for %s: %s", tt.next, tt.path, got)
		}
	}
}
