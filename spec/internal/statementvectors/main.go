// Command statementvectors writes the test vectors of spec/statement.md to the file it is given.
package main

import (
	"fmt"
	"os"

	"github.com/wherefrom-network/wherefrom/statement/statementtest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: statementvectors FILE")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "statementvectors:", err)
		os.Exit(1)
	}
}

func write(file string) error {
	v, err := statementtest.MakeVectors()
	if err != nil {
		return err
	}
	text, err := v.JSON()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
