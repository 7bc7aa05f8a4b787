.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help setup venv node test demo lint format types contracts coverage ci clean

BIN := .venv/bin

# Extra words for pytest (PYTEST_ARGS=--long) and for the demo (DEMO_ARGS="--seconds 60 --connections 2").
PYTEST_ARGS ?=

# Processes that share the tests: as many as there are processors, or a number; 0 for none, as a debugger wants it.
WORKERS ?= auto
DEMO_ARGS ?=

# COVERAGE=1 measures the tests while they run.
PYTEST = $(if $(COVERAGE),$(BIN)/coverage run,$(BIN)/python) -m pytest -n $(WORKERS) --maxprocesses 8

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## virtual environment and packages, in .venv
	@sh scripts/setup.sh

venv: setup ## the same as setup

node: ## Slack's Node packages, which only the tests of other people's clients need
	@sh scripts/setup_node.sh

test: setup ## all tests in their short form; PYTEST_ARGS=--long for the long one
	@sh scripts/setup_node.sh || echo "setup: going on; the tests of Slack's Node clients will be skipped"
	@$(PYTEST) $(PYTEST_ARGS)

demo: setup ## a client and a local Slack, no account needed; DEMO_ARGS are the demo's own
	@$(BIN)/tautwire demo $(DEMO_ARGS)

lint: setup ## style, names, formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup ## bring the code into the house's form
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

types: setup ## mypy, strictly
	@$(BIN)/mypy

contracts: setup ## which room may import which
	@$(BIN)/lint-imports

coverage: setup ## the tests, measured against the bars
	@rm -f .coverage .coverage.*
	@$(MAKE) test COVERAGE=1
	@$(BIN)/coverage combine --quiet
	@$(BIN)/python scripts/coverage_gate.py

ci: ## everything that has to be green
	@bash .ci/run

clean: ## remove what was made here
	@rm -rf .venv tests/interop/node/*/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov dist build
	@rm -f .coverage .coverage.*
	@find src tests examples benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
