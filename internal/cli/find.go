package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/verify"
)

// findOptions are the flags of find.
type findOptions struct {
	save bool
	out  string
}

func (a *app) findCmd() *cobra.Command {
	var o findOptions
	cmd := &cobra.Command{
		Use:   "find FILE|DIGEST…",
		Short: "Ask the registry for statements about a file",
		Long: `Ask the context's registry for statements about a file, by the digest of its bytes. Only the digest is sent.
Every receipt that comes back is checked here, as verify does. --save keeps the receipts beside the file.

Exit codes: 0 something was found, even if all of it was revoked or does not hold: read the list; 4 nothing was found.`,

		Example: `  wherefrom find photo.jpg --save
  wherefrom find sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`,
		Args: needArgs(1, -1, "a FILE or a DIGEST"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.find(cmd, args, o) },
	}
	cmd.Flags().BoolVar(&o.save, "save", false, "write what is found to FILE.receipt")
	cmd.Flags().StringVar(&o.out, "out", "", "with --save, write to this `FILE` instead (one file or digest only)")
	a.contextFlag(cmd)
	a.jsonFlag(cmd)
	return cmd
}

// findJSON is what the registry knows about one file.
type findJSON struct {
	Schema   string           `json:"schema"`
	File     string           `json:"file,omitempty"`
	Digest   statement.Digest `json:"digest"`
	Registry string           `json:"registry"`
	Found    []foundJSON      `json:"found"`
	Saved    string           `json:"saved,omitempty"`
}

// foundJSON is one statement that was found, as it came out when its receipt was checked here.
type foundJSON struct {
	ID            statement.Digest   `json:"id"`
	PredicateType string             `json:"predicate_type"`
	Issuers       []statement.Issuer `json:"issuers"`
	Verdict       verify.Verdict     `json:"verdict"`
	Code          verify.Code        `json:"code"`
	Role          verify.Role        `json:"role"`
	Words         string             `json:"words"`
	Claimed       *time.Time         `json:"claimed,omitempty"`
}

func (a *app) find(cmd *cobra.Command, args []string, o findOptions) error {
	if o.out != "" && (!o.save || len(args) > 1) {
		return wrongUse(cmd, "--out goes with --save and one FILE or DIGEST")
	}
	q, err := a.newRegistryAsker()
	if err != nil {
		return err
	}
	trust, err := a.trustFor(nil)
	if err != nil {
		return err
	}
	missing := 0
	for _, arg := range args {
		in, err := a.findInput(cmd, arg)
		if err != nil {
			return err
		}
		in.Trust = trust
		found, err := a.findOne(cmd.Context(), q, in, arg, o)
		if err != nil {
			return err
		}
		if len(found.Found) == 0 {
			missing++
		}
		if err := a.showFound(found, len(args)); err != nil {
			return err
		}
	}
	if missing > 0 {
		return outcome(exitCannotTell)
	}
	return nil
}

// findInput makes a question of a file or digest.
func (a *app) findInput(cmd *cobra.Command, arg string) (verify.Input, error) {
	in := verify.Input{At: a.now()}
	if digest, err := statement.ParseDigest(arg); err == nil && !exists(arg) {
		in.Digest = digest
		return in, nil
	}
	found, err := findSources(cmd, []string{arg})
	if err != nil {
		return in, err
	}
	if len(found.problems) > 0 {
		return in, found.problems[0]
	}
	if len(found.files) != 1 {
		return in, wrongUse(cmd, "find takes files, and %s is a folder or a pattern of %d", arg, len(found.files))
	}
	p := a.io.Progress("reading", found.total())
	defer p.Close()
	c, err := a.readContent(cmd.Context(), found.files[0], p)
	in.Digest, in.Size, in.Name = c.digest, c.size, displayName(arg)
	return in, err
}

func (a *app) findOne(ctx context.Context, q *registryAsker, in verify.Input, arg string, o findOptions) (findJSON, error) {
	out := findJSON{Schema: "wherefrom.network/find/v1", Digest: in.Digest, Registry: q.service.URL(), Found: []foundJSON{}}
	if in.Name != "" {
		out.File = arg
	}
	var err error
	if in.Receipts, err = q.receipts(ctx, in.Digest); err != nil {
		return out, err
	}
	answer := verify.Check(in)
	for i, f := range answer.Statements {
		out.Found = append(out.Found, foundOf(f, in.Receipts[i]))
	}
	if !o.save || len(in.Receipts) == 0 {
		return out, nil
	}
	out.Saved = o.out
	if out.Saved == "" {
		out.Saved = in.Digest.Hex() + receiptSuffix
		if out.File != "" && out.File != stdinName {
			out.Saved = out.File + receiptSuffix
		}
	}
	for _, r := range in.Receipts {
		if err := writeReceipt(out.Saved, r); err != nil {
			return out, err
		}
	}
	return out, nil
}

func foundOf(f verify.Finding, r *receipt.Receipt) foundJSON {
	out := foundJSON{ID: r.ID(), PredicateType: f.Said.PredicateType, Verdict: f.Verdict, Code: f.Code, Role: f.Role, Words: f.Words}
	out.Issuers = []statement.Issuer{}
	for _, by := range f.Signer.By {
		out.Issuers = append(out.Issuers, by.Issuer)
	}
	if !f.Time.Claimed.IsZero() {
		out.Claimed = &f.Time.Claimed
	}
	return out
}

// showFound prints what was found about one file of several.
func (a *app) showFound(out findJSON, of int) error {
	if a.json {
		return a.print(out)
	}
	name := out.File
	if name == "" || name == stdinName {
		name = out.Digest.String()
	}
	if len(out.Found) == 0 {
		a.io.Printf("%s: %s", term.Clean(name), a.io.Styled(term.Yellow, "no record found"))
		a.io.Wrap("  ", "  ", "The registry at "+out.Registry+" knows no statement about these bytes. That says nothing about the file itself.")
		if of == 1 {
			a.io.Wrap("  Next     ", "           ", "Ask another registry (--context NAME), or state where it comes from: wherefrom record "+quoteShell(name))
			a.io.Printf("  See      wherefrom help %s", verify.CodeNoRecord)
		}
		return nil
	}
	a.io.Printf("%s: %s found", term.Clean(name), foundWords(out.Found))
	for _, f := range out.Found {
		mark := ""
		if f.Code == verify.CodeRevoked {
			mark = a.io.Styled(term.Red, "revoked") + ": "
		}
		a.io.Wrap("  ", "    ", fmt.Sprintf("%s %s%s", f.ID, mark, f.Words))
	}
	switch {
	case out.Saved != "":
		a.io.Note("saved to %s; next: wherefrom verify %s", out.Saved, quoteShell(name))
	case out.File != "" && of == 1:
		a.io.Note("keep the receipts: wherefrom find %s --save", quoteShell(name))
	}
	return nil
}

// foundWords counts statements, how many of them were taken back, and apart from them what takes them back.
func foundWords(found []foundJSON) string {
	statements, revoked, revocations := 0, 0, 0
	for _, f := range found {
		switch {
		case f.Role == verify.Revocation:
			revocations++
			continue
		case f.Code == verify.CodeRevoked:
			revoked++
		}
		statements++
	}
	words := count(statements, "statement", "statements")
	if revoked > 0 {
		words += fmt.Sprintf(" (%d revoked)", revoked)
	}
	if revocations > 0 {
		words += " and " + count(revocations, "revocation", "revocations")
	}
	return words
}
