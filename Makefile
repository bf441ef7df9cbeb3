# Everything starts here: `make help`. Needs Python 3.11 and Java 17, nothing else.
SHELL := bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# The one that Spark takes.
JAVA := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)
BIN := .venv/bin
RUN := PATH="$(CURDIR)/$(BIN):$$PATH" GX_ANALYTICS_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3
# Little data and many plans: the JVM's second compiler would cost more than it saves. The first alone gets 48 MB for its
# code, which a night fills after a minute: from then on all that is new would be interpreted.
SMALL := --driver-java-options "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseParallelGC"
# Where the shared meters and the forecast benchmark's protocol lie.
DATA ?= ../shared/data/cambridge
PROTOCOL ?= ../shared/forecast_bench
DEMO := --config conf/demo.yaml
# The lake that pages, the API and notebooks read.
ENERGY_LAKE ?= data/demo/lake
# Where `make package` puts what it makes.
DIST ?= dist
HAS_LAKE := test -d "$(ENERGY_LAKE)" || \
	{ echo "There is no lake at $(ENERGY_LAKE): run make demo, or name yours by ENERGY_LAKE=<folder>."; exit 2; }
# Two processes of tests, a Spark session each (3 GB); each takes whole files, those that take minutes first.
TEST := $(RUN) python -m pytest -rs -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help install install-torch install-kafka demo demo-live pages serve notebooks site test test-slow test-long package check security sbom audit-packages bench bench-forecast clean

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
	$(RUN) python -m energy_lib.lake.install_jars
	$(RUN) python -m energy_lib.insights.savings.compile_opendsm 2>/dev/null
	@touch $@

install-torch: .venv/.installed-torch ## PyTorch beside it (2.7 GB), for training.framework: torch

.venv/.installed-torch: requirements-torch.lock .venv/.installed
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-torch.lock
	@touch $@

install-kafka: install ## Kafka's broker beside it (46 MB), for demo-live and the tests of streams
	$(RUN) python -m energy_lib.simulation.live.broker_jars

demo: install ## simulate a small utility and run its night
	$(RUN) spark-submit $(SMALL) jobs/simulate.py $(DEMO)
	$(RUN) spark-submit $(SMALL) jobs/nightly.py $(DEMO) --date 2024-05-30

demo-live: install-kafka ## readings live, through a real broker into the demo's lake, until Ctrl-C (SPEED=600)
	@test -d data/demo/lake/gold/forecasts || $(MAKE) demo
	@$(RUN) python -m energy_lib.streaming.demo --speed $(or $(SPEED),600)

pages: install ## the report's pages of the demo's lake, or of ENERGY_LAKE=<folder>, at http://127.0.0.1:8321/
	@$(HAS_LAKE)
	$(RUN) python jobs/pages.py $(DEMO) --set lake="$(ENERGY_LAKE)"

serve: install ## the API of the demo's lake, or of ENERGY_LAKE=<folder>, at http://127.0.0.1:8322/v1/meters
	@$(HAS_LAKE)
	$(RUN) python -m energy_lib.serving $(DEMO) --set lake="$(ENERGY_LAKE)"

notebooks: install ## open the notebooks on the demo's lake, or on ENERGY_LAKE=<folder>
	@$(HAS_LAKE)
	$(RUN) ENERGY_LAKE="$$(realpath "$(ENERGY_LAKE)")" python -m jupyterlab notebooks

site: install ## the docs as a site, in build/site
	$(RUN) NO_MKDOCS_2_WARNING=1 python -m mkdocs build --strict --quiet
	@echo "The site is at build/site/index.html. Search needs a server: source .venv/bin/activate && python -m mkdocs serve"

test: install-kafka ## the tests of every change
	$(TEST) --tier test

test-slow: install-torch install-kafka ## the tests that take minutes, PyTorch's among them
	$(TEST) --tier test-slow -m slow

test-long: install-torch install-kafka ## the proofs that take an hour, by hand (docs/reliability.md)
	$(RUN) python -m pytest -m long -s

package: install ## the wheel, and an environment for spark-submit --archives, in dist/
	rm -rf build/lib build/environment "$(DIST)"/*.whl "$(DIST)/environment.tar.gz"
	$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir "$(DIST)" .
	"$(PYTHON)" -m venv build/environment
	$(BIN)/uv pip install --quiet --python build/environment/bin/python --constraint requirements.lock "$(DIST)"/*.whl
	build/environment/bin/python -P -m energy_lib.lake.install_jars --relocatable
	$(BIN)/venv-pack --quiet --compress-level 1 --prefix build/environment --output "$(DIST)/environment.tar.gz"
	@ls -lh "$(DIST)"

check: install ## format, lint, types, import contracts
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports --no-cache

security: install sbom ## secrets in the tree, licences of what is installed, the bill of materials (offline)
	$(RUN) detect-secrets-hook --baseline .secrets.baseline $$(git ls-files ':!:*.lock' ':!:.secrets.baseline')
	$(RUN) pip-licenses > build/licences.txt

sbom: install ## the bill of materials of requirements.lock, CycloneDX, in build/sbom.cdx.json
	@mkdir -p build
	$(RUN) cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible -o build/sbom.cdx.json

audit-packages: install ## known weaknesses of the locked packages (asks PyPI's vulnerability service)
	$(RUN) pip-audit --strict --disable-pip --require-hashes -r requirements.lock

bench: install ## the measurements of docs/benchmarks/ (long)
	$(RUN) bash benchmarks/run_all.sh

bench-forecast: install ## the forecast benchmark, from landing to its table (long)
	$(RUN) python -m benchmarks.forecast_bench --data "$(DATA)" --protocol "$(PROTOCOL)"

clean: ## remove what the demo made
	rm -rf data
