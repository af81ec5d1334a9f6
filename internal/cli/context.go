package cli

import (
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/home"
)

func (a *app) contextCmd() *cobra.Command {
	return noun("context", "Say once where to record and ask, with which key",
		a.contextListCmd(), a.contextShowCmd(), a.contextUseCmd(), a.contextAddCmd(), a.contextRemoveCmd())
}

type contextJSON struct {
	Schema  string `json:"schema,omitempty"`
	Name    string `json:"name"`
	Current bool   `json:"current"`
	home.Context
}

const contextSchema = "wherefrom.network/context/v1"

func (a *app) contextListCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the contexts",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return a.contextList() },
	}
	a.jsonFlag(cmd)
	return cmd
}

func (a *app) contextList() error {
	contexts, err := a.home.Contexts()
	if err != nil {
		return err
	}
	list := []contextJSON{}
	for _, name := range contexts.Names() {
		list = append(list, contextJSON{"", name, name == contexts.Current, contexts.Named[name]})
	}
	if a.json {
		return a.print(struct {
			Schema   string        `json:"schema"`
			Contexts []contextJSON `json:"contexts"`
		}{"wherefrom.network/context-list/v1", list})
	}
	table := a.io.Table("name", "in use", "log", "registry", "key", "trust")
	for _, c := range list {
		table.Row(c.Name, yesNo(c.Current), c.Log, c.Asked(), c.Key, strings.Join(c.Trust, ","))
	}
	table.Flush()
	if len(list) == 0 {
		a.io.Note("no contexts yet; add one: wherefrom context add NAME --log URL")
	}
	return nil
}

func (a *app) contextShowCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "show [NAME]",
		Short:             "Show a context, or the one in use",
		Args:              needArgs(0, 1, "at most one NAME"),
		ValidArgsFunction: a.completeContexts,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				a.contextName = args[0]
			}
			return a.contextShow()
		},
	}
	a.jsonFlag(cmd)
	return cmd
}

func (a *app) contextShow() error {
	name, c, err := a.currentContext()
	if err != nil {
		return err
	}
	if name == "" {
		return noContext("no context is in use")
	}
	if a.json {
		return a.print(contextJSON{contextSchema, name, a.contextName == "", c})
	}
	table := a.io.Table()
	table.Row("name", name)
	table.Row("log", c.Log)
	table.Row("registry", c.Asked())
	table.Row("key", c.Key)
	table.Row("trust", strings.Join(c.Trust, ","))
	table.Flush()
	return nil
}

func (a *app) contextUseCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "use NAME",
		Short:             "Make a context the one that commands go by",
		Args:              needArgs(1, 1, "the NAME of a context"),
		ValidArgsFunction: a.completeContexts,
		RunE: func(_ *cobra.Command, args []string) error {
			contexts, err := a.home.Contexts()
			if err != nil {
				return err
			}
			if err := contexts.Use(args[0]); err != nil {
				return err
			}
			a.io.Note("using context %s", args[0])
			return nil
		},
	}
}

func (a *app) contextAddCmd() *cobra.Command {
	var c home.Context
	var replace bool
	cmd := &cobra.Command{
		Use:     "add NAME --log URL",
		Short:   "Add a context",
		Example: `  wherefrom context add work --log https://log.example.org --key alice --trust work`,
		Args:    needArgs(1, 1, "a NAME for the context"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.contextAdd(cmd, args[0], c, replace) },
	}
	cmd.Flags().StringVar(&c.Log, "log", "", "`URL` of the log that records")
	cmd.Flags().StringVar(&c.Registry, "registry", "", "`URL` of the registry that answers questions (the log's, if not given)")
	cmd.Flags().StringVar(&c.Key, "key", "", "`NAME` of the key that signs")
	cmd.Flags().StringSliceVar(&c.Trust, "trust", nil, "`NAME` of a trust list to go by (all, if not given)")
	cmd.Flags().BoolVar(&replace, "replace", false, "replace the context of this name")
	return cmd
}

func (a *app) contextAdd(cmd *cobra.Command, name string, c home.Context, replace bool) error {
	if c.Log == "" && c.Registry == "" {
		return wrongUse(cmd, "a context needs --log URL or --registry URL")
	}
	for _, address := range []*string{&c.Log, &c.Registry} {
		if *address == "" {
			continue
		}
		clean, err := serverURL(*address)
		if err != nil {
			return err
		}
		*address = clean
	}
	if c.Key != "" {
		if _, err := a.keys().Show(c.Key); err != nil {
			return err
		}
	}
	contexts, err := a.home.Contexts()
	if err != nil {
		return err
	}
	store := contexts.Add
	if replace {
		store = contexts.Set
	}
	if err := store(name, c); err != nil {
		return err
	}
	if contexts.Current == name {
		a.io.Note("added context %s, now in use", name)
	} else {
		a.io.Note("added context %s; use it: wherefrom context use %s", name, name)
	}
	return nil
}

// serverURL checks the address of a server and returns it without a slash at its end.
func serverURL(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return "", &UserError{
			Code: codeUsage, Msg: "not the address of a server: " + address,
			Hint: "give it like https://log.example.org",
		}
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

func (a *app) contextRemoveCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "remove NAME",
		Short:             "Forget a context",
		Args:              needArgs(1, 1, "the NAME of a context"),
		ValidArgsFunction: a.completeContexts,
		RunE: func(_ *cobra.Command, args []string) error {
			contexts, err := a.home.Contexts()
			if err != nil {
				return err
			}
			if err := contexts.Remove(args[0]); err != nil {
				return err
			}
			a.io.Note("removed context %s", args[0])
			return nil
		},
	}
}

// contextFlag gives a command --context.
func (a *app) contextFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.contextName, "context", "", "go by the context of this `NAME` instead of the one in use")
	complete(cmd, "context", a.completeContexts)
}

// currentContext returns the context that --context names, else the one in use. The name is empty if there is none.
func (a *app) currentContext() (string, home.Context, error) {
	contexts, err := a.home.Contexts()
	if err != nil {
		return "", home.Context{}, err
	}
	name := a.contextName
	if name == "" {
		name = contexts.Current
	}
	if name == "" {
		return "", home.Context{}, nil
	}
	c, err := contexts.Find(name)
	return name, c, err
}

// noContext is the error of a command that needs to know where to go.
func noContext(msg string) error {
	return &UserError{
		Code: codeContextMissing, Msg: msg,
		Hint: "try it all on this machine with `wherefrom up`, or add one: wherefrom context add NAME --log URL",
	}
}
