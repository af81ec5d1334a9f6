package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/statement"
)

// recordOptions are the flags of record that are not about what is stated.
type recordOptions struct {
	log    string
	key    string
	out    string
	wait   string
	dryRun bool
	retry  time.Duration
	// patient says that the user chose retry: then it also goes for a log that was not there to begin with.
	patient bool
}

func (a *app) recordCmd() *cobra.Command {
	var o recordOptions
	var f fields
	cmd := &cobra.Command{
		Use:   "record FILE…",
		Short: "State something about files and get receipts",
		Long: `State something about files: sign it, have a public log record it, and write FILE.receipt beside each.
What is stated becomes public for ever; the bytes of the files never leave this machine. --dry-run shows
exactly what would become public, and sends nothing.

FILE may be a folder, a pattern, or - for standard input (then --out says where the receipt goes). Files that
have a receipt for the same statement are skipped, so the same command again goes on where it was stopped.`,
		Example: `  wherefrom record photo.jpg --title "Harbour at dawn" --source-type digitalCapture
  wherefrom record pictures/ --as rights --train no
  wherefrom record photo.jpg --as revoke --reason mistake
  wherefrom record model.sigstore.json --as envelope
  tar c album | wherefrom record - --out album.tar.receipt`,
		Args: needArgs(1, -1, "at least one FILE, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return err
			}
			if err := o.check(cmd, args, &f); err != nil {
				return err
			}
			return a.record(cmd, args, o, f)
		},
	}
	f.flags(cmd)
	fs := cmd.Flags()
	fs.StringVar(&o.log, "log", "", "`URL` of the log (the context's, if not given)")
	fs.StringVar(&o.key, "key", "", "`NAME` of the key that signs (the context's, or your only one, if not given)")
	fs.StringVar(&o.out, "out", "", "write the receipt to this `FILE` (one file only)")
	fs.StringVar(&o.wait, "wait", "final", "final waits for the log's witnesses, fast does not")
	fs.DurationVar(&o.retry, "retry-for", 5*time.Minute, "go on asking a log that is busy or went out of reach for this long; if given, also one that is not there yet")
	fs.BoolVar(&o.dryRun, "dry-run", false, "show what would become public for ever, and send nothing")
	complete(cmd, "key", a.completeKeys)
	complete(cmd, "wait", cobra.FixedCompletions([]string{"fast", "final"}, cobra.ShellCompDirectiveNoFileComp))
	a.contextFlag(cmd)
	a.passphraseFlag(cmd)
	a.jsonFlag(cmd)
	return cmd
}

func (o *recordOptions) check(cmd *cobra.Command, args []string, f *fields) error {
	o.patient = cmd.Flags().Changed("retry-for")
	if o.wait != "fast" && o.wait != "final" {
		return wrongUse(cmd, "--wait %s: it is fast or final", o.wait)
	}
	if args[0] == stdinName && o.out == "" && !o.dryRun {
		return wrongUse(cmd, "standard input has no place for a receipt: say --out FILE")
	}
	if args[0] == stdinName && f.as == asRevoke {
		return wrongUse(cmd, "--as revoke needs the file whose receipt has the statement")
	}
	return nil
}

func (a *app) record(cmd *cobra.Command, args []string, o recordOptions, f fields) error {
	found, err := findSources(cmd, args)
	if err != nil {
		return err
	}
	if len(found.files) == 0 {
		return nothingFound(found, args)
	}
	if len(found.files) > 1 && (o.out != "" || f.name != "") {
		return wrongUse(cmd, "--out and --name are for one file, and here are %d", len(found.files))
	}
	if !a.json {
		a.noteLeftOut(found)
	}
	a.noteLicense(f.license)
	r, err := a.newRecorder(o, f)
	if err != nil {
		return err
	}
	r.fail(found.problems...)
	if o.dryRun {
		return r.plan(cmd.Context(), found)
	}
	return r.run(cmd.Context(), found)
}

// nothingFound is the error when no file is left to work on.
func nothingFound(found *sources, args []string) error {
	if len(found.problems) == 1 {
		return found.problems[0]
	}
	if len(found.problems) > 1 {
		return &UserError{
			Code: found.problems[0].Code, Msg: fmt.Sprintf("none of %d files can be read; the first: %s", len(found.problems), found.problems[0].Error()),
			Hint: found.problems[0].Hint,
		}
	}
	return &UserError{
		Code: codeNothing, Msg: "no files in " + strings.Join(args, ", "),
		Hint: "hidden files, links and receipts are left out in folders; name them to take them",
	}
}

// recordedJSON is what became of one file.
type recordedJSON struct {
	File    string            `json:"file"`
	Status  string            `json:"status"` // recorded, known, skipped, failed
	Digest  *statement.Digest `json:"digest,omitempty"`
	ID      *statement.Digest `json:"id,omitempty"`
	Index   *uint64           `json:"index,omitempty"`
	Receipt string            `json:"receipt,omitempty"`
	// Unwitnessed says that the log's witnesses were waited for in vain, so that only the log has signed the receipt.
	Unwitnessed bool       `json:"unwitnessed,omitempty"`
	Error       *errorJSON `json:"error,omitempty"`

	verify string // the command that checks it
}

// What can become of a file.
const (
	statusRecorded = "recorded" // it was recorded now
	statusKnown    = "known"    // the log had this very envelope already
	statusSkipped  = "skipped"  // its receipt says the same already
	statusFailed   = "failed"
)

type recordJSON struct {
	Schema   string           `json:"schema"`
	Log      string           `json:"log"`
	Issuer   statement.Issuer `json:"issuer,omitempty"`
	Recorded int              `json:"recorded"`
	Known    int              `json:"known"`
	Skipped  int              `json:"skipped"`
	Failed   int              `json:"failed"`
	Files    []recordedJSON   `json:"files"`
}

const recordSchema = "wherefrom.network/record/v1"
