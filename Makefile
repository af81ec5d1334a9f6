# Wherefrom's make targets. Nothing to install by hand but Go and a C compiler (for the race detector);
# linters are pinned in tools/go.mod and built by Go itself on first use.

GO      ?= go
TOOL     = $(GO) tool -modfile=tools/go.mod
BIN      = bin
PKGS    ?= ./...
# What consensus will call must give the same answer on every machine: internal/lint/determinism.
PURE     = ./statement ./tlog ./receipt ./verify
FUZZTIME ?= 20s
KILLS    ?= 1000

# The sources are enough to build from: a checkout without .git, or of another user, works too.
export GOFLAGS ?= -buildvcs=false

.DEFAULT_GOAL := help

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: up
up: build ## build the tool and run a log, witness, registry and API on this machine, with a demonstration
	$(BIN)/wherefrom up

.PHONY: build
build: ## build bin/wherefrom
	@mkdir -p $(BIN)
	$(GO) build -trimpath -o $(BIN)/wherefrom ./cmd/wherefrom

.PHONY: test
test: ## run all fast tests, in random order
	$(GO) test -shuffle=on $(PKGS)

.PHONY: race
race: ## run all fast tests under the race detector
	$(GO) test -race -shuffle=on $(PKGS)

.PHONY: check
check: ## run everything CI runs: format, vet, lint, generated files, wasm, tests with -race, other implementations
	@./.ci/check

.PHONY: bench
bench: ## measure the bars of docs/benchmarks.md on this machine and print the table
	$(GO) run ./internal/bench

.PHONY: soak
soak: ## kill a log KILLS times (1000) with kill -9 at random moments, and look for what was lost or signed twice
	WHEREFROM_KILLS=$(KILLS) $(GO) test -run='^TestKill$$' -count=1 -timeout=6h -v ./logserver

.PHONY: interop
interop: ## check against other people's implementations and vectors (module interop/)
	$(GO) -C interop test -shuffle=on ./...

.PHONY: fuzz
fuzz: ## fuzz every parser of outside bytes for FUZZTIME (20s) each
	@./.ci/fuzz $(FUZZTIME)

.PHONY: lint
lint: ## run golangci-lint and the analyzers of internal/lint
	$(TOOL) golangci-lint run $(PKGS)
	@$(MAKE) --no-print-directory vet

.PHONY: vet
vet: ## run go vet, and the determinism analyzer over what consensus calls
	$(GO) vet $(PKGS)
	@mkdir -p $(BIN)
	$(GO) build -o $(BIN)/wherefromvet ./internal/lint/cmd/wherefromvet
	$(GO) vet -vettool=$(abspath $(BIN)/wherefromvet) $(PURE)

.PHONY: fmt
fmt: ## format every Go file
	$(TOOL) gofumpt -w .

.PHONY: generate
generate: ## write again what programs of this repository write: vectors, tables, man pages
	$(GO) generate $(PKGS)
