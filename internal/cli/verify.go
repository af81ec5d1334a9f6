package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/verify"
)

// verifyOptions are the flags of verify.
type verifyOptions struct {
	at      string
	trust   []string
	receipt string
	signer  string
	digest  string
	online  bool
	offline bool
}

func (a *app) verifyCmd() *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify FILE…",
		Short: "Tell what is stated about a file, by whom, when, and who watched",
		Long: `Check a file against the receipt beside it, and answer apart: are these the bytes, what was stated, who
signed and who vouches for them, which log holds it and who watched that log, when and by whose clock, was it revoked.

Nothing is asked over the network unless you say --online. The answer goes by your trust lists (wherefrom trust
list). Exit codes: 0 shown to be so, 3 checked and not so, 4 could not tell.`,
		Example: `  wherefrom verify photo.jpg
  wherefrom verify pictures/ --json
  wherefrom verify film.mp4 --receipt from-alice.receipt --trust press.policy
  wherefrom verify --digest sha256:9f86… --receipt photo.jpg.receipt`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.digest != "" {
				return noArgs(cmd, args)
			}
			return needArgs(1, -1, "at least one FILE, - for standard input, or --digest DIGEST")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.verify(cmd, args, o) },
	}
	fs := cmd.Flags()
	fs.StringVar(&o.at, "at", "", "ask whether it was recorded by this `TIME`, like 2026-11-22 or 2026-11-22T10:00:00Z; revocations count for all times")
	fs.StringSliceVar(&o.trust, "trust", nil, "go by this trust list, `NAME|FILE` (the context's or all of yours, if not given)")
	fs.StringVar(&o.receipt, "receipt", "", "use the receipts in this `FILE` instead of those beside the file")
	fs.StringVar(&o.signer, "signer", "", "require that this `DID` signed, or the key or person of this name")
	fs.StringVar(&o.digest, "digest", "", "check this `DIGEST` instead of a file")
	fs.BoolVar(&o.online, "online", false, "ask the context's registry for revocations and better receipts first; without its answer nothing is shown")
	fs.BoolVar(&o.offline, "offline", false, "use no network, as without this flag")
	cmd.MarkFlagsMutuallyExclusive("online", "offline")
	complete(cmd, "trust", a.completeTrust)
	a.contextFlag(cmd)
	a.jsonFlag(cmd)
	return cmd
}

func (a *app) verify(cmd *cobra.Command, args []string, o verifyOptions) error {
	v, err := a.newVerifier(cmd, o)
	if err != nil {
		return err
	}
	if o.digest != "" {
		return v.digestOnly(cmd)
	}
	found, err := findSources(cmd, withoutReceipts(args))
	if err != nil {
		return err
	}
	if len(found.files) == 0 {
		return nothingFound(found, args)
	}
	if o.receipt != "" && len(found.files) > 1 {
		return wrongUse(cmd, "--receipt is for one file, and here are %d", len(found.files))
	}
	if found.files[0].path == stdinName && o.receipt == "" {
		return wrongUse(cmd, "standard input has no receipt beside it: say --receipt FILE")
	}
	if !a.json {
		a.noteLeftOut(found)
	}
	return v.files(cmd.Context(), found)
}

// withoutReceipts takes FILE.receipt to mean FILE, so that a pattern like photo.* does what it should.
func withoutReceipts(args []string) []string {
	var out []string
	for _, arg := range args {
		if file, ok := strings.CutSuffix(arg, receiptSuffix); ok && exists(file) {
			arg = file
		}
		out = append(out, arg)
	}
	return out
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// verifier is one run of verify: whom to believe, and what is asked.
type verifier struct {
	a        *app
	options  verifyOptions
	trust    verify.Trust
	require  verify.Require
	asOf     time.Time      // zero unless --at
	registry *registryAsker // nil unless --online
}

func (a *app) newVerifier(cmd *cobra.Command, o verifyOptions) (*verifier, error) {
	v := &verifier{a: a, options: o}
	var err error
	if o.at != "" {
		if v.asOf, err = parseTime(cmd, o.at); err != nil {
			return nil, err
		}
	}
	if v.trust, err = a.trustFor(o.trust); err != nil {
		return nil, err
	}
	if o.signer != "" {
		if v.require.Signer, err = a.signerNamed(o.signer, v.trust); err != nil {
			return nil, err
		}
	}
	if o.online {
		if v.registry, err = a.newRegistryAsker(); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// parseTime reads a point in time, in UTC unless it says otherwise.
func parseTime(cmd *cobra.Command, text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, wrongUse(cmd, "--at %s is not a time: write 2026-11-22 or 2026-11-22T10:00:00Z", text)
}

// trustFor gathers whom the reader believes: logs and witnesses by trust lists, and names of signers by the
// reader's own keys and the names given to others.
func (a *app) trustFor(named []string) (verify.Trust, error) {
	trust := verify.Trust{People: map[statement.Issuer]verify.Person{}}
	names, err := a.trustNames(named)
	if err != nil {
		return trust, err
	}
	for _, name := range names {
		policy, err := a.policyOf(name)
		if err != nil {
			return trust, err
		}
		trust.Policies = append(trust.Policies, verify.NamedPolicy{Name: name, Policy: policy})
	}
	people, err := a.home.Trust().People()
	if err != nil {
		return trust, err
	}
	for issuer, name := range people {
		trust.People[issuer] = verify.Person{Name: name, Source: "so named by you"}
	}
	keys, _ := a.keys().List() // verifying needs no key; one that cannot be read vouches for nobody
	for _, k := range keys {
		trust.People[k.Issuer] = verify.Person{Name: k.Name, Source: "your keys", Own: true}
	}
	return trust, nil
}

// signerNamed finds the signer that --signer means: a DID, or the name of a key or a person.
func (a *app) signerNamed(who string, trust verify.Trust) (statement.Issuer, error) {
	if strings.HasPrefix(who, "did:") {
		return parseSigner(who)
	}
	var found []statement.Issuer
	for issuer, p := range trust.People {
		if p.Name == who {
			found = append(found, issuer)
		}
	}
	return onlySigner("--signer "+who, found)
}

// onlySigner returns the one signer that a name was found to mean.
func onlySigner(asked string, found []statement.Issuer) (statement.Issuer, error) {
	if len(found) == 1 {
		return found[0], nil
	}
	e := &UserError{
		Code: codeUsage, Msg: asked + ": you have named no signer so, and have no key of that name",
		Hint: "write the signer as did:key:z…; wherefrom trust list shows those you have named",
	}
	if len(found) > 1 {
		e.Msg = fmt.Sprintf("%s: %d signers have that name", asked, len(found))
	}
	return "", e
}

// digestOnly answers for a digest whose bytes are elsewhere.
func (v *verifier) digestOnly(cmd *cobra.Command) error {
	digest, err := statement.ParseDigest(v.options.digest)
	if err != nil {
		return wrongUse(cmd, "--digest %s is not a SHA-256 digest: write sha256: and 64 hex digits", v.options.digest)
	}
	if v.options.receipt == "" && !v.options.online {
		return wrongUse(cmd, "--digest needs --receipt FILE, or --online to ask the registry")
	}
	in := verify.Input{Digest: digest}
	if err := v.gather(cmd.Context(), &in, v.options.receipt); err != nil {
		return err
	}
	answer := verify.Check(in)
	if err := v.a.showAnswer(digest.String(), answer); err != nil {
		return err
	}
	return outcome(exitOf(answer.Verdict))
}

// gather adds the receipts and everything else that an answer depends on.
func (v *verifier) gather(ctx context.Context, in *verify.Input, path string) error {
	in.Trust, in.Require, in.At, in.AsOf = v.trust, v.require, v.a.now(), v.asOf
	if path != "" {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) && v.options.receipt == "" {
			err = nil // no receipt beside the file is an answer, not an error
		}
		if err != nil {
			return err
		}
		if text != nil {
			in.Receipts, in.Unreadable = receipt.Parse(text)
		}
	}
	if v.registry != nil {
		v.registry.improve(ctx, in)
	}
	return nil
}

// files answers for each file, and ends with the worst answer.
func (v *verifier) files(ctx context.Context, found *sources) error {
	p := v.a.io.Progress("reading", found.total())
	defer p.Close()
	var answers []fileAnswer
	for _, s := range found.files {
		p.Label(filepath.Base(s.path))
		one := fileAnswer{path: s.path}
		c, err := v.a.readContent(ctx, s, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			in := verify.Input{Digest: c.digest, Size: c.size, Name: displayName(s.path)}
			if err = v.gather(ctx, &in, v.receiptFor(s.path)); err == nil {
				one.answer = verify.Check(in)
				one.answer.Next = withPath(one.answer.Next, s.path)
			}
		}
		if err != nil {
			found.problems = append(found.problems, explain(err))
			continue
		}
		answers = append(answers, one)
	}
	p.Close()
	return v.a.showAnswers(answers, found.problems)
}

func (v *verifier) receiptFor(path string) string {
	if v.options.receipt != "" {
		return v.options.receipt
	}
	return path + receiptSuffix
}

// displayName is what an answer calls a file: its name without folders, nothing for standard input.
func displayName(path string) string {
	if path == stdinName {
		return ""
	}
	return filepath.Base(path)
}

// withPath lets a command that is proposed work from where the reader is.
func withPath(next, path string) string {
	if command, ok := strings.CutSuffix(next, " "+quoteShell(filepath.Base(path))); ok && path != stdinName {
		return command + " " + quoteShell(path)
	}
	return next
}
