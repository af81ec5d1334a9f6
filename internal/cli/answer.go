package cli

import (
	"fmt"

	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/verify"
)

// fileAnswer is the answer for one file.
type fileAnswer struct {
	path   string
	answer verify.Answer
}

// exitOf returns the exit code of a verdict.
func exitOf(v verify.Verdict) int {
	switch v {
	case verify.Shown:
		return exitShown
	case verify.NotSo:
		return exitNotSo
	}
	return exitCannotTell
}

// headline puts a verdict into the first words that a person reads.
func headline(a verify.Answer) (string, term.Style) {
	switch {
	case a.Verdict == verify.Shown:
		return "shown to be so", term.Green
	case a.Verdict == verify.NotSo:
		return "checked, and not so", term.Red
	case a.Code == verify.CodeNoRecord:
		return "no record found", term.Yellow
	}
	return "could not tell", term.Yellow
}

// showAnswers prints the answers: one in full, several as a table. It ends with the worst: not so, then
// a file that could not be read, then could not tell.
func (a *app) showAnswers(answers []fileAnswer, problems []*UserError) error {
	single := len(answers) == 1 && len(problems) == 0
	worst := 0
	for _, one := range answers {
		worst = max(worst, badness(exitOf(one.answer.Verdict)))
		if single || a.json {
			if err := a.showAnswer(one.path, one.answer); err != nil {
				return err
			}
		}
	}
	if len(problems) == 0 {
		if !single && !a.json {
			a.tabulate(answers)
		}
		return outcome(exitsByBadness[worst])
	}
	if len(answers) == 0 && len(problems) == 1 {
		return problems[0]
	}
	if !a.json {
		a.tabulate(answers)
	}
	for _, e := range problems {
		a.io.Note("not read: %s (%s)", oneLine(e.Error()), e.Code)
	}
	if exit := exitsByBadness[worst]; exit == exitNotSo {
		return outcome(exit)
	}
	first := problems[0]
	if len(problems) == 1 {
		return first
	}
	return &UserError{Code: first.Code, Msg: fmt.Sprintf("%d files could not be read", len(problems)), Hint: first.Hint}
}

// exitsByBadness orders exit codes by how much a reader must know about them.
var exitsByBadness = []int{exitShown, exitCannotTell, exitFailure, exitNotSo}

func badness(exit int) int {
	for i, e := range exitsByBadness {
		if e == exit {
			return i
		}
	}
	return 0
}

// tabulate prints one line a file, and a sum.
func (a *app) tabulate(answers []fileAnswer) {
	table := a.io.Table("verdict", "file", "code", "signed by")
	sums := map[verify.Verdict]int{}
	for _, one := range answers {
		words, _ := headline(one.answer)
		table.Row(words, one.path, string(one.answer.Code), signers(one.answer))
		sums[one.answer.Verdict]++
	}
	table.Flush()
	a.io.Note("%s: %d shown to be so, %d checked and not so, %d could not tell",
		count(len(answers), "file", "files"), sums[verify.Shown], sums[verify.NotSo], sums[verify.CannotTell])
}

// signers names who signed the first statement that has a good signature.
func signers(answer verify.Answer) string {
	for _, f := range answer.Statements {
		if len(f.Signer.By) > 0 {
			by := f.Signer.By[0]
			if by.Name != "" {
				return by.Name
			}
			return string(by.Issuer)
		}
	}
	return ""
}

// showAnswer prints one answer in full.
func (a *app) showAnswer(path string, answer verify.Answer) error {
	if a.json {
		return a.print(answer)
	}
	if path == stdinName {
		path = "standard input"
	}
	words, style := headline(answer)
	a.io.Printf("%s: %s", term.Clean(path), a.io.Styled(style, words))
	a.io.Wrap("  ", "  ", answer.Summary)
	for i, f := range answer.Statements {
		if len(answer.Statements) > 1 {
			a.io.Printf("")
			a.io.Printf("  %s", a.io.Styled(term.Bold, fmt.Sprintf("Receipt %d of %d: %s", i+1, len(answer.Statements), findingHeadline(f))))
		}
		a.showFinding(f)
	}
	for _, n := range answer.Notes {
		a.io.Wrap("  Note     ", "           ", n.Words)
	}
	for _, f := range answer.Forks {
		a.io.Wrap("  Fork     ", "           ", f.Words)
	}
	a.io.Printf("")
	a.io.Wrap("  Next     ", "           ", answer.Next)
	if answer.Code != verify.CodeOK {
		a.io.Printf("  See      wherefrom help %s", answer.Code)
	}
	return nil
}

// findingHeadline says what one receipt among several came out as.
func findingHeadline(f verify.Finding) string {
	words, _ := headline(verify.Answer{Verdict: f.Verdict, Code: f.Code})
	if f.Code != verify.CodeOK {
		words += fmt.Sprintf(" (%s)", f.Code)
	}
	return fmt.Sprintf("%s, statement %s", words, f.ID)
}

// showFinding prints the answers to the questions about one receipt, one line each.
func (a *app) showFinding(f verify.Finding) {
	a.io.Printf("")
	for _, line := range []struct{ label, words string }{
		{"Bytes", f.Match.Words},
		{"Said", f.Said.Words},
		{"Signer", f.Signer.Words},
		{"Log", f.Log.Words},
		{"Time", f.Time.Words},
		{"Revoked", f.Revoked.Words},
	} {
		a.io.Wrap(fmt.Sprintf("  %-9s", line.label), "           ", line.words)
	}
	for _, n := range f.Notes {
		a.io.Wrap("  Note     ", "           ", n.Words)
	}
}
