package cli

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// closeTime is how long a log may take to end: for what is in flight, and for a last answer of its witnesses.
const closeTime = 15 * time.Second

// defaultListen is where a log answers unless told otherwise; a witness is on the next port.
const (
	defaultListen        = "127.0.0.1:8793"
	defaultWitnessListen = "127.0.0.1:8794"
	defaultServeListen   = "127.0.0.1:8795"
)

func (a *app) logCmd() *cobra.Command {
	return noun("log", "Run a log, or a witness of logs",
		withoutHome(a.logInitCmd()), withoutHome(a.logServeCmd()), withoutHome(a.logCheckCmd()), withoutHome(a.logWitnessCmd()))
}

func (a *app) logInitCmd() *cobra.Command {
	var dir, origin, policy, guard string
	cmd := &cobra.Command{
		Use:   "init --dir DIR --origin NAME",
		Short: "Make a new log",
		Long: `Make a new, empty log with a key of its own. The origin is its name for ever: a host name that you control,
with a path if you run several logs. Others trust the log by the key that this prints.

Witnesses are named in a file in the form c2sp.org/tlog-policy: a line "witness NAME VKEY URL" each, groups, and
the quorum. The guard is the log's memory of what it has signed; it is best on another disk than the log.`,
		Example: `  wherefrom log init --dir /srv/log --origin log.example.org --witness-policy witnesses.policy`,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.logInit(dir, tlog.Origin(origin), policy, guard)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&dir, "dir", "", "the `DIR` to make the log in")
	fs.StringVar(&origin, "origin", "", "the `NAME` of the log for ever, like log.example.org")
	fs.StringVar(&policy, "witness-policy", "", "`FILE` that names the log's witnesses and quorum (none, if not given)")
	fs.StringVar(&guard, "guard", "", "`DIR` for the guard's record (in the log's directory, if not given)")
	must(cmd.MarkFlagRequired("dir"))
	must(cmd.MarkFlagRequired("origin"))
	a.jsonFlag(cmd)
	return cmd
}

func (a *app) logInit(dir string, origin tlog.Origin, policyFile, guard string) error {
	cfg := logserver.Config{Origin: origin}
	if policyFile != "" {
		text, err := a.readInput(policyFile)
		if err != nil {
			return err
		}
		cfg.Policy = string(text)
	}
	if guard != "" {
		var err error
		if cfg.Guard, err = filepath.Abs(guard); err != nil {
			return err
		}
	}
	key, err := makeLog(dir, cfg)
	if err != nil {
		return err
	}
	if a.json {
		return a.print(struct {
			Schema string      `json:"schema"`
			Dir    string      `json:"dir"`
			Origin tlog.Origin `json:"origin"`
			Key    string      `json:"key"`
		}{"wherefrom.network/log/v1", dir, origin, key.String()})
	}
	a.io.Printf("made log %s", origin)
	a.io.Printf("  key  %s", key)
	a.io.Note("start it:     wherefrom log serve --dir %s", quoteShell(dir))
	a.io.Note("to trust it:  wherefrom trust add NAME http://ADDR    where it listens, or give out what it answers to GET /v1/policy")
	a.io.Note("keep a copy of its file key where nobody else reads it, and never run two copies of the log")
	return nil
}

// makeLog makes a log with a new key and returns what verifies it.
func makeLog(dir string, cfg logserver.Config) (tlog.Key, error) {
	if err := logserver.CheckOrigin(cfg.Origin); err != nil {
		return tlog.Key{}, err
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return tlog.Key{}, err
	}
	signer, err := tlog.NewLogSigner(cfg.Origin, private)
	if err != nil {
		return tlog.Key{}, err
	}
	cfg.Key = private
	return signer.Key(), logserver.Init(dir, cfg)
}

func (a *app) logServeCmd() *cobra.Command {
	var o serveOptions
	var options logserver.Options
	cmd := &cobra.Command{
		Use:   "serve --dir DIR",
		Short: "Run a log with its registry",
		Long: `Run the log in DIR with its registry: statements in, receipts, lists and tiles out. When it answers it prints
"listening on http://…". Ctrl-C lets what is in flight come to its end; a second Ctrl-C stops at once, which loses
nothing that was acknowledged.

A log with witnesses asks them before it starts, for only they can tell that its directory is an old copy. If none
answers it does not start, unless --unwitnessed says on your own word that this is the newest one.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.logServe(cmd.Context(), o, options) },
	}
	o.flags(cmd, defaultListen)
	o.limitFlags(cmd)
	cmd.Flags().BoolVar(&options.Unwitnessed, "unwitnessed", false,
		"start although no witness answers: on your own word, DIR is not an old copy")
	return cmd
}

func (a *app) logServe(ctx context.Context, o serveOptions, options logserver.Options) (err error) {
	if !isLog(o.dir) {
		return noLogHere(o.dir)
	}
	l, err := listen(ctx, o.listen)
	if err != nil {
		return err
	}
	defer l.Close()
	o.fatal = a.die
	n, err := openNode(ctx, o, a.logger(o.verbose), options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close(ctx)) }()
	a.ready(l)
	a.io.Note("log %s, key %s", n.log.Origin(), n.log.Key())
	if err := n.server.Serve(ctx, l); err != nil {
		return err
	}
	a.io.Note("stopping: what is in flight comes to its end; Ctrl-C again stops at once")
	return nil
}

func noLogHere(dir string) error {
	return &UserError{
		Code: "fault-not-a-log", Msg: "there is no log in " + dir,
		Hint: "make one: wherefrom log init --dir " + quoteShell(dir) + " --origin NAME",
	}
}

func (a *app) logCheckCmd() *cobra.Command {
	var dir string
	var guard, tree, unwitnessed bool
	cmd := &cobra.Command{
		Use:   "check --dir DIR",
		Short: "Read a whole log back and tell what is wrong",
		Long: `Read every tile and entry of a log back, hash everything again, and hold it against what was signed. Nothing
is changed, and the log may be running. Exit codes: 0 well, 3 something is not as it was signed.

--restore-guard and --restore-tree make a lost guard record or tree state anew after such a check; the log must not
be running.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case guard:
				return a.logRestore(cmd.Context(), dir, logserver.RestoreGuard, unwitnessed)
			case tree:
				return a.logRestore(cmd.Context(), dir, logserver.RestoreTree, unwitnessed)
			}
			return a.logCheck(cmd.Context(), dir)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&dir, "dir", "", "the `DIR` of the log")
	fs.BoolVar(&guard, "restore-guard", false, "make a lost guard record anew, after asking the witnesses what they have seen")
	fs.BoolVar(&tree, "restore-tree", false, "make a lost tree state anew from the guard's record")
	fs.BoolVar(&unwitnessed, "unwitnessed", false, "with --restore-guard: go on although no witness could be asked, on your own word")
	must(cmd.MarkFlagRequired("dir"))
	cmd.MarkFlagsMutuallyExclusive("restore-guard", "restore-tree")
	a.jsonFlag(cmd)
	return cmd
}

// reportJSON is what a check of a log found.
type reportJSON struct {
	Schema    string      `json:"schema"`
	Origin    tlog.Origin `json:"origin"`
	Key       string      `json:"key"`
	Running   bool        `json:"running"`
	Tree      uint64      `json:"tree"`
	Signed    uint64      `json:"signed"`
	Published uint64      `json:"published"`
	Final     uint64      `json:"final"`
	Read      uint64      `json:"read"`
	Bytes     uint64      `json:"bytes"`
	Problems  []faultJSON `json:"problems"`
}

type faultJSON struct {
	Code Code   `json:"code"`
	Path string `json:"path,omitempty"`
	What string `json:"what"`
	Do   string `json:"do"`
}

func (a *app) logCheck(ctx context.Context, dir string) error {
	p := a.io.Progress("checking, entries read:", 0)
	defer p.Close()
	report, err := logserver.Check(ctx, dir, logserver.CheckOptions{Progress: entriesRead(p)})
	p.Close()
	if err != nil {
		return err
	}
	return a.showReport(report)
}

// entriesRead shows how many entries were read.
func entriesRead(p interface{ Label(string) }) func(done, total uint64) {
	return func(done, total uint64) { p.Label(fmt.Sprintf("checking entry %d of %d", done, total)) }
}

type restoreFunc func(context.Context, string, logserver.RestoreOptions) (*logserver.Report, error)

func (a *app) logRestore(ctx context.Context, dir string, restore restoreFunc, unwitnessed bool) error {
	p := a.io.Progress("checking", 0)
	defer p.Close()
	report, err := restore(ctx, dir, logserver.RestoreOptions{
		CheckOptions: logserver.CheckOptions{Progress: entriesRead(p)}, Unwitnessed: unwitnessed,
	})
	p.Close()
	if err != nil {
		return err
	}
	if report.OK() {
		a.io.Note("restored; now start the log again: wherefrom log serve --dir %s", quoteShell(dir))
	}
	return a.showReport(report)
}

func (a *app) showReport(r *logserver.Report) error {
	exit := exitShown
	if !r.OK() {
		exit = exitNotSo
	}
	out := reportJSON{
		"wherefrom.network/log-check/v1", r.Origin, r.Key.String(), r.Running, r.Tree, r.Signed, r.Published, r.Final,
		r.Read, r.Bytes,
		[]faultJSON{},
	}
	for _, f := range r.Problems {
		out.Problems = append(out.Problems, faultJSON{faultCode(f), f.Path, f.Error(), f.Do})
	}
	if a.json {
		return errors.Join(a.print(out), outcome(exit))
	}
	if r.OK() {
		a.io.Printf("log %s: all %d entries are as they were signed", r.Origin, r.Read)
	} else {
		a.io.Printf("log %s: %s in %d entries", r.Origin, count(len(r.Problems), "problem", "problems"), r.Read)
	}
	a.io.Printf("  tree %d, signed %d, published %d, witnessed %d", r.Tree, r.Signed, r.Published, r.Final)
	for _, f := range out.Problems {
		a.io.Printf("  %s: %s", f.Code, cleanLine(f.What))
		a.io.Printf("    do: %s", f.Do)
	}
	return outcome(exit)
}

// faultCode names what is wrong with a log in the tool's own list of codes.
func faultCode(f *logserver.Fault) Code { return faultPrefix + Code(f.Code) }

const faultPrefix = "fault-"
