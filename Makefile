# Hearth: `make run` serves the client and its mock server, `make test` checks everything.
# Both do all set-up on a machine that has Python 3.11 or newer and make; a second run finds it done.

PYTHON ?= python3
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python

# A stamp lies inside the folder it speaks of, so that deleting the folder deletes the stamp.
RUNTIME := $(VENV)/.stamp-runtime
DEV := $(VENV)/.stamp-dev
NODE := $(VENV)/.stamp-node
BROWSERS := $(VENV)/.stamp-browsers
NPM := node_modules/.stamp
WHEELS := .cache/wheels/.stamp
TOOLS := $(RUNTIME) $(NODE) $(NPM) $(WHEELS)

PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all:
PYTEST := $(PY) -m pytest -m "not soak"

export PYTHONPATH := $(CURDIR)/app

.PHONY: help run test lint types unit e2e build bench soak mutants docs wheel fast-start examples test-directus setup clean requirements

# `make` alone lists the targets; each line of the list is the comment that stands behind its target.
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build the page and serve it with a demo account on http://127.0.0.1:8000 (ARGS=--help lists the options)
	@$(PY) -m server_mock $(ARGS)

test: lint types unit e2e ## Check everything: lint, types, unit tests, journeys in three browsers

lint: $(DEV) $(NPM) ## Check style, formatting, the direction of imports, and the types of the JavaScript
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(VENV)/bin/lint-imports --no-logo --no-cache
	@$(PY) -m runtime.javascript

types: $(DEV) ## Check the types with mypy, strict
	@$(PY) -m mypy

unit: $(DEV) build ## Run the unit tests and contracts under CPython (ARGS="-k NAME" for some of them)
	@$(PYTEST) -n 2 -p no:playwright tests $(ARGS)

e2e: $(DEV) $(BROWSERS) build ## Run the journeys in Chromium, Firefox and WebKit
	@$(PYTEST) -n 2 --durations=30 --browser chromium --browser firefox --browser webkit e2e $(ARGS)

build: $(TOOLS) ## Build the page into dist/
	@$(PY) -m runtime.build

bench: $(DEV) $(BROWSERS) build ## Measure what docs/benchmarks.md shows (ARGS="--only work" for a part, ARGS=--quick for a first look)
	@$(PY) -m e2e.bench $(ARGS)

soak: $(DEV) $(BROWSERS) build ## Run the long tests that `make test` leaves out
	@$(PY) -m pytest -m soak --browser chromium --browser firefox --browser webkit tests e2e $(ARGS)

docs: $(DEV) ## Make what is made from the code: the session's table, the API reference in build/reference
	@$(PY) -m runtime.picture
	@$(PY) -m runtime.reference build/reference

wheel: $(DEV) build ## Build the wheels into build/: the engine's, and that for tests, with the server and the page in it
	@$(PY) -m runtime.wheel build

fast-start: $(DEV) $(TOOLS) ## Make the fast start of a PyScript app (ARGS="FOLDER DIST")
	@$(PY) -m runtime.fast_start $(ARGS)

examples: $(DEV) $(TOOLS) ## Serve the examples, on stock PyScript, at http://127.0.0.1:8010
	@$(PY) -m examples $(ARGS)

mutants: $(DEV) ## Test the tests of the core with mutants (ARGS=records.merge for one module)
	@$(PY) -m tests.mutants $(ARGS)

test-directus: $(DEV) ## Run the conformance suite, migrations, accounts, sessions, limits and kill -9 on the Directus at DIRECTUS_URL (an administrator's DIRECTUS_TOKEN)
	@$(PY) -m pytest tests/server_mock/directus/test_conformance.py $(patsubst %,tests/server_mock/cli/test_%.py,migrate on_directus killed) $(ARGS)

setup: $(TOOLS) $(DEV) $(BROWSERS) ## Install everything that the other targets need

# --- set-up: each step leaves a stamp, and runs again only when what it depends on has changed ---

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Hearth needs Python 3.11 or newer: name one with 'make PYTHON=/path/to/python3'." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python could not make a virtual environment: install its venv module (python3-venv)." >&2; exit 2; }

$(RUNTIME): requirements.txt | $(PY)
	@echo "Installing the Python packages of the server and the build"
	@$(PIP) -r requirements.txt || \
	  { echo "The Python packages could not be installed: check that pip reaches its index." >&2; exit 2; }
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	@echo "Installing the Python packages of the tests"
	@$(PIP) -r requirements-dev.txt || \
	  { echo "The Python packages could not be installed: check that pip reaches its index." >&2; exit 2; }
	@touch $@

$(NODE): requirements-node.txt runtime/setup.py $(RUNTIME)
	@$(PY) -m runtime.setup node && touch $@

$(NPM): package-lock.json $(NODE)
	@$(PY) -m runtime.setup npm && touch $@

$(WHEELS): requirements-page.txt $(RUNTIME)
	@$(PY) -m runtime.setup wheels && touch $@

$(BROWSERS): $(DEV)
	@$(PY) -m runtime.setup browsers && touch $@

requirements: ## Pin the requirements*.in files anew (needs the uv command)
	@for part in requirements requirements-dev requirements-node; do \
	  uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	    --python-version 3.11 $$part.in -o $$part.txt || exit 2; done
	@uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --no-deps --python-version 3.14 requirements-page.in -o requirements-page.txt

clean: ## Remove everything that make has made
	@rm -rf $(VENV) .cache dist node_modules test-results .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
