package cli

import (
	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/home"
)

// complete tells the shell what may follow a flag.
func complete(cmd *cobra.Command, flag string, fn cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, fn); err != nil {
		panic("cli: " + err.Error()) // a flag that does not exist: a mistake in this package
	}
}

// completeWith offers the names that list finds; a home that cannot be read offers none.
func (a *app) completeWith(list func(home.Home) []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		h, err := home.Find(a.getenv)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return list(h), cobra.ShellCompDirectiveNoFileComp
	}
}

func (a *app) completeKeys(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	return a.completeWith(func(h home.Home) []string {
		a.home = h
		keys, _ := a.keys().List() // those that can be read are offered
		var names []string
		for _, k := range keys {
			names = append(names, k.Name)
		}
		return names
	})(cmd, args, word)
}

func (a *app) completeContexts(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	return a.completeWith(func(h home.Home) []string {
		contexts, err := h.Contexts()
		if err != nil {
			return nil
		}
		return contexts.Names()
	})(cmd, args, word)
}

func (a *app) completeTrust(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	return a.completeWith(func(h home.Home) []string {
		names, _ := h.Trust().List() // none, if they cannot be read
		return names
	})(cmd, args, word)
}
