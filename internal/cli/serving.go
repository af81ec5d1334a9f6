package cli

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/server"
)

// serveOptions are the flags that every server has.
type serveOptions struct {
	dir     string
	listen  string
	verbose bool
	limits  server.Limits
	fatal   func(error) // ends the program when the registry's store cannot go on
}

func (o *serveOptions) flags(cmd *cobra.Command, listen string) {
	fs := cmd.Flags()
	fs.StringVar(&o.dir, "dir", "", "the `DIR` to keep everything in")
	fs.StringVar(&o.listen, "listen", listen, "`ADDR` to listen on; port 0 takes any that is free")
	fs.BoolVar(&o.verbose, "verbose", false, "log every request to standard error")
	must(cmd.MarkFlagRequired("dir"))
	must(cmd.MarkFlagDirname("dir"))
}

func (o *serveOptions) limitFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.IntVar(&o.limits.Connections, "max-connections", 4096, "connections that may be open")
	fs.Int64Var(&o.limits.BodyBytes, "max-body-bytes", 128<<20, "bytes of submissions that may be in memory")
	fs.Float64Var(&o.limits.IssuerRate, "issuer-rate", 20_000, "statements a second that one issuer may submit in the long run")
	fs.IntVar(&o.limits.IssuerBurst, "issuer-burst", 200_000, "statements that one issuer may submit at once after a quiet time")
}

// must is for what can only fail by a mistake in this package.
func must(err error) {
	if err != nil {
		panic("cli: " + err.Error())
	}
}

// logger writes what an operator should read to standard error: warnings and worse, unless more is asked for.
func (a *app) logger(verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(a.io.Err, &slog.HandlerOptions{Level: level}))
}

// listen opens a port.
func listen(ctx context.Context, address string) (net.Listener, error) {
	if err := checkAddress(ctx, address); err != nil {
		return nil, &UserError{Code: codeUsage, Msg: "--listen " + address, Err: err, Hint: "write HOST:PORT, like 127.0.0.1:8793"}
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, &UserError{
			Code: codeListen, Msg: "listen on " + address, Err: err,
			Hint: "another program may use that port: choose another with --listen, or port 0 for any that is free",
		}
	}
	return l, nil
}

// checkAddress says what is wrong with the form of an address to listen on.
func checkAddress(ctx context.Context, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	_, err = net.DefaultResolver.LookupPort(ctx, "tcp", port)
	return err
}

// ready says that a server answers, in the one line that a program waits for.
func (a *app) ready(l net.Listener) string {
	address := "http://" + l.Addr().String()
	a.io.Printf("listening on %s", address)
	return address
}

// node is a log and its registry in this process, with their API.
type node struct {
	log      *logserver.Log
	registry *registry.Registry
	server   *server.Server
}

// openNode opens the log in dir and the registry below it.
func openNode(ctx context.Context, o serveOptions, logger *slog.Logger, options logserver.Options) (*node, error) {
	metrics := prometheus.NewRegistry()
	n := new(node)
	var err error
	n.registry, err = registry.Open(filepath.Join(o.dir, "registry"), registry.Options{Logger: logger, Fatal: o.fatal})
	if err != nil {
		return nil, err
	}
	options.Index, options.Logger, options.Metrics = n.registry, logger, metrics
	if n.log, err = logserver.Open(ctx, o.dir, options); err != nil {
		return nil, errors.Join(err, n.registry.Close())
	}
	n.server, err = server.New(server.Options{
		Log: n.log, Registry: n.registry, Limits: o.limits, Metrics: metrics, Logger: logger, Version: buildVersion().Version,
	})
	if err != nil {
		return nil, errors.Join(err, n.close(ctx))
	}
	return n, nil
}

// close ends the log in good order and then the registry. It takes its time although ctx may have ended.
func (n *node) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	return errors.Join(n.log.Close(ctx), n.registry.Close())
}

// isLog reports whether dir holds a log, so that a registry is never made where there is none.
func isLog(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "log.json"))
	return err == nil
}
