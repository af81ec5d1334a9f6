// Wherefromvet runs the analyzers of internal/lint under go vet:
//
//	go vet -vettool=bin/wherefromvet ./statement/...
//
// It is run over the packages whose results consensus depends on; make vet names them.
package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/wherefrom-network/wherefrom/internal/lint/determinism"
)

func main() { unitchecker.Main(determinism.Analyzer) }
