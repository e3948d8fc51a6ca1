# Jikimi. `make help` lists the targets. Needs Python 3.11+ and make; everything else comes from the lock files.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := $(CURDIR)/$(BIN)/python $(CURDIR)/tools/with_node.py
STAMPS := .make
# A make that can keeps what each of several says together.
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/paraglide/*' -not -path '*/lib/texts/*' 2>/dev/null)
BASEMAP_SOURCES := $(shell find src/jikimi/basemap -type f -not -name '*.pyc' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run setup test check style types unit browser web-test faults fuzz bench score compile basemap lock fmt clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(STAMPS)/run $(STAMPS)/web $(STAMPS)/basemap ## set everything up, start the server, play the demonstration
	@$(BIN)/jikimi demo

setup: $(STAMPS)/dev $(STAMPS)/web ## set everything up for development

test: style ## set everything up and pass all tests
	@echo "Types, the Python tests, those of the pages and those in a browser run side by side; each tells when it is done …"
	@$(MAKE) --no-print-directory -j 4 $(SYNC) types unit web-test browser

check: style types ## style, types, and who may import whom

types: $(STAMPS)/dev ## types alone
	@$(BIN)/mypy

style: $(STAMPS)/dev ## style, and who may import whom, alone
	@$(BIN)/ruff check src tests bench tools
	@$(BIN)/ruff format --check src tests bench tools
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python tools/check_tree.py
	@$(BIN)/python tools/check_texts.py

unit: $(STAMPS)/dev $(STAMPS)/web ## the Python tests, short fault tests among them
	@$(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/browser

# Apart from the others: the browser's driver keeps an event loop running in its process.
browser: $(STAMPS)/dev $(STAMPS)/web ## the tests in a real Chromium; pictures land in tests/browser/shots
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/browser

web-test: $(STAMPS)/web ## types and unit tests of the pages
	@cd web && $(NODE) npm run --silent check
	@cd web && $(NODE) npm test --silent

faults: $(STAMPS)/dev $(STAMPS)/web ## long fault tests: twenty kills under load, eight hours at the desk
	@JIKIMI_FAULT_ROUNDS=20 $(BIN)/python -m pytest tests/faults --timeout 1200
	@JIKIMI_DESK_BOARDS=28800 $(BIN)/python -m pytest tests/browser/test_desk_hours.py --timeout 2400

fuzz: $(STAMPS)/dev ## coverage-guided fuzzing of every decoder, a minute each
	@$(BIN)/python tools/fuzz.py

bench: $(STAMPS)/dev $(STAMPS)/web ## measure what we claim; writes bench/results.json
	@$(BIN)/python -m bench

score: $(STAMPS)/dev ## score the decisions on the scenario suite; writes bench/score.json and bench/score.html
	@$(BIN)/jikimi score

compile: $(STAMPS)/dev ## the decision core as a compiled wheel (mypyc), in build/compiled
	@$(BIN)/python tools/compile.py

basemap: $(STAMPS)/run ## build the demonstration's base map anew
	@$(BIN)/jikimi basemap build
	@touch $(STAMPS)/basemap

lock: $(STAMPS)/venv ## renew the lock files
	@sh tools/lock.sh

fmt: $(STAMPS)/dev ## format
	@$(BIN)/ruff format src tests bench tools
	@$(BIN)/ruff check --fix -q src tests bench tools

clean: ## remove everything that was made
	rm -rf $(VENV) $(STAMPS) build var web/node_modules src/jikimi/apps/static web/lib/paraglide web/court/paraglide web/lib/texts src/jikimi/learning/texts

$(STAMPS)/venv:
	@echo "Setting up Python …"
	@$(PYTHON) tools/bare.py
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: $(STAMPS)/venv requirements/run.txt pyproject.toml
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

# Not `npm ci`: it refuses the lock file over optional packages of other platforms that were never published.
$(STAMPS)/npm: $(STAMPS)/run web/package-lock.json
	@echo "Setting up the pages …"
	@cd web && $(NODE) npm install --silent --no-save --no-audit --no-fund
	@touch $@

$(STAMPS)/web: $(STAMPS)/npm $(WEB_SOURCES)
	@cd web && $(NODE) npm run --silent build
	@touch $@

$(STAMPS)/basemap: $(STAMPS)/run $(BASEMAP_SOURCES)
	@$(BIN)/jikimi basemap build
	@touch $@
