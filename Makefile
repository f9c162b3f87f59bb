# Two commands: `make demo` and `make test`. Both install what they need into .venv and work twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO_STAMP := $(VENV)/.installed-demo
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --progress-bar off

.PHONY: demo test test-long lint types benchmarks clean

demo: $(DEMO_STAMP)  ## run the quickstart notebook in a real server and print its conversation
	@$(BIN)/python examples/run_demo.py

test: $(STAMP)  ## everything CI checks
	@echo "== style, types"
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@echo "== tests (a few minutes; -m 'not long')"
	@$(BIN)/python -m pytest -m "not long" --cov --cov-report=term:skip-covered --cov-fail-under=$(COVERAGE)

test-long: $(STAMP)  ## the heavy ones too
	@$(BIN)/python -m pytest

lint types: $(STAMP)
	@$(BIN)/ruff check . && $(BIN)/mypy

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
	@touch $@

COVERAGE := 90

clean:
	rm -rf $(VENV) .demo build dist
