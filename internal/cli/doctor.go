package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/internal/term"
)

// Health of one thing, from good to bad.
const (
	isWell    = "ok"
	isNote    = "note"    // worth knowing, nothing is wrong
	isUnknown = "unknown" // it could not be looked at
	isBad     = "bad"     // it needs mending
	isFalse   = "false"   // it was looked at and is not what it claims to be
)

// examined is what the doctor found about one thing, in one line, with the fix.
type examined struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Words  string `json:"words"`
	Fix    string `json:"fix,omitempty"`
}

// examination collects the findings of one visit.
type examination struct {
	a        *app
	context  home.Context
	findings []examined
}

func (x *examination) say(status, name, fix, format string, args ...any) {
	x.findings = append(x.findings, examined{name, status, fmt.Sprintf(format, args...), fix})
}

func (a *app) doctorCmd() *cobra.Command {
	var offline bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at clock, disk, keys, trust lists and servers, and say how to mend them",
		Long: `Look at everything that this tool depends on, one line each, with the fix. The servers of the context are
asked how they are, and whether the log still extends what it showed before; --offline leaves them out.

Exit codes: 0 well, 1 something needs mending, 3 a log contradicts itself, 4 something could not be looked at.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), offline) },
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "ask no server")
	a.contextFlag(cmd)
	a.jsonFlag(cmd)
	return cmd
}

func (a *app) doctor(ctx context.Context, offline bool) error {
	x := &examination{a: a}
	v := buildVersion()
	x.say(isWell, "version", "", "wherefrom %s, %s, %s", v.Version, v.Go, v.Platform)
	x.clock()
	x.disk()
	x.keys()
	x.trust()
	x.contexts()
	if !offline && ctx.Err() == nil {
		x.servers(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if a.json {
		if err := a.print(struct {
			Schema string     `json:"schema"`
			Worst  string     `json:"worst"`
			Checks []examined `json:"checks"`
		}{"wherefrom.network/doctor/v1", x.worst(), x.findings}); err != nil {
			return err
		}
	} else {
		x.show()
	}
	return outcome(doctorExits[x.worst()])
}

var doctorExits = map[string]int{isWell: exitShown, isNote: exitShown, isUnknown: exitCannotTell, isBad: exitFailure, isFalse: exitNotSo}

// worst returns the worst status found.
func (x *examination) worst() string {
	order := []string{isWell, isNote, isUnknown, isBad, isFalse}
	worst := 0
	for _, f := range x.findings {
		for i, status := range order {
			if f.Status == status {
				worst = max(worst, i)
			}
		}
	}
	return order[worst]
}

func (x *examination) show() {
	table := x.a.io.Table("", "what", "", "fix")
	for _, f := range x.findings {
		if f.Fix == "" {
			table.Row(f.Status, f.Name, f.Words)
		} else {
			table.Row(f.Status, f.Name, f.Words, "fix: "+f.Fix)
		}
	}
	table.Flush()
}

// born is when this program was written: a clock before it is wrong.
var born = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func (x *examination) clock() {
	now := x.a.now()
	if now.Before(born) {
		x.say(isBad, "clock", "set the clock of this machine, best by NTP", "it says %s, which is in the past", now.Format(time.RFC3339))
		return
	}
	x.say(isWell, "clock", "", "%s", now.UTC().Format(time.RFC3339))
}

// enoughDisk is the free space below which the doctor speaks up.
const enoughDisk = 200 << 20

func (x *examination) disk() {
	dir := existingParent(x.a.home.Config)
	free, err := freeSpace(dir)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
	case err != nil:
		x.say(isUnknown, "disk", "check "+dir, "%v", err)
	case free < enoughDisk:
		x.say(isBad, "disk", "make room", "%s free at %s", term.Bytes(free), dir)
	default:
		x.say(isWell, "disk", "", "%s free at %s", term.Bytes(free), dir)
	}
}

func (x *examination) keys() {
	keys, err := x.a.keys().List()
	for _, k := range keys {
		if k.Protected {
			x.say(isWell, "key "+k.Name, "", "%s, with a passphrase", k.Type)
		} else {
			x.say(isNote, "key "+k.Name, "", "%s, without a passphrase: whoever reads the file can sign as you", k.Type)
		}
	}
	for _, e := range split(err) {
		u := explain(e)
		x.say(isBad, "key", u.Hint, "%s", u.Error())
	}
	if len(keys) == 0 && err == nil {
		x.say(isNote, "key", "wherefrom key new NAME", "you have none; recording needs one, verifying does not")
	}
}

// split undoes errors.Join.
func split(err error) []error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

func (x *examination) trust() {
	all, err := x.a.allTrust()
	if err != nil {
		u := explain(err)
		x.say(isBad, "trust", u.Hint, "%s", u.Error())
	}
	for _, l := range all.Lists {
		if l.Error != "" {
			x.say(isBad, "trust "+l.Name, "mend "+l.Path+", or: wherefrom trust remove "+l.Name, "%s", l.Error)
			continue
		}
		x.say(isWell, "trust "+l.Name, "", "%s, %s", count(len(l.Logs), "log", "logs"), count(len(l.Witnesses), "witness", "witnesses"))
	}
	if len(all.Lists) == 0 && err == nil {
		x.say(isNote, "trust", "wherefrom trust add NAME FILE", "no trust list; verification can check that a receipt is consistent, not that its log is one you accept")
	}
}

func (x *examination) contexts() {
	name, c, err := x.a.currentContext()
	if err != nil {
		u := explain(err)
		x.say(isBad, "context", u.Hint, "%s", u.Error())
		return
	}
	if name == "" {
		x.say(isNote, "context", "wherefrom up, or: wherefrom context add NAME --log URL", "none is in use")
		return
	}
	x.context = c
	x.say(isWell, "context "+name, "", "log %s", c.Log)
	if c.Key != "" {
		if _, err := x.a.keys().Show(c.Key); err != nil {
			u := explain(err)
			x.say(isBad, "context "+name, "wherefrom key new "+c.Key, "its key: %s", u.Error())
		}
	}
	for _, t := range c.Trust {
		if _, err := x.a.readTrust(t); errors.Is(err, home.ErrTrustUnknown) {
			x.say(isBad, "context "+name, "wherefrom trust add "+t+" FILE", "its trust list %s is not there", t)
		}
	}
}
