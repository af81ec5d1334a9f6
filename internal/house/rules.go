package house

import "fmt"

// Rule is something that holds everywhere in the tree, and the reason why it should.
type Rule struct {
	Name   string               // what holds, as a test's name
	Why    string               // what goes wrong where it does not
	Broken func(*Tree) []string // one line for each place where it does not hold
}

// Rules lists every rule that the source alone can be asked about.
func Rules() []Rule {
	var all []Rule
	for _, some := range [][]Rule{floorRules, docRules, nameRules, moduleRules, textRules} {
		all = append(all, some...)
	}
	return all
}

// add writes one more finding.
func add(found *[]string, format string, args ...any) {
	*found = append(*found, fmt.Sprintf(format, args...))
}
