package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/logserver/witness"
	"github.com/wherefrom-network/wherefrom/tlog"
)

func (a *app) logWitnessCmd() *cobra.Command {
	var o serveOptions
	var name string
	var watch []string
	cmd := &cobra.Command{
		Use:   "witness --dir DIR",
		Short: "Run a witness of logs",
		Long: `Run a C2SP witness: it cosigns a log's checkpoint only if it extends the one it cosigned before, so that a log
it watches cannot show two pasts. The first start with --name makes it, with a key of its own; the name is its key's
for ever, like witness.example.org.

--watch names the logs, in a file of the form c2sp.org/tlog-policy or by the address of a log; they are remembered.
A witness is worth something to those who know that it is not run by the log's operator.`,
		Example: `  wherefrom log witness --dir /srv/witness --name witness.example.org --watch https://log.example.org`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.logWitness(cmd.Context(), o, name, watch)
		},
	}
	o.flags(cmd, defaultWitnessListen)
	cmd.Flags().StringVar(&name, "name", "", "make a witness with this `NAME` if there is none in DIR")
	cmd.Flags().StringSliceVar(&watch, "watch", nil, "watch the logs in this `FILE|URL` from now on")
	return cmd
}

func (a *app) logWitness(ctx context.Context, o serveOptions, name string, watch []string) (err error) {
	var logs []tlog.LogEntry
	for _, from := range watch {
		more, err := a.logsOf(ctx, from)
		if err != nil {
			return err
		}
		logs = append(logs, more...)
	}
	w, err := openWitness(witness.Options{Dir: o.dir, Logger: a.logger(o.verbose)}, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if len(logs) > 0 {
		if err := w.Watch(logs...); err != nil {
			return err
		}
	}
	l, err := listen(ctx, o.listen)
	if err != nil {
		return err
	}
	address := a.ready(l)
	a.io.Note("witness %s", w.Key())
	a.io.Note("for the policy of a log:  witness NAME %s %s", w.Key(), address)
	for _, key := range w.Logs() {
		a.io.Note("watches %s", key.Name())
	}
	if len(w.Logs()) == 0 {
		a.io.Note("it watches no log yet: name one with --watch FILE|URL")
	}
	return serveHTTP(ctx, l, w.Server())
}

// openWitness opens the witness in a directory, and makes it first if a name is given and there is none.
func openWitness(o witness.Options, name string) (*witness.Witness, error) {
	w, err := witness.Open(o)
	if !errors.Is(err, witness.ErrNotAWitness) || name == "" {
		return w, err
	}
	if _, err := witness.Init(o.Dir, name); err != nil {
		return nil, err
	}
	return witness.Open(o)
}

// logsOf reads the log lines of a policy file, or asks a log for its own.
func (a *app) logsOf(ctx context.Context, from string) ([]tlog.LogEntry, error) {
	text, err := a.readList(ctx, from)
	if err != nil {
		return nil, err
	}
	logs, err := tlog.ParseLogList(text)
	if err != nil {
		policy, perr := parseTrust(from, text)
		if perr != nil {
			return nil, perr
		}
		logs = policy.Logs()
	}
	if len(logs) == 0 {
		return nil, &UserError{Code: codeTrustDamaged, Msg: from + " names no log", Hint: "it needs a line: log VKEY"}
	}
	return logs, nil
}

// serveHTTP serves until ctx ends, and then lets requests finish.
func serveHTTP(ctx context.Context, l net.Listener, s *http.Server) error {
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return s.Shutdown(closing)
}
