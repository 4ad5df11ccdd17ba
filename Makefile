# Everything that is done to this repository, from a clean clone with Go, make and, for the tests, Python 3.10 or
# newer. `make help` lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# Go and pip keep their caches below HOME; where there is none they get one here.
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/.cache/home
endif

CACHE := .cache
VENV := $(CACHE)/venv
PINS := test/moto/requirements
TOFU := $(CACHE)/tofu

# The race detector needs a C compiler; go env says whether there is one.
RACE ?= $(shell [ "$$(go env CGO_ENABLED)" = 1 ] && echo -race)
TESTFLAGS ?= -timeout 15m
FUZZTIME ?= 20s
BENCH ?= .

# The tools' versions stand in tools/go.mod, apart from the program's own dependencies.
TOOL := go tool -modfile=tools/go.mod

# A fingerprint of what git sees as changed.
CHANGES = { git status --porcelain --untracked-files=all; git diff; } | git hash-object --stdin

##@ Use

.PHONY: demo
demo: ## Walk through the whole loop on the built-in lab: no account, no credentials
	@echo "Building Holdfast. The first time this takes a few minutes." >&2
	@go run ./cmd/holdfast demo

.PHONY: build
build: ## Build bin/holdfast, static; it takes its version from git
	CGO_ENABLED=0 go build -trimpath -buildvcs=auto -ldflags='-s -w' -o bin/holdfast ./cmd/holdfast

##@ Prove

.PHONY: test
test: venv tofu ## Run all tests, under the race detector where there is a C compiler
	@[ -n "$(RACE)" ] || echo "No C compiler found: the tests run without the race detector." >&2
	go test $(RACE) $(TESTFLAGS) ./...

.PHONY: check
check: lint test vuln ## Run everything that a change must pass

.PHONY: lint
lint: fmt-check vet staticcheck tidy-check generate-check ## Run every check that needs no tests

.PHONY: bench
bench: build ## Measure the program against its limits, then run the Go benchmarks (BENCH=regexp chooses)
	go run ./bench bin/holdfast
	go test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 60m ./...

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (20s)
	@for file in $$(grep -rl --exclude-dir=.cache --include='*_test.go' '^func Fuzz' . | sort); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "$$(dirname "$$file") $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" || exit 1; \
		done; \
	done

##@ One by one

.PHONY: fmt
fmt: ## Format all Go files
	gofmt -w *.go */

.PHONY: fmt-check
fmt-check: ## Fail where gofmt would change a file
	@files=$$(gofmt -l *.go */); [ -z "$$files" ] || { echo "Not formatted (make fmt does it):"; echo "$$files"; exit 1; }

.PHONY: vet
vet: ## Run go vet
	go vet $(RACE) ./...

.PHONY: staticcheck
staticcheck: ## Run staticcheck
	$(TOOL) staticcheck ./...

.PHONY: tidy-check
tidy-check: ## Fail where go mod tidy would change go.mod or go.sum
	go mod tidy -diff
	cd tools && go mod tidy -diff
	cd tools/tofu && go mod tidy -diff

.PHONY: generate-check
generate-check: ## Fail where go generate changes a file
	@before=$$($(CHANGES)); go generate ./... || exit 1; \
	[ "$$before" = "$$($(CHANGES))" ] || { git diff --stat; echo "go generate changed files: commit what it made."; exit 1; }

.PHONY: vuln
vuln: ## Look for known vulnerabilities (GOVULNDB=url names another database)
	@$(TOOL) govulncheck ./... || { code=$$?; [ $$code = 3 ] || \
		echo "NOT CHECKED for known vulnerabilities: govulncheck did not finish (is its database out of reach? GOVULNDB names a copy). All that ran before this passed." >&2; \
		exit $$code; }

##@ Set up

# The list of what was installed stays beside the environment; the tests compare it too.
.PHONY: venv
venv: ## Make the Python environment that the tests against moto use
	@cmp -s $(PINS).txt $(VENV)/requirements.txt || $(MAKE) --no-print-directory new-venv

.PHONY: new-venv
new-venv:
	@command -v python3 >/dev/null || { \
		echo "The tests against moto, a third-party AWS, need Python 3.10 or newer, and there is no python3 here." >&2; \
		echo "Try: install python3 with its venv module, then make venv" >&2; exit 1; }
	@python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' || { \
		echo "The tests against moto need Python 3.10 or newer with its venv module; this is $$(python3 --version)." >&2; \
		echo "Try: install python3-venv (Debian, Ubuntu) or a newer Python, then make venv" >&2; exit 1; }
	@echo "Making the Python environment for the tests against moto in $(VENV)." >&2
	@rm -rf $(VENV)
	@python3 -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement $(PINS).txt
	@cp $(PINS).txt $(VENV)/requirements.txt

# The versions that were built stay beside the program; the tests compare them, and build it themselves if need be.
.PHONY: tofu
tofu: ## Build OpenTofu, with which the tests compare what Terraform code means
	@cmp -s tools/tofu/go.mod $(TOFU)/go.mod || $(MAKE) --no-print-directory new-tofu

.PHONY: new-tofu
new-tofu:
	@echo "Building OpenTofu in $(TOFU), once. This takes some minutes." >&2
	@mkdir -p $(TOFU)
	@cd tools/tofu && CGO_ENABLED=0 GOFLAGS= go build -buildvcs=false -trimpath -ldflags='-s -w' \
		-o "$(CURDIR)/$(TOFU)/tofu" github.com/opentofu/opentofu/cmd/tofu
	@cp tools/tofu/go.mod $(TOFU)/go.mod

.PHONY: requirements
requirements: ## Pin anew what test/moto/requirements.in asks for
	@mkdir -p $(CACHE) && python3 -m venv $(CACHE)/uv && $(CACHE)/uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
	$(CACHE)/uv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.10 \
		--no-emit-index-url --custom-compile-command "make requirements" $(PINS).in --output-file $(PINS).txt

.PHONY: clean
clean: ## Remove what the other targets made
	rm -rf bin $(CACHE)

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile
