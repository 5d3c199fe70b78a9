# Everything a user or developer needs. `make` alone says what there is.
SHELL := /bin/bash
PYTHON ?= python3
UV := .uv/bin/uv
UV_VERSION := 0.13.8
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help setup setup-dev run demo test bench bench-pages lint format dist lock migration clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.uv/stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Handslag needs Python 3.11 or later; $(PYTHON) is older. Say which with: make PYTHON=python3.12 …"; exit 1; }
	@echo "Setting up the installer (uv) …"
	@$(PYTHON) -m venv .uv \
		|| { echo "Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# A worker waits for browsers, servers and databases a third of its time: one more than there are processors keeps them busy.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

CLIENT := $(shell find web/client -path '*/node_modules' -prune -o -type f -print)

.venv/stamp: .uv/stamp requirements.lock pyproject.toml $(CLIENT)
	@echo "Installing Handslag …"
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

.venv/stamp-dev: .venv/stamp requirements-dev.lock
	@echo "Installing what the tests and checks need …"
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/stamp ## Install (the command is then .venv/bin/handslag)
	@echo "Ready. Next: make run"

setup-dev: .venv/stamp-dev ## Install with what tests and checks need

run: .venv/stamp ## Set up and serve, with a demo organisation on the embedded database
	@$(BIN)/handslag run

demo: .venv/stamp ## Play real referrals over HTTP in simulated time, from arrival to answer
	@$(BIN)/handslag demo

# The tests start many processes: modules are compiled once for all of them, whatever the environment says.
test: .venv/stamp-dev ## Set up and run every test, on SQLite and on PostgreSQL
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n $(WORKERS) --dist worksteal && echo "All tests passed. Next: make lint, or make run to see it."

bench: .venv/stamp-dev ## Measure, against baselines and the design's targets (about ten minutes)
	@$(BIN)/python -m bench

bench-pages: .venv/stamp-dev ## Measure every page in a browser: reading aids, bytes, statements, paint
	@$(BIN)/python -m bench.pages

lint: .venv/stamp-dev ## Check style, types and architecture
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

format: .venv/stamp-dev ## Format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

dist: .uv/stamp ## Build the wheel and the source archive into dist/, the same bytes for the same commit
	@rm -rf dist && SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(UV) build --quiet --python $(PYTHON) --out-dir dist
	@cp requirements.lock dist/ && ls -1 dist
	@echo "Install elsewhere: pip install --require-hashes -r requirements.lock && pip install --no-deps handslag-*.whl"

lock: .uv/stamp ## Resolve the dependencies again and write the lock files
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate -c requirements.lock --group dev pyproject.toml -o requirements-dev.lock

migration: .venv/stamp-dev ## Write the migration for changed tables (say NAME=what_changed)
	@$(BIN)/python -m store.migrate revision "$(or $(NAME),change)"

clean: ## Remove what was installed; the data in var/ stays
	@rm -rf .venv .uv
