// Command wherefrom records where information comes from, and checks it offline. See `wherefrom help`.
package main

import (
	"os"

	"github.com/wherefrom-network/wherefrom/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
