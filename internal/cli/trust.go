package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/internal/term"
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

// readList reads a trust list from a file, from standard input, or from the log at an address.
func (a *app) readList(ctx context.Context, path string) ([]byte, error) {
	if !strings.HasPrefix(path, "http://") && !strings.HasPrefix(path, "https://") {
		return a.readInput(path)
	}
	address, err := serverURL(path)
	if err != nil {
		return nil, err
	}
	service, err := a.connect(address)
	if err != nil {
		return nil, err
	}
	policy, err := fetchPolicy(ctx, service)
	if err != nil {
		return nil, err
	}
	return []byte(policy.String()), nil
}

// readInput reads a small file, or standard input if path is a hyphen.
func (a *app) readInput(path string) ([]byte, error) {
	if path == "-" {
		return readBounded(a.io.In, "standard input")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, &UserError{Code: codeFileSpecial, Msg: path + " is not a regular file", Hint: "give the path of a file, or - for standard input"}
	}
	return readBounded(f, path)
}

func readBounded(r io.Reader, name string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(text) > maxInput {
		err = &UserError{
			Code: codeFileLarge, Msg: fmt.Sprintf("%s has more than %s", name, term.Bytes(maxInput)),
			Hint: "check that it is the file you mean",
		}
	}
	return text, err
}

// maxInput bounds what is read whole: policies, envelopes, receipts.
const maxInput = 4 << 20

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

// trustJSON is everything a person goes by.
type trustJSON struct {
	Schema string          `json:"schema"`
	Lists  []trustListJSON `json:"lists"`
	People []personJSON    `json:"people"`
}

type trustListJSON struct {
	Name      string     `json:"name"`
	Path      string     `json:"path"`
	Logs      []vkeyJSON `json:"logs"`
	Witnesses []vkeyJSON `json:"witnesses"`
	Error     string     `json:"error,omitempty"`
}

type vkeyJSON struct {
	Name string `json:"name"`
	Key  string `json:"key"`
	URL  string `json:"url,omitempty"`
}

type personJSON struct {
	Name   string           `json:"name"`
	Issuer statement.Issuer `json:"issuer"`
	Source string           `json:"source"`
}

func (a *app) trustListCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what you go by",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return a.trustList() },
	}
	a.jsonFlag(cmd)
	return cmd
}

func (a *app) trustList() error {
	all, err := a.allTrust()
	if err != nil {
		return err
	}
	if a.json {
		return a.print(all)
	}
	table := a.io.Table("kind", "name", "what")
	for _, l := range all.Lists {
		if l.Error != "" {
			table.Row("list", l.Name, "cannot be read: "+l.Error)
		}
		for _, log := range l.Logs {
			table.Row("log", l.Name, log.Key)
		}
		for _, w := range l.Witnesses {
			table.Row("witness", l.Name, w.Key)
		}
	}
	for _, p := range all.People {
		table.Row("signer", p.Name, string(p.Issuer))
	}
	table.Flush()
	if len(all.Lists) == 0 {
		a.io.Note("no trust lists yet; add one: wherefrom trust add NAME FILE")
	}
	return nil
}

func (a *app) allTrust() (trustJSON, error) {
	all := trustJSON{Schema: "wherefrom.network/trust/v1", Lists: []trustListJSON{}, People: []personJSON{}}
	names, err := a.home.Trust().List()
	if err != nil {
		return all, err
	}
	for _, name := range names {
		all.Lists = append(all.Lists, a.trustListOf(name))
	}
	people, err := a.home.Trust().People()
	if err != nil {
		return all, err
	}
	for _, issuer := range slices.Sorted(maps.Keys(people)) {
		all.People = append(all.People, personJSON{people[issuer], issuer, "your trust list"})
	}
	keys, _ := a.keys().List() // a key that cannot be read is the key list's and the doctor's to tell
	for _, k := range keys {
		all.People = append(all.People, personJSON{k.Name, k.Issuer, "your own key"})
	}
	return all, nil
}

func (a *app) trustListOf(name string) trustListJSON {
	list := trustListJSON{Name: name, Path: a.home.Trust().Path(name), Logs: []vkeyJSON{}, Witnesses: []vkeyJSON{}}
	policy, err := a.readTrust(name)
	if err != nil {
		list.Error = err.Error()
		return list
	}
	for _, l := range policy.Logs() {
		list.Logs = append(list.Logs, vkeyJSON{l.Key.Name(), l.Key.String(), l.URL})
	}
	for _, w := range policy.Witnesses() {
		list.Witnesses = append(list.Witnesses, vkeyJSON{w.Name, w.Key.String(), w.URL})
	}
	return list
}

func (a *app) readTrust(name string) (*tlog.Policy, error) {
	text, err := a.home.Trust().Read(name)
	if err != nil {
		return nil, err
	}
	return parseTrust(name, text)
}

func (a *app) trustRemoveCmd() *cobra.Command {
	var signer string
	cmd := &cobra.Command{
		Use:               "remove NAME",
		Short:             "Remove a trust list, or the name of a signer",
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
			if err := a.home.Trust().Remove(args[0]); err != nil {
				return err
			}
			a.io.Note("removed trust list %s", args[0])
			return nil
		},
	}
	cmd.Flags().StringVar(&signer, "signer", "", "forget the name of this signer (`DID`)")
	return cmd
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

// trustNames returns the trust lists that a verification goes by: those that were named (a list of the home,
// or a file), else those of the context, else all.
func (a *app) trustNames(named []string) ([]string, error) {
	if len(named) > 0 {
		return named, nil
	}
	_, c, err := a.currentContext()
	if err != nil || len(c.Trust) > 0 {
		return c.Trust, err
	}
	return a.home.Trust().List()
}

// policyOf reads a trust list by its name in the home or, if there is none of that name, from a file.
func (a *app) policyOf(name string) (*tlog.Policy, error) {
	policy, err := a.readTrust(name)
	if !errors.Is(err, home.ErrTrustUnknown) && !errors.Is(err, home.ErrName) {
		return policy, err
	}
	text, fileErr := a.readInput(name)
	if fileErr != nil {
		return nil, &UserError{
			Code: codeTrustUnknown, Msg: fmt.Sprintf("%q is neither a trust list of yours nor a file", name),
			Hint: "list them: wherefrom trust list",
		}
	}
	return parseTrust(name, text)
}
