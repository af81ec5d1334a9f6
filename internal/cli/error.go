package cli

import (
	"fmt"
	"os"
	"strings"
)

// The exit codes of the contract.
const (
	exitShown      = 0 // shown to be so
	exitFailure    = 1 // something failed
	exitUsage      = 2 // wrong use
	exitNotSo      = 3 // checked, and not so
	exitCannotTell = 4 // could not tell
	exitNotAllowed = 5 // not allowed: key, fee or login
)

// UserError is an error as a person meets it: what happened, what to do next, and a code to look up.
// Its exit code is that of its code's topic.
type UserError struct {
	Code Code
	Msg  string
	Hint string
	Err  error // the cause, added to Msg
}

// Error tells what happened.
func (e *UserError) Error() string {
	switch {
	case e.Err == nil:
		return e.Msg
	case e.Msg == "":
		return e.Err.Error()
	}
	return e.Msg + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *UserError) Unwrap() error { return e.Err }

// Exit returns the exit code.
func (e *UserError) Exit() int { return topicOf(e.Code).Exit }

// outcomeError ends the tool with an exit code after the command has said everything itself.
type outcomeError int

func (o outcomeError) Error() string { return fmt.Sprintf("exit %d", int(o)) }

// outcome returns nil for success and an outcomeError for everything else.
func outcome(exit int) error {
	if exit == exitShown {
		return nil
	}
	return outcomeError(exit)
}

// errorJSON is how an error looks to a program.
type errorJSON struct {
	Schema  string `json:"schema"`
	Code    Code   `json:"code"`
	Exit    int    `json:"exit"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// report prints an error in three lines, and as JSON too if the command was to answer in JSON.
func (a *app) report(e *UserError) int {
	a.io.Note("wherefrom: error: %s", oneLine(e.Error()))
	if e.Hint != "" {
		a.io.Note("wherefrom: hint: %s", oneLine(e.Hint))
	}
	a.io.Note("wherefrom: see: wherefrom help %s", e.Code)
	if a.json && !a.answered {
		if err := a.print(errorJSON{"wherefrom.network/error/v1", e.Code, e.Exit(), e.Error(), e.Hint}); err != nil {
			return exitFailure
		}
	}
	return e.Exit()
}

// die reports an error and ends the program where no caller can be told: see [registry.Options].
func (a *app) die(err error) { os.Exit(a.report(explain(err))) }

// oneLine joins the lines of a message, so that an error is always three lines, and takes out control characters.
func oneLine(text string) string {
	return cleanLine(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; "))
}
