# make demo · make test · make help. Needs python3 (3.11 or later, with venv) and make; everything else comes into .venv.
PYTHON ?= python3
PORT ?= 8000
export PORT

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/done
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes
CATALOGUES := $(wildcard guinguette/translations/*/LC_MESSAGES/messages.po)
# node from PyPI, where the machine has none, for the tests that call it by name
export PATH := $(PATH):$(abspath $(VENV))/node

# the solver compiles while npm fetches what pages load
MAKEFLAGS += --jobs=2

.PHONY: help demo serve test install install-test lint types migration catalogues lock wheel clean
.DELETE_ON_ERROR:

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: install ## a real season, planned and served on http://127.0.0.1:$(PORT)
	@echo "── the demo"
	@exec $(BIN)/guinguette demo --serve

serve: install ## the installation in instance/, served
	@exec $(BIN)/guinguette serve

test: install-test ## every test that this machine can run
	$(BIN)/python -m pytest $(PYTEST_ARGS)

install: $(DONE)/python $(DONE)/project $(DONE)/pages $(DONE)/catalogues $(DONE)/solver ## what serving needs

install-test: install $(DONE)/python-test $(DONE)/node-test $(DONE)/osrm ## what the tests need besides

lint: install-test ## style, templates, spelling, types, who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --check --lint templates
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/lint-imports

types: install-test ## types alone
	$(BIN)/mypy

migration: install ## m="what changes": the migration that follows the models
	$(BIN)/python scripts/new_migration.py "$(m)"

catalogues: install ## bring every catalogue up to the sentences of the code
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ -k lazy_gettext --no-location --sort-output -o $(VENV)/messages.pot .
	$(BIN)/pybabel update --no-fuzzy-matching -i $(VENV)/messages.pot -d guinguette/translations

lock: install-test ## after a change of requirements*.in or package.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	for name in "" -dev -build -node; do $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	  --no-header --python-version 3.11 requirements$$name.in -o requirements$$name.lock || exit 1; done
	$(BIN)/python scripts/npm.py install --package-lock-only

wheel: install-test ## dist/*.whl, with pages, catalogues, migrations and data
	rm -rf build dist
	$(BIN)/python -m build --wheel --no-isolation

clean: ## everything that make made; instance/ (the data) stays
	rm -rf $(VENV) node_modules static/vendor build dist *.egg-info
	find guinguette -name '*.mo' -delete

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "python3 3.11 or later is needed" >&2; exit 1; }
	@echo "── a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "python3 has no venv here (Debian: apt install python3-venv)" >&2; exit 1; }

$(DONE)/python: requirements.lock requirements-build.lock | $(BIN)/python
	@echo "── Python packages"
	@$(PIP) -r requirements.lock -r requirements-build.lock
	@mkdir -p $(DONE) && touch $@

$(DONE)/project: pyproject.toml setup.py $(DONE)/python
	@echo "── the project itself"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .
	@touch $@

$(DONE)/pages: package-lock.json scripts/vendor.py scripts/pico.scss $(DONE)/python
	@echo "── what pages load"
	@$(BIN)/python scripts/npm.py ci --omit=dev
	@$(BIN)/python scripts/vendor.py
	@touch $@

$(DONE)/catalogues: $(CATALOGUES) $(DONE)/python
	@$(if $(CATALOGUES),$(BIN)/pybabel -q compile -d guinguette/translations)
	@touch $@

# numba compiles the solver's inner loops and keeps them: now, not at an organiser's first plan
$(DONE)/solver: $(wildcard routing/engines/*.py) $(DONE)/project
	@echo "── the solver, compiled"
	@$(BIN)/python -m routing compile
	@touch $@

$(DONE)/python-test: requirements-dev.lock $(DONE)/project
	@echo "── Python packages of the tests"
	@$(PIP) -r requirements-dev.lock
	@touch $@

$(DONE)/osrm: requirements-osrm.lock scripts/osrm.py $(DONE)/python
	@echo "── a real road server, and a map for it"
	@$(BIN)/python scripts/osrm.py
	@touch $@

$(DONE)/node-test: package-lock.json $(DONE)/pages
	@echo "── npm packages of the tests"
	@$(BIN)/python scripts/npm.py ci
	@touch $@
