package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// helpCmd explains commands, error codes and topics with one word each.
func (a *app) helpCmd(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND | CODE]",
		Short: "Explain a command or the code of an error",
		Long:  "Explain a command, or the code that an error names in its last line. `wherefrom help codes` lists all codes.",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return helpWords(root), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "codes" {
				return a.listCodes()
			}
			if len(args) == 1 && a.explainCode(Code(args[0])) {
				return nil
			}
			found, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				e := wrongUse(root, "there is no command and no code %q", strings.Join(args, " "))
				e.Hint = "list the commands: wherefrom help, or the codes: wherefrom help codes"
				return e
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

func helpWords(root *cobra.Command) []string {
	words := append(verbs(root), "codes")
	for _, t := range topics {
		words = append(words, string(t.Code))
	}
	return words
}

// explainCode prints the topic of a code and reports whether there is one. The faults of a log may be named as the log
// itself names them, without the prefix that they have among all codes.
func (a *app) explainCode(code Code) bool {
	for _, candidate := range []Code{code, faultPrefix + code} {
		if t := topicOf(candidate); t.Title != "" {
			a.io.Printf("%s: %s (exit code %d)\n\n%s", t.Code, t.Title, t.Exit, strings.TrimSpace(t.Text))
			return true
		}
	}
	return false
}

func (a *app) listCodes() error {
	table := a.io.Table("code", "exit", "what it says")
	for _, t := range topics {
		table.Row(string(t.Code), string(rune('0'+t.Exit)), t.Title)
	}
	table.Flush()
	return nil
}
