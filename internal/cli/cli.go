// Package cli is the command line of the tool: one file a command, and at the edge every error in
// three parts: what happened, what to do next, and a code that `wherefrom help` explains.
//
// Results go to standard output, everything else to standard error. A command that prints facts has
// --json, whose schema only grows. Where things go (log, registry, key, trust) comes from the context,
// so that nobody repeats flags; see the context command.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/internal/keystore"
	"github.com/wherefrom-network/wherefrom/internal/term"
)

// Main runs the tool with args (without the program's name) and returns its exit code: 0 shown to be so,
// 1 failure, 2 wrong use, 3 checked and not so, 4 could not tell, 5 not allowed.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first Ctrl-C asks for a clean end; from then on the second one stops at once.
	defer context.AfterFunc(ctx, stop)()
	a := &app{
		io:     term.New(stdin, stdout, stderr, os.Getenv, time.Now),
		getenv: os.Getenv,
		now:    time.Now,
		pause:  pause,
	}
	return a.run(ctx, args)
}

// app is one run of the tool. Nothing below it looks at the clock, the environment or the standard
// streams except through it.
type app struct {
	io     *term.IO
	getenv func(string) string
	now    func() time.Time
	pause  func(context.Context, time.Duration) error // waits, or ends with the context
	home   home.Home

	json           bool   // --json was given
	answered       bool   // a JSON document went to standard output
	contextName    string // --context
	passphraseFile string // --passphrase-file
}

func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(append([]string{}, args...)) // never nil, which would mean os.Args
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitShown
	}
	var outcome outcomeError
	if errors.As(err, &outcome) {
		return int(outcome)
	}
	if errors.Is(err, context.Canceled) {
		err = &UserError{Code: codeInterrupted, Msg: "interrupted", Hint: "run the same command again: it goes on where it was"}
	}
	return a.report(explain(err))
}

// keys returns the person's keys.
func (a *app) keys() *keystore.Store { return keystore.New(a.home.Keys()) }

// print writes one JSON document: on one line in a pipe, indented for a reader.
func (a *app) print(v any) error {
	a.answered = true
	enc := json.NewEncoder(a.io.Out)
	enc.SetEscapeHTML(false)
	if a.io.OutTerminal {
		enc.SetIndent("", "  ")
	}
	return enc.Encode(v)
}

// jsonFlag gives a command --json.
func (a *app) jsonFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.json, "json", false, "print the result as JSON, with a schema field")
}
