package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

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

// trustNames returns the trust lists that a verification goes by: those that were named (a list of the home,
// or a file), else those of the context, else all.
func (a *app) trustNames(named []string) ([]string, error) {
	if len(named) > 0 {
		return named, nil
	}
	_, c, err := a.currentContext()
	if errors.Is(err, home.ErrDamaged) && a.contextName == "" {
		a.io.Note("the context is left out, and all your trust lists count: %s", oneLine(err.Error()))
		err = nil
	}
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

// knows reports whether a trust list of the user accepts a log.
func (a *app) knows(log tlog.Key) bool {
	all, err := a.allTrust()
	if err != nil {
		return false
	}
	for _, list := range all.Lists {
		for _, l := range list.Logs {
			if l.Key == log.String() {
				return true
			}
		}
	}
	return false
}
