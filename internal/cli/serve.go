package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/server"
	"github.com/wherefrom-network/wherefrom/tlog"
)

func (a *app) serveCmd() *cobra.Command {
	var o serveOptions
	var log, key string
	cmd := &cobra.Command{
		Use:   "serve --log URL --dir DIR",
		Short: "Run a registry that follows a log elsewhere",
		Long: `Run a registry and its API over a log that runs elsewhere: every entry is checked against the log's signed
checkpoints before it is taken in, and statements are passed on to the log. Any C2SP tile log will do.

The log's key is that of --log-key, else of a trust list of yours that knows the log, else what the log says the
first time; it is remembered in DIR, and another key is refused from then on.`,
		Example: `  wherefrom serve --log https://log.example.org --dir /srv/registry`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), o, log, key) },
	}
	o.flags(cmd, defaultServeListen)
	o.limitFlags(cmd)
	cmd.Flags().StringVar(&log, "log", "", "`URL` of the log")
	cmd.Flags().StringVar(&key, "log-key", "", "the log's `VKEY`")
	must(cmd.MarkFlagRequired("log"))
	return cmd
}

func (a *app) serve(ctx context.Context, o serveOptions, log, vkey string) (err error) {
	address, err := serverURL(log)
	if err != nil {
		return err
	}
	upstream, err := client.New(address, client.Options{UserAgent: userAgent()})
	if err != nil {
		return err
	}
	policy, err := a.upstreamPolicy(ctx, upstream, o.dir, vkey)
	if err != nil {
		return err
	}
	key := policy.Logs()[0].Key
	logger := a.logger(o.verbose)
	r, err := registry.Open(filepath.Join(o.dir, "registry"), registry.Options{Log: key, Logger: logger, Fatal: a.die})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	s, err := server.New(server.Options{
		Upstream: upstream, Key: key, Policy: policy, Registry: r, Limits: o.limits, Logger: logger, Version: buildVersion().Version,
	})
	if err != nil {
		return err
	}
	l, err := listen(ctx, o.listen)
	if err != nil {
		return err
	}
	a.ready(l)
	a.io.Note("follows %s at %s, from entry %d", key.Name(), upstream.URL(), r.Next())
	return s.Serve(ctx, l)
}

// upstreamPolicy says which log is followed: as remembered, as told, as trusted, or else as the log says itself.
func (a *app) upstreamPolicy(ctx context.Context, upstream *client.Client, dir, vkey string) (*tlog.Policy, error) {
	path := filepath.Join(dir, "log.policy")
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		return rememberedPolicy(path, text, vkey)
	}
	policy, err := a.firstPolicy(ctx, upstream, vkey)
	if err != nil {
		return nil, err
	}
	return policy, home.WriteFile(path, []byte(policy.String()), 0o644)
}

func rememberedPolicy(path string, text []byte, vkey string) (*tlog.Policy, error) {
	policy, err := parseTrust(path, text)
	if err != nil {
		return nil, err
	}
	if len(policy.Logs()) != 1 || vkey != "" && policy.Logs()[0].Key.String() != vkey {
		return nil, &UserError{
			Code: codeRegistryOther, Msg: path + " is of another log",
			Hint: "use another --dir for another log",
		}
	}
	return policy, nil
}

// firstPolicy learns the log's key at the first start.
func (a *app) firstPolicy(ctx context.Context, upstream *client.Client, vkey string) (*tlog.Policy, error) {
	said, err := fetchPolicy(ctx, upstream)
	if vkey != "" {
		key, kerr := tlog.ParseKey(vkey)
		if kerr != nil {
			return nil, &UserError{Code: codeUsage, Msg: "--log-key", Err: kerr, Hint: "a log's key is written NAME+ID+BASE64; its operator has it"}
		}
		if err == nil && len(said.Logs()) == 1 && said.Logs()[0].Key == key {
			return said, nil // with its witnesses
		}
		return tlog.ParsePolicy(fmt.Appendf(nil, "log %s %s\nquorum none\n", key, upstream.URL()))
	}
	if err != nil {
		return nil, err
	}
	if len(said.Logs()) != 1 {
		return nil, &UserError{Code: codeServerAnswer, Msg: upstream.URL() + " does not say which log it is", Hint: "say it with --log-key VKEY"}
	}
	return said, a.vouched(said.Logs()[0].Key)
}

// vouched holds what a log says about its key against the user's trust lists.
func (a *app) vouched(key tlog.Key) error {
	all, err := a.allTrust()
	if err != nil {
		return err
	}
	for _, list := range all.Lists {
		for _, log := range list.Logs {
			if log.Key == key.String() {
				return nil
			}
			if log.Name == key.Name() {
				return &UserError{
					Code: codeLogKey, Msg: fmt.Sprintf("the log calls itself %s, and your trust list %s has another key for that name", key.Name(), list.Name),
					Hint: "do not rely on it until you know why; --log-key VKEY says which key is right",
				}
			}
		}
	}
	a.io.Note("the key of %s is taken on the log's own word; --log-key would check it", key.Name())
	return nil
}
