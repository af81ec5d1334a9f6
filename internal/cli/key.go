package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/keystore"
	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/statement"
)

func (a *app) keyCmd() *cobra.Command {
	return noun("key", "Make and show the keys you sign with", a.keyNewCmd(), a.keyListCmd(), a.keyShowCmd())
}

func (a *app) keyNewCmd() *cobra.Command {
	var kind string
	var unprotected bool
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Make a key",
		Long: `Make a key and keep it in your home, encrypted with a passphrase.

The passphrase is asked for twice; without a terminal it comes from WHEREFROM_PASSPHRASE or --passphrase-file.
Nobody can restore a key whose file or passphrase is lost: keep a copy of the file somewhere safe.`,
		Example: `  wherefrom key new alice
  wherefrom key new press --type p256`,
		Args: needArgs(1, 1, "a NAME for the key"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := keystore.NewKey{Name: args[0], Type: keystore.Type(kind), Created: a.now()}
			if !unprotected {
				n.Ask = func() ([]byte, error) { return a.newPassphrase(cmd.Context(), args[0]) }
			}
			return a.keyNew(n)
		},
	}
	cmd.Flags().StringVar(&kind, "type", string(keystore.Ed25519), "ed25519 or p256")
	cmd.Flags().BoolVar(&unprotected, "no-passphrase", false, "keep the private key unencrypted: whoever reads the file can sign as you")
	a.passphraseFlag(cmd)
	a.jsonFlag(cmd)
	return cmd
}

func (a *app) keyNew(n keystore.NewKey) error {
	key, err := a.keys().Create(n)
	if err != nil {
		return err
	}
	if a.json {
		return a.print(newKeyJSON(key))
	}
	a.io.Printf("made key %s\n  %s", key.Name, key.Issuer)
	a.io.Note("kept in %s", key.Path)
	if !key.Protected {
		a.io.Note("it has no passphrase: whoever reads that file can sign as you")
	}
	a.io.Note("next: wherefrom record FILE --key %s", key.Name)
	return nil
}

// keyJSON is one key; the private part is no field of anything that is printed.
type keyJSON struct {
	Schema    string           `json:"schema,omitempty"`
	Name      string           `json:"name"`
	Type      keystore.Type    `json:"type"`
	Issuer    statement.Issuer `json:"issuer"`
	Created   time.Time        `json:"created"`
	Protected bool             `json:"protected"`
	Path      string           `json:"path"`
}

const keySchema = "wherefrom.network/key/v1"

func newKeyJSON(k keystore.Key) keyJSON {
	return keyJSON{keySchema, k.Name, k.Type, k.Issuer, k.Created, k.Protected, k.Path}
}

func (a *app) keyListCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List your keys",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return a.keyList() },
	}
	a.jsonFlag(cmd)
	return cmd
}

func (a *app) keyList() error {
	keys, bad := a.keys().List()
	if a.json {
		list := struct {
			Schema string    `json:"schema"`
			Keys   []keyJSON `json:"keys"`
		}{"wherefrom.network/keys/v1", []keyJSON{}}
		for _, k := range keys {
			j := newKeyJSON(k)
			j.Schema = ""
			list.Keys = append(list.Keys, j)
		}
		return errors.Join(a.print(list), bad)
	}
	table := a.io.Table("name", "type", "passphrase", "created", "issuer")
	for _, k := range keys {
		table.Row(k.Name, string(k.Type), yesNo(k.Protected), k.Created.Format(time.RFC3339), string(k.Issuer))
	}
	table.Flush()
	if len(keys) == 0 && bad == nil {
		a.io.Note("no keys yet; make one: wherefrom key new NAME")
	}
	return bad
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (a *app) keyShowCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "show NAME",
		Short:             "Show the public part of a key",
		Args:              needArgs(1, 1, "the NAME of a key"),
		ValidArgsFunction: a.completeKeys,
		RunE:              func(_ *cobra.Command, args []string) error { return a.keyShow(args[0]) },
	}
	a.jsonFlag(cmd)
	return cmd
}

func (a *app) keyShow(name string) error {
	key, err := a.keys().Show(name)
	if err != nil {
		return err
	}
	if a.json {
		return a.print(newKeyJSON(key))
	}
	table := a.io.Table()
	table.Row("name", key.Name)
	table.Row("type", string(key.Type))
	table.Row("issuer", string(key.Issuer))
	table.Row("created", key.Created.Format(time.RFC3339))
	table.Row("passphrase", yesNo(key.Protected))
	table.Row("file", key.Path)
	table.Flush()
	return nil
}

// passphraseFlag gives a command that needs a private key its way to the passphrase without a terminal.
func (a *app) passphraseFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.passphraseFile, "passphrase-file", "", "read the key's passphrase from the first line of this `FILE`")
}

// newPassphrase gets the passphrase for a new key, asking twice.
func (a *app) newPassphrase(ctx context.Context, name string) ([]byte, error) {
	if given, ok, err := a.givenPassphrase(); ok || err != nil {
		return given, err
	}
	first, err := a.askPassphrase(ctx, "Passphrase for the new key "+name+": ")
	if err != nil {
		return nil, err
	}
	second, err := a.askPassphrase(ctx, "The same again: ")
	if err != nil {
		return nil, err
	}
	defer clear(second)
	if !bytes.Equal(first, second) {
		return nil, &UserError{Code: codePassphrase, Msg: "the two passphrases differ, so no key was made", Hint: "run the command again"}
	}
	return first, nil
}

// passphrase gets the passphrase of a key that exists.
func (a *app) passphrase(ctx context.Context, name string) ([]byte, error) {
	if given, ok, err := a.givenPassphrase(); ok || err != nil {
		return given, err
	}
	return a.askPassphrase(ctx, "Passphrase for the key "+name+": ")
}

// givenPassphrase looks at --passphrase-file and the environment; ok is false if neither says anything.
func (a *app) givenPassphrase() (secret []byte, ok bool, err error) {
	if a.passphraseFile != "" {
		raw, err := os.ReadFile(a.passphraseFile)
		if err != nil {
			return nil, false, &UserError{Code: codeFileUnreadable, Msg: "read the passphrase", Err: err, Hint: "check the path after --passphrase-file"}
		}
		line, _, _ := bytes.Cut(raw, []byte("\n"))
		return bytes.TrimSuffix(line, []byte("\r")), true, nil
	}
	if value := a.getenv("WHEREFROM_PASSPHRASE"); value != "" {
		return []byte(value), true, nil
	}
	return nil, false, nil
}

func (a *app) askPassphrase(ctx context.Context, prompt string) ([]byte, error) {
	secret, err := a.io.Passphrase(ctx, prompt)
	if errors.Is(err, term.ErrNoTerminal) {
		return nil, &UserError{
			Code: codePassphrase, Msg: "a passphrase is needed and there is no terminal to ask on",
			Hint: "set WHEREFROM_PASSPHRASE, or give --passphrase-file FILE",
		}
	}
	return secret, err
}
