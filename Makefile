# Everything runs from .venv, which `make setup` builds from the hashed lock.
# Options: PYTHON=python3.12 (to build .venv with), WORKERS=2 (of pytest), ARGS="..." (handed on),
# EXAMPLES=300 (of each fuzzing test).

PYTHON ?= python3
WORKERS ?= 2
ARGS ?=
EXAMPLES ?= 300

export PYTHONUTF8 = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# What was compiled is kept, else each worker and each process of the tests compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE

RUN := .venv/bin/python -m
# The tests' databases live in memory where that can be had: they commit thousands of times.
TEMPORARY := $(if $(wildcard /dev/shm),PYTEST_DEBUG_TEMPROOT=/dev/shm)
# A worker goes through its share in order, so that what a module shares is made once; whoever is
# done takes from the other's end.
PARALLEL := -n $(WORKERS) --dist worksteal
READY := .venv/.ready
VERSION_FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
COMPILE := $(RUN) uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo serve test slow fuzz pictures lint types contracts format lock audit clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Build .venv from the lock, if it is not up to date

demo: setup ## Show the whole engine at work, with nothing to set up
	@.venv/bin/duly demo $(ARGS)

serve: setup ## Run the pages and the loops
	@.venv/bin/duly serve $(ARGS)

test: lint types contracts ## Check everything that is quick: lint, types, contracts, tests
	$(TEMPORARY) $(RUN) pytest $(PARALLEL) -m "not slow" $(ARGS)

slow: setup ## Run the tests that take long, and on PostgreSQL too all that are quick on SQLite alone
	$(TEMPORARY) $(RUN) pytest $(PARALLEL) -m slow $(ARGS)

fuzz: setup ## Throw strange input at the whole intake, by chance (EXAMPLES=300 a test)
	$(TEMPORARY) DULY_TEST_FUZZ=$(EXAMPLES) $(RUN) pytest tests/fuzz --timeout 600 $(ARGS)

pictures: setup ## Draw the customer's page and the console anew for the docs
	$(TEMPORARY) DULY_TEST_ALBUM=docs/pictures/pages $(RUN) pytest $(PARALLEL) \
		tests/app/web/browsing/test_accessible.py -k "en-light or he-light or ar-light or lt-light" $(ARGS)
	$(TEMPORARY) DULY_TEST_ALBUM=docs/pictures/console $(RUN) pytest \
		tests/app/console/browsing/test_tour.py $(ARGS)

lint: setup ## Check style and formatting
	$(RUN) ruff check
	$(RUN) ruff format --check

types: setup ## Check types
	$(RUN) mypy

contracts: setup ## Check who may import whom
	@.venv/bin/lint-imports

format: setup ## Put the code in order
	$(RUN) ruff check --fix
	$(RUN) ruff format

lock: setup ## Make the lock anew from pyproject.toml (ARGS=--upgrade takes newer versions)
	$(COMPILE) $(ARGS) pyproject.toml --output-file requirements/run.txt
	$(COMPILE) $(ARGS) pyproject.toml --extra dev --constraints requirements/run.txt \
		--output-file requirements/dev.txt

audit: setup ## Look for known holes in what is locked (asks the service of pip-audit, over the network)
	@uv=.venv/bin/uv; $$uv tool run --quiet pip-audit --version >/dev/null 2>&1 || { \
		echo 'pip-audit cannot be had here: no package index answers. Run this where one does.' >&2; \
		exit 2; }; \
	for lock in requirements/run.txt requirements/dev.txt; do \
		echo "$$lock"; \
		$$uv tool run --quiet pip-audit --disable-pip --require-hashes --strict -r $$lock $(ARGS); \
		code=$$?; \
		if [ $$code -ne 0 ]; then echo "$$lock: holes are listed above; if an address could not be" \
			'reached instead, nothing was looked for: run this where it can be.' >&2; exit $$code; fi; \
	done

clean: ## Remove .venv, caches and builds
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements/dev.txt requirements/browser/package-lock.json pyproject.toml hatch_build.py
	@$(PYTHON) -c '$(VERSION_FITS)' || { \
		echo 'Duly needs Python 3.11 to 3.14 and "$(PYTHON)" is not one.' \
			'Install one, or name it: make setup PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '"$(PYTHON)" cannot make a virtual environment. On Debian and Ubuntu:' \
			'apt-get install python3-venv (or python3.11-venv, by the version)' >&2; exit 1; }
	@.venv/bin/python -c '$(VERSION_FITS)' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@echo 'Installing the lock into .venv (about a minute the first time)'
	@$(RUN) pip install -qq --require-hashes -r requirements/dev.txt
	@$(RUN) pip install -qq --no-build-isolation --no-deps -e .
	@touch $@
