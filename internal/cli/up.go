package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/logserver/witness"
	"github.com/wherefrom-network/wherefrom/tlog"
)

func (a *app) upCmd() *cobra.Command {
	o := serveOptions{listen: defaultListen, fatal: a.die}
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run a whole network on this machine, to try things",
		Long: `Run a log, a witness, a registry and their API in one process, with a demonstration key, context and trust
list, and record and verify a demonstration file. Ctrl-C stops it; the next start goes on where it was.

A witness on the same machine as its log shows how witnessing works. It is not independent, so it protects nobody.`,
		Example: `  wherefrom up
  wherefrom up --listen 127.0.0.1:0 --home ./network`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.dir == "" {
				o.dir = filepath.Join(a.home.Data, "up")
			}
			return a.up(cmd, o)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&o.dir, "home", "", "the `DIR` to keep the network in (in your own data directory, if not given)")
	fs.StringVar(&o.listen, "listen", o.listen, "`ADDR` to listen on (any free port, if this one is taken and not asked for)")
	fs.BoolVar(&o.verbose, "verbose", false, "log every request to standard error")
	return cmd
}

// anyPort lets the system choose a port on this machine.
const anyPort = "127.0.0.1:0"

// witnessHost is the host by which the log of `up` reaches its witness, which is in the same process and listens
// on a port that differs from start to start.
const witnessHost = "witness.localhost"

func (a *app) up(cmd *cobra.Command, o serveOptions) (err error) {
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	l, err := listen(ctx, o.listen)
	if err != nil && !cmd.Flags().Changed("listen") {
		// Nobody chose that port, and the context will say which one it is.
		l, err = listen(ctx, anyPort)
	}
	if err != nil {
		return err
	}
	defer l.Close()
	u := &upNetwork{a: a, options: o}
	if err := u.open(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	// The witness outlives the log: it is asked for a last time when the log ends.
	group.Go(func() error { return u.serveLog(ctx, l) })
	group.Go(func() error {
		err := u.settle(ctx, cmd, a.ready(l))
		if err != nil {
			cancel()
		}
		return err
	})
	return errors.Join(group.Wait(), u.closeWitness())
}

// upNetwork is everything that `up` runs.
type upNetwork struct {
	a       *app
	options serveOptions

	witness       *witness.Witness
	witnessServer *http.Server
	witnessPort   net.Listener
	node          *node
}

func (u *upNetwork) logDir() string     { return filepath.Join(u.options.dir, "log") }
func (u *upNetwork) witnessDir() string { return filepath.Join(u.options.dir, "witness") }

// open makes what is missing, and opens the witness and then the log, which asks it.
func (u *upNetwork) open(ctx context.Context) error {
	logger := u.a.logger(u.options.verbose)
	if err := u.openWitness(ctx, logger); err != nil {
		return err
	}
	if err := u.makeLog(); err != nil {
		return errors.Join(err, u.closeWitness())
	}
	o := u.options
	o.dir = u.logDir()
	var err error
	u.node, err = openNode(ctx, o, logger, logserver.Options{HTTP: u.witnessClient()})
	if err != nil {
		return errors.Join(err, u.closeWitness())
	}
	return nil
}

func (u *upNetwork) openWitness(ctx context.Context, logger *slog.Logger) error {
	err := u.whole(u.witnessDir(), func(dir string) error {
		_, err := witness.Init(dir, witnessHost)
		return err
	})
	if err != nil {
		return err
	}
	if u.witness, err = witness.Open(witness.Options{Dir: u.witnessDir(), Logger: logger}); err != nil {
		return err
	}
	if u.witnessPort, err = listen(ctx, anyPort); err != nil {
		return errors.Join(err, u.witness.Close())
	}
	u.witnessServer = u.witness.Server()
	go func() { _ = u.witnessServer.Serve(u.witnessPort) }() // ends with closeWitness
	return nil
}

// makeLog makes the log if there is none. The witness knows it before it is there.
func (u *upNetwork) makeLog() error {
	return u.whole(u.logDir(), func(dir string) error {
		key, err := makeLog(dir, logserver.Config{
			Origin: randomOrigin(),
			Policy: fmt.Sprintf("witness local %s http://%s\nquorum local\n", u.witness.Key(), witnessHost),
		})
		if err != nil {
			return err
		}
		return u.witness.Watch(tlog.LogEntry{Key: key})
	})
}

// witnessClient sends whatever is for the witness to the port where it listens now.
func (u *upNetwork) witnessClient() *http.Client {
	address := u.witnessPort.Addr().String()
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, address)
		},
	}}
}

// serveLog answers until ctx ends, and then ends the log.
func (u *upNetwork) serveLog(ctx context.Context, l net.Listener) error {
	err := u.node.server.Serve(ctx, l)
	if ctx.Err() != nil {
		u.a.io.Note("stopping: what is in flight comes to its end; Ctrl-C again stops at once")
	}
	return errors.Join(err, u.node.close(ctx))
}

func (u *upNetwork) closeWitness() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(u.witnessServer.Shutdown(ctx), u.witness.Close())
}
