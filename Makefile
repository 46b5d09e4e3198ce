# Every target sets itself up: a machine with make, git and Python >= 3.11 (venv, pip) is enough.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What running needs, and what the rest needs besides: one environment, the second set-up adds to the first.
RUNS := $(VENV)/.ready-run
STAMP := $(VENV)/.ready
# An environment that was moved with its clone is made anew.
MOVED := $(shell [ ! -f $(VENV)/.place ] || [ "$$(cat $(VENV)/.place)" = "$$PWD" ] || echo .moved)

.PHONY: help setup run ui wheel ui-bench screenshots test quick check generate lock bench soak kill oracle mutants clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | sort | awk 'BEGIN {FS = ":.*?## "} {printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make .venv with everything the project needs

$(STAMP): requirements/dev.lock requirements/bootstrap.lock pyproject.toml tools/setup.sh $(MOVED)
	@PYTHON="$(PYTHON)" VENV="$(VENV)" bash tools/setup.sh dev

$(RUNS): requirements/run.lock requirements/bootstrap.lock pyproject.toml tools/setup.sh $(MOVED)
	@PYTHON="$(PYTHON)" VENV="$(VENV)" bash tools/setup.sh run

.moved: # no file: what depends on it is made

run: $(RUNS) ## Start the demo: registry, Git server, Argo CD, Jira and two environments on this machine (data in .towpath/demo)
	@bash tools/ui.sh build >.tools/ui.log 2>&1 || { echo "The web UI could not be built; everything else works. Why:" >&2; tail -n 5 .tools/ui.log >&2; } & \
	exec $(BIN)/towpath demo

ui: $(RUNS) ## Build the web UI into the package, if its sources changed (a server that runs shows it at once)
	@bash tools/ui.sh build

wheel: ui ## Build a wheel with the web UI in it, into dist/
	@PYTHONPATH=.tools/installer $(BIN)/python -m hatchling build --target wheel -d dist

ui-bench: $(STAMP) ## Measure the web UI in a browser on large worlds, and write benchmarks/results/ui.md (three minutes)
	@bash tools/ui.sh bench

screenshots: $(STAMP) ## Take pictures of each screen of the web UI, in both themes and widths, into .tools/screenshots
	@bash tools/ui.sh screenshots

test: $(STAMP) ## Run the test suite, on all cores, then the tests of the web UI in a browser
	@$(BIN)/python -m pytest -n auto --dist loadfile
	@bash tools/ui.sh browser

quick: $(STAMP) ## Lint, types, import layers, unit and property tests: what to run before a commit
	@bash tools/check.sh quick

check: $(STAMP) ## What .ci/run does: lint, types, import layers, drift of generated files, tests
	@bash tools/check.sh

generate: $(STAMP) ## Write the generated files anew (CRDs, OpenAPI, reference tables, the web UI's types)
	@$(BIN)/python -m tools.generate
	@bash tools/ui.sh types

lock: $(STAMP) ## Resolve the dependencies anew into requirements/*.lock
	@bash tools/lock.sh

bench: $(STAMP) ## Run the benchmarks and write benchmarks/results
	@$(BIN)/python -m benchmarks

soak: $(STAMP) ## Long property and load runs
	@TOWPATH_SOAK=1 $(BIN)/python -m pytest -m soak

kill: $(STAMP) ## SIGKILL at every named kill point, and at 200 or 50 random moments of each part and of the whole
	@TOWPATH_KILLS=200 \
	  TOWPATH_RANDOM_KILLS=50 \
	  TOWPATH_STEP_KILLS=200 \
	  TOWPATH_ARGOCD_KILLS=50 \
	  TOWPATH_ANALYSIS_KILLS=50 \
	  TOWPATH_VERIFICATION_KILLS=50 \
	  TOWPATH_SMOKE_KILLS=50 \
	  TOWPATH_HOOK_KILLS=3 \
	  $(BIN)/python -m pytest tests/integration/durability $(wildcard tests/e2e/test_*kills.py) tests/e2e/test_every_step.py

oracle: $(STAMP) ## Compare the Kubernetes API with a real API server, built on the first run (about 5 minutes)
	@bash tools/oracle/build.sh
	@$(BIN)/python -m tools.oracle

mutants: $(STAMP) ## Put small faults into a copy, one at a time: every one must be noticed (a quarter of an hour)
	@$(BIN)/python -m tools.mutants

clean: ## Remove what the other targets made (never data)
	rm -rf $(VENV) .tools dist ui/node_modules src/towpath/server/page/built* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
