# Headway's daily commands; `make help` lists them. Everything is installed into .venv, never into the system's Python.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
BIN := .venv/bin
# Trust the certificates of the system, so that installing works behind a company proxy.
export UV_SYSTEM_CERTS ?= 1
export UV_NATIVE_TLS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1
export HEADWAY_DEMO_HOME ?= $(CURDIR)/.headway
DATA ?= ../shared/data
DOSE ?= full
JOBS ?= 2

.PHONY: help setup dev demo down test lint types arch e2e shots prove docs check format clean oscal spark
help:  ## list the commands
	@grep -hE '^[a-z%-]+:.*?## ' $(MAKEFILE_LIST) | awk -F':.*?## ' '{printf "  make %-12s %s\n", $$1, $$2}'
	@printf "  make %-12s %s\n" bench-NAME "run benchmarks/bench_NAME.py; prints a table, writes build/bench/NAME.json"

.uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit("Headway needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .uv 2>/dev/null || { $(PYTHON) -m pip --version >/dev/null && mkdir -p .uv && $(PYTHON) -m pip install --quiet --target .uv uv; }
	@test -x $@ || .uv/bin/python -m pip install --quiet uv

.venv/.installed: pyproject.toml client/pyproject.toml uv.lock hatch_build.py frontend/package-lock.json frontend/files.json | $(filter .uv/bin/uv,$(UV))
	@$(UV) sync --quiet --locked --all-extras --no-extra spark --compile-bytecode --python "$(PYTHON)"
	@$(BIN)/python -m compileall -q src client/src
	@touch $@

build/trestle/bin/python: | .venv/.installed
	@$(UV) venv --quiet --clear --python "$(BIN)/python" build/trestle
	@$(UV) pip install --quiet --python build/trestle/bin/python "compliance-trestle>=5.2,<6"

build/khal/bin/khal: | .venv/.installed
	@$(UV) venv --quiet --clear --python "$(BIN)/python" build/khal
	@$(UV) pip install --quiet --python build/khal/bin/python "khal>=0.14,<0.15"

build/datacontract/bin/datacontract: | .venv/.installed
	@$(UV) venv --quiet --clear --python "$(BIN)/python" build/datacontract
	@$(UV) pip install --quiet --python build/datacontract/bin/python "datacontract-cli>=1.2.8,<2"

build/datacontract/bin/dataproduct: build/datacontract/bin/datacontract
	@$(UV) pip install --quiet --python build/datacontract/bin/python "dataproduct-cli>=0.3.2,<1"

oscal: build/trestle/bin/python  ## read the OSCAL that is written with compliance-trestle, in an environment of its own
	$(BIN)/pytest -q tests/integration/test_dossiers.py -k oscal

build/spark/pyspark: | .venv/.installed
	@$(UV) pip install --quiet --python "$(BIN)/python" --target build/spark "pyspark>=4,<5"

spark: build/spark/pyspark  ## hold contract checks and snapshots on Spark to those on DuckDB and pyiceberg (needs Java)
	PYTHONPATH=build/spark $(BIN)/pytest -q tests/integration/test_catalog_spark.py tests/integration/test_catalog_spark_snapshots.py

setup: .venv/.installed  ## install Headway and the tools into .venv

dev: setup  ## run the platform with logs in the foreground
	$(BIN)/headway up

demo: setup  ## show a simulated company: built once (some minutes), found again; prints links to sign in by
	@HEADWAY_HOME="$(HEADWAY_DEMO_HOME)" $(BIN)/headway demo

down: setup  ## stop what `make demo` left running
	@HEADWAY_HOME="$(HEADWAY_DEMO_HOME)" $(BIN)/headway down

test: setup  ## the fast tests (some ten minutes of CPU: five to six on two idle cores)
	$(BIN)/pytest -q -n $(JOBS) --dist worksteal -m "not prove and not e2e" $(ARGS)

e2e: setup  ## journeys through real processes
	$(BIN)/pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder -m e2e $(ARGS)

shots: setup  ## a picture of each page in both themes and two widths, into build/shots
	@mkdir -p build/shots
	HEADWAY_SHOTS="$(CURDIR)/build/shots" $(BIN)/pytest -q -m e2e tests/browser/test_every_page.py tests/browser/test_company.py $(ARGS)
	@echo "look at build/shots"

prove: setup  ## the long proofs, and properties with all their examples; DOSE=small for a small dose
	HEADWAY_PROVE_DOSE=$(DOSE) $(BIN)/pytest -q $(if $(filter full,$(DOSE)),,-n $(JOBS) --dist loadfile) -m prove --timeout 3600 $(ARGS)
	$(if $(filter full,$(DOSE)),HEADWAY_PROVE_DOSE=full $(BIN)/pytest -q -m "not prove and not e2e" --timeout 3600 $$(grep -rl hypothesis tests --include="test_*.py"),)

lint: setup  ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup  ## put the code into house style
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

types: setup  ## strict types
	$(BIN)/mypy

arch: setup  ## layers, front doors, purity
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q tests/architecture

docs: setup  ## generated reference pages must match the code, translations must be whole
	$(BIN)/headway dev reference --check
	$(BIN)/headway dev words --check

bench-%: setup  ## run one benchmark
	$(BIN)/python benchmarks/bench_$*.py --data "$(DATA)" $(ARGS)

check: build/trestle/bin/python build/khal/bin/khal test lint types arch e2e docs  ## what CI runs
	$(MAKE) prove DOSE=small

clean:  ## remove what was built
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
