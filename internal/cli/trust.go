package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

func (a *app) trustCmd() *cobra.Command {
	return noun("trust", "Say which logs, witnesses and signers you go by", a.trustListCmd(), a.trustAddCmd(), a.trustRemoveCmd())
}

func (a *app) trustAddCmd() *cobra.Command {
	var signer, name string
	cmd := &cobra.Command{
		Use:   "add NAME FILE",
		Short: "Add a trust list, or the name of a signer",
		Long: `Add a trust list: a file in the form c2sp.org/tlog-policy that says which logs and witnesses you go by
(- reads it from standard input). The address of a log asks that log for the list, which is as good as your
reason to believe that address. Or give a signer a name, so that verification says who it is.`,
		Example: `  wherefrom trust add press press.policy
  wherefrom trust add harbour https://log.example.org
  wherefrom trust add --signer did:key:z6Mk… --name "Alice of the Daily Planet"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if signer != "" {
				return noArgs(cmd, args)
			}
			return needArgs(2, 2, "a NAME and a FILE, or --signer DID --name NAME")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if signer != "" {
				return a.trustSigner(cmd, signer, name)
			}
			return a.trustAdd(cmd.Context(), args[0], args[1])
		},
	}
	cmd.Flags().StringVar(&signer, "signer", "", "name this signer (`DID`)")
	cmd.Flags().StringVar(&name, "name", "", "what you call the signer")
	return cmd
}

func (a *app) trustAdd(ctx context.Context, name, path string) error {
	text, err := a.readList(ctx, path)
	if err != nil {
		return err
	}
	policy, err := parseTrust(path, text)
	if err != nil {
		return err
	}
	if err := a.home.Trust().Add(name, text); err != nil {
		return err
	}
	a.io.Note("added trust list %s: %s", name, policyWords(policy))
	return nil
}

// parseTrust reads a trust list, and says clearly which kinds come later.
func parseTrust(name string, text []byte) (*tlog.Policy, error) {
	start := bytes.TrimSpace(text)
	if bytes.HasPrefix(start, []byte("-----BEGIN")) || bytes.HasPrefix(start, []byte("{")) {
		return nil, &UserError{
			Code: codeTrustKind, Msg: name + " is a list of certificates (PEM or C2PA), which this version does not read yet",
			Hint: "give a file in the form c2sp.org/tlog-policy",
		}
	}
	policy, err := tlog.ParsePolicy(text)
	if err != nil {
		return nil, &UserError{
			Code: codeTrustDamaged, Msg: "read trust list " + name, Err: err,
			Hint: "a trust list has lines like `log VKEY URL`, `witness NAME VKEY`, `quorum NAME`",
		}
	}
	return policy, nil
}

func policyWords(p *tlog.Policy) string {
	var logs []string
	for _, l := range p.Logs() {
		logs = append(logs, l.Key.Name())
	}
	words := "no log"
	if len(logs) > 0 {
		words = "log " + strings.Join(logs, ", ")
	}
	switch n := len(p.Witnesses()); n {
	case 0:
		return words + ", no witness"
	case 1:
		return words + ", 1 witness"
	default:
		return fmt.Sprintf("%s, %d witnesses", words, n)
	}
}

func (a *app) trustSigner(cmd *cobra.Command, did, name string) error {
	if strings.TrimSpace(name) == "" {
		return wrongUse(cmd, "--signer needs --name: what do you call %s?", did)
	}
	issuer, err := parseSigner(did)
	if err != nil {
		return err
	}
	people, err := a.home.Trust().People()
	if err != nil {
		return err
	}
	people[issuer] = name
	if err := a.home.Trust().SetPeople(people); err != nil {
		return err
	}
	a.io.Note("%s is %q to you from now on", issuer, name)
	return nil
}

func parseSigner(did string) (statement.Issuer, error) {
	issuer, err := statement.ParseIssuer(did)
	if err != nil {
		return "", &UserError{Code: codeUsage, Msg: "not a signer: " + did, Err: err, Hint: "a signer is written did:key:z…; see `wherefrom key show NAME`"}
	}
	return issuer, nil
}

func (a *app) trustRemoveCmd() *cobra.Command {
	var signer string
	cmd := &cobra.Command{
		Use:               "remove NAME",
		Short:             "Remove a trust list, or the name of a signer",
		Long:              "Remove the trust list of this name or, if there is none, forget the signer whom you call so.",
		ValidArgsFunction: a.completeTrust,
		Args: func(cmd *cobra.Command, args []string) error {
			if signer != "" {
				return noArgs(cmd, args)
			}
			return needArgs(1, 1, "the NAME of a trust list, or --signer DID")(cmd, args)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if signer != "" {
				return a.forgetSigner(signer)
			}
			return a.trustRemove(args[0])
		},
	}
	cmd.Flags().StringVar(&signer, "signer", "", "forget the name of this signer (`DID`)")
	return cmd
}

// trustRemove removes the trust list of a name or, if there is none, forgets the signer of that name.
func (a *app) trustRemove(name string) error {
	err := a.home.Trust().Remove(name)
	if err == nil {
		a.io.Note("removed trust list %s", name)
		return nil
	}
	people, unread := a.home.Trust().People()
	if unread != nil {
		return err
	}
	var named []statement.Issuer
	for issuer, called := range people {
		if called == name {
			named = append(named, issuer)
		}
	}
	if len(named) == 0 {
		return err
	}
	issuer, err := onlySigner(name, named)
	if err != nil {
		return err
	}
	return a.forgetSigner(string(issuer))
}

func (a *app) forgetSigner(did string) error {
	issuer, err := parseSigner(did)
	if err != nil {
		return err
	}
	people, err := a.home.Trust().People()
	if err != nil {
		return err
	}
	if _, ok := people[issuer]; !ok {
		return fmt.Errorf("you have given %s no name: %w", issuer, errNoSuchSigner)
	}
	delete(people, issuer)
	if err := a.home.Trust().SetPeople(people); err != nil {
		return err
	}
	a.io.Note("%s has no name any more", issuer)
	return nil
}

var errNoSuchSigner = errors.New("nothing to remove")
