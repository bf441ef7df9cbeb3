# Everything starts here: `make help`. Needs Python 3.11 and Java 17, nothing else.
SHELL := bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# The one that Spark takes.
JAVA := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)
BIN := .venv/bin
RUN := PATH="$(CURDIR)/$(BIN):$$PATH" GX_ANALYTICS_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3
# Little data and many plans: the JVM's second compiler would cost more than it saves.
SMALL := --driver-java-options "-XX:TieredStopAtLevel=1 -XX:+UseParallelGC"
# Where the shared meters and the forecast benchmark's protocol lie.
DATA ?= ../shared/data/cambridge
PROTOCOL ?= ../shared/forecast_bench
DEMO := --config conf/demo.yaml
# The lake that notebooks read.
ENERGY_LAKE ?= data/demo/lake
# Two processes of tests, a Spark session each (3 GB); each takes whole files, those that take minutes first.
TEST := $(RUN) python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help install install-torch demo pages notebooks site test test-slow test-long check bench bench-forecast clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

install: .venv/.installed ## the environment in .venv (the other targets call it)

.venv/.installed: requirements.lock pyproject.toml energy_lib/lake/install_jars.py
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 is needed and $(PYTHON) is not it: install it, or say make PYTHON=/path/to/python3.11."; exit 2; }
	@"$(JAVA)" -version 2>&1 | grep -q 'version "17' || \
		{ echo "Java 17 is needed and $(JAVA) is missing or another version: install it, and name its home by JAVA_HOME or put it first on PATH."; exit 2; }
	"$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet uv==0.13.9
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	$(RUN) python -m energy_lib.lake.install_jars 2>/dev/null
	$(RUN) python -m energy_lib.insights.savings.compile_opendsm 2>/dev/null
	@touch $@

install-torch: .venv/.installed-torch ## PyTorch beside it (2.7 GB), for training.framework: torch

.venv/.installed-torch: requirements-torch.lock .venv/.installed
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-torch.lock
	@touch $@

demo: install ## simulate a small utility and run its night
	$(RUN) spark-submit $(SMALL) jobs/simulate.py $(DEMO)
	$(RUN) spark-submit $(SMALL) jobs/nightly.py $(DEMO) --date 2024-05-30

pages: install ## the demo's pages at http://127.0.0.1:8321/ (LAKE=folder for another lake)
	$(RUN) python jobs/pages.py $(DEMO) $(if $(LAKE),--set lake="$(LAKE)")

notebooks: install ## open the notebooks on the demo's lake, or on ENERGY_LAKE=<folder>
	@test -d "$(ENERGY_LAKE)" || { echo "There is no lake at $(ENERGY_LAKE): run make demo, or name yours by ENERGY_LAKE=<folder>."; exit 2; }
	$(RUN) ENERGY_LAKE="$$(realpath "$(ENERGY_LAKE)")" python -m jupyterlab notebooks

site: install ## the docs as a site, in build/site
	$(RUN) NO_MKDOCS_2_WARNING=1 python -m mkdocs build --strict --quiet
	@echo "The site is at build/site/index.html. Search needs a server: source .venv/bin/activate && python -m mkdocs serve"

test: install ## the tests of every change
	$(TEST) --tier test

test-slow: install-torch ## the tests that take minutes, PyTorch's among them
	$(TEST) --tier test-slow -m slow

test-long: install-torch ## the proofs that take an hour, by hand (docs/reliability.md)
	$(RUN) python -m pytest -m long -s

check: install ## format, lint, types, import contracts
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports --no-cache

bench: install ## the measurements of docs/benchmarks/ (long)
	$(RUN) bash benchmarks/run_all.sh

bench-forecast: install ## the forecast benchmark, from landing to its table (long)
	$(RUN) python -m benchmarks.forecast_bench --data "$(DATA)" --protocol "$(PROTOCOL)"

clean: ## remove what the demo made
	rm -rf data
