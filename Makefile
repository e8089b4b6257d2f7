# The project's commands. Each one installs what it needs and is a script in scripts/ that can be read and run alone.

.DEFAULT_GOAL := help
.PHONY: help demo demo-clean build dev test lint fmt generate bench faults soak mutants clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## from nothing to a workspace that answers under its own host name
	@scripts/demo.sh

demo-clean: ## remove everything that the demo made
	@scripts/demo-clean.sh

build: ## target/release/devsanctum, with the web app inside
	@scripts/build.sh

dev: ## the server and Vite's development server, side by side
	@scripts/dev.sh

test: ## every check: formats, lints, unit, integration and browser tests
	@scripts/test.sh

lint: ## formats and lints only: no test, no Docker
	@scripts/lint.sh

fmt: ## format Rust and TypeScript
	@scripts/fmt.sh

generate: ## regenerate the checked-in files (OpenAPI, its types, references)
	@scripts/generate.sh

bench: ## measure against Docker itself on this machine
	@scripts/bench.sh

faults: ## every fault at every call, in simulation (DEVSANCTUM_FAULT_SEED=n)
	@scripts/faults.sh

soak: ## the proxies under load: routes that change, 10,000 of them, Traefik killed 50 times
	@scripts/soak.sh

mutants: ## plant known bugs one at a time: each must be caught
	@scripts/mutants.sh

clean: ## remove build output (not data)
	rm -rf target web/dist web/node_modules
