package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/home"
)

const (
	groupDaily   = "daily"
	groupMine    = "mine"
	groupOperate = "operate"
)

// root builds the tree of commands.
func (a *app) root() *cobra.Command {
	cobra.EnableCommandSorting = false // the order below is that of use
	root := &cobra.Command{
		Use:   "wherefrom",
		Short: "State where information comes from, and check it offline, for ever",
		Long: `Wherefrom records where information comes from. You state something about a file, a public log puts
your statement in order, and you get one small receipt that any stranger can check without a network.

Begin with:  wherefrom up            (a whole network on this machine, to try things)
        or:  wherefrom verify FILE   (needs nothing but FILE and FILE.receipt)`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: a.before,
	}
	root.SetIn(a.io.In)
	root.SetOut(a.io.Out)
	root.SetErr(a.io.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return wrongUse(cmd, "%s", err)
	})
	root.AddGroup(
		&cobra.Group{ID: groupDaily, Title: "Every day:"},
		&cobra.Group{ID: groupMine, Title: "What is yours:"},
		&cobra.Group{ID: groupOperate, Title: "Running servers:"},
	)
	addGroup(root, groupDaily, a.recordCmd(), a.verifyCmd(), a.findCmd(), a.receiptCmd(), a.doctorCmd())
	addGroup(root, groupMine, a.keyCmd(), a.contextCmd(), a.trustCmd())
	addGroup(root, groupOperate, a.upCmd(), a.logCmd(), a.serveCmd())
	root.AddCommand(withoutHome(a.versionCmd()), withoutHome(a.manCmd()))
	root.SetHelpCommand(a.helpCmd(root))
	root.Version = buildVersion().words()
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().Bool("version", false, "tell which build this is")
	root.RunE = showHelp
	root.Args = cobra.ArbitraryArgs
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveDefault)
	return root
}

// before runs before every command: it checks what cobra would check later with words of its own.
func (a *app) before(cmd *cobra.Command, _ []string) (err error) {
	if err := cmd.ValidateRequiredFlags(); err != nil {
		return wrongUse(cmd, "%s: %s", cmd.CommandPath(), err)
	}
	if err := cmd.ValidateFlagGroups(); err != nil {
		return wrongUse(cmd, "these flags do not go together: %s", err)
	}
	a.home, err = home.Find(a.getenv)
	if cmd.Annotations[homeless] != "" {
		return nil
	}
	return err
}

// homeless marks commands that need no home of a person: they work in a bare container.
const homeless = "homeless"

func withoutHome(cmd *cobra.Command) *cobra.Command {
	cmd.Annotations = map[string]string{homeless: "true"}
	return cmd
}

func addGroup(root *cobra.Command, id string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = id
		root.AddCommand(c)
	}
}

// noun builds a command that only holds verbs.
func noun(use, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, RunE: showHelp, Args: cobra.ArbitraryArgs}
	cmd.AddCommand(verbs...)
	return cmd
}

// showHelp answers a command that was given no verb, or one that does not exist.
func showHelp(cmd *cobra.Command, args []string) error {
	if len(args) == 0 && !cmd.HasParent() {
		return cmd.Help()
	}
	if len(args) == 0 {
		return wrongUse(cmd, "%s needs one of: %s", cmd.CommandPath(), strings.Join(verbs(cmd), ", "))
	}
	err := wrongUse(cmd, "there is no command %q", cmd.CommandPath()+" "+args[0])
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		err.Hint = fmt.Sprintf("did you mean: %s %s", cmd.CommandPath(), near[0])
	}
	return err
}

func verbs(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// wrongUse is the error for a command line that cannot be meant.
func wrongUse(cmd *cobra.Command, format string, args ...any) *UserError {
	return &UserError{
		Code: codeUsage,
		Msg:  fmt.Sprintf(format, args...),
		Hint: "see how it is used: " + cmd.CommandPath() + " --help",
	}
}

// needArgs wants between least and most arguments; a negative most means any number.
func needArgs(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least {
			return wrongUse(cmd, "%s needs %s", cmd.CommandPath(), what)
		}
		if most >= 0 && len(args) > most {
			return wrongUse(cmd, "%s takes %s and nothing more: what is %q?", cmd.CommandPath(), what, args[most])
		}
		return nil
	}
}

// noArgs wants no arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return wrongUse(cmd, "%s takes no arguments: what is %q?", cmd.CommandPath(), args[0])
	}
	return nil
}
