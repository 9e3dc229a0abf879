# Everything a newcomer needs: `make demo` and `make test`. Run `make help` for the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3.13
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CHECKOV := .venv-checkov
NODE_STAMP := node_modules/.installed
# The functions' makefiles look for python3.13 on the path, and find that of .venv.
SAM := PATH="$(CURDIR)/$(BIN):$$PATH" SAM_CLI_TELEMETRY=0 $(BIN)/sam

.PHONY: help
help:  ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-15s %s\n", $$1, $$2}'

$(STAMP): requirements-dev.txt
	@echo "Installing the pinned packages into $(VENV) (about a minute, once) ..."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: install
install: $(STAMP) console  ## Install the pinned packages into .venv, and build the console.

# Builds only what has changed; Node is one of the packages in .venv.
.PHONY: console
console: $(STAMP)
	@$(BIN)/python -m tools.console

# Node itself is a pinned Python package. No package's scripts are run.
$(NODE_STAMP): package-lock.json $(STAMP)
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent
	@touch $@

.PHONY: node
node: install $(NODE_STAMP)  ## Install the pinned packages of Node into node_modules.

.PHONY: lock
lock: $(STAMP)  ## Pin every dependency again from pyproject.toml.
	$(BIN)/python -m tools.lock

.PHONY: demo
demo: install  ## Start everything, move two playlists between simulated accounts, stop. JSON=1 adds the figures.
	@$(BIN)/python -m local demo $(if $(JSON),--json)

.PHONY: up
up: install  ## Start everything until Ctrl-C; DEV=1 builds the console on every change, MAIL=0 confirms no address.
	$(BIN)/python -m local up $(if $(DEV),--dev) $(if $(filter 0,$(MAIL)),--no-mail)

# The tests, from the quickest ring to the whole. What is started has to be gone afterwards.
PYTEST := $(BIN)/python -m tools.checks.processes $(BIN)/pytest
PARALLEL := -n 2 --dist loadfile

.PHONY: unit
unit: $(STAMP)  ## Run the pure tests: no service, less than a minute of one processor.
	$(BIN)/pytest -q tests/unit

.PHONY: infrastructure
infrastructure: $(STAMP)  ## Run the tests of template.yaml and of the API's description.
	$(BIN)/pytest -q tests/infrastructure

.PHONY: integration
integration: install  ## Run the tests on real PostgreSQL, simulators and a stand-in for AWS.
	$(PYTEST) -q $(PARALLEL) tests/integration

# POOLER=1 lets functions reach the database through PgBouncer, which has to be installed (Debian: pgbouncer).
ifdef POOLER
ifeq ($(shell PATH="$$PATH:/usr/sbin" command -v pgbouncer),)
$(error POOLER=1 needs PgBouncer; Debian has it as the package pgbouncer)
endif
export POOLER
endif

.PHONY: browser
browser: install  ## Run the tests of the console in a Chromium of this machine; skipped where there is none.
	$(PYTEST) -q tests/browser

.PHONY: screenshots
screenshots: install  ## Write pictures of every screen, wide and narrow, light and dark, into .local/screenshots.
	SCREENSHOTS=.local/screenshots $(PYTEST) -q tests/browser/test_accessibility.py -k "every_screen or every_state"

# T=tests/unit/music or T=tests/unit/music/test_links.py::test_name is a path, T="quota and not search" an expression.
.PHONY: test
ifdef T
test: install $(NODE_STAMP)
	$(PYTEST) $(if $(wildcard $(firstword $(subst ::, ,$(T)))),$(T),-k "$(T)")
else
test: install $(NODE_STAMP)  ## Run all tests with coverage; T=path or T=expression runs some of them.
	$(PYTEST) $(PARALLEL) --cov --cov-report=term
endif

# A month's last day from end to end, and the days on which California, where YouTube's quota day begins, changes its clocks.
MOMENTS := 2026-06-30T00:30:00Z 2026-06-30T07:59:00Z 2026-06-30T12:00:00Z 2026-06-30T23:45:00Z \
  2026-03-08T09:30:00Z 2026-11-01T08:30:00Z

.PHONY: clock
clock: $(STAMP)  ## Run the tests that know time as if it were night, noon, or the change of clocks.
	set -e; for moment in $(MOMENTS); do \
	  echo "== as if at $$moment"; \
	  MUSICCONNECT_TEST_START=$$moment $(PYTEST) -q $(PARALLEL) -m knows_time; \
	done

.PHONY: fuzz
fuzz: $(STAMP)  ## Search longer and with random seeds for examples that break the property tests.
	HYPOTHESIS_PROFILE=fuzz $(PYTEST) -q $(PARALLEL) -m "hypothesis or histories" tests/unit tests/integration

# What is made up differs from run to run; 15 minutes are what the nightly workflow gives it.
.PHONY: contract
contract: install  ## Let Schemathesis try every operation of the description for two minutes, or MINUTES=15.
	PYTHONPATH=.:functions:layers/musicconnect $(BIN)/python -m tests.contract.run $(or $(MINUTES),2)

# Bounded to one process: INPUTS damaged files, or as many as SECONDS allow.
.PHONY: mutations
mutations: install  ## Have all readers of uploads read a million damaged files, or INPUTS=, for an hour or SECONDS=.
	PYTHONPATH=.:functions:layers/musicconnect $(BIN)/python -m tests.contract.mutations \
	  --inputs $(or $(INPUTS),1000000) --seconds $(or $(SECONDS),3600)

.PHONY: lint
lint: install  ## Style, types, the direction of imports, the template.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy layers/musicconnect/musicconnect functions local tools
	PYTHONPATH=layers/musicconnect:. $(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m tools.checks
	$(SAM) validate --lint --region us-east-1

.PHONY: checkov
checkov: $(STAMP) $(CHECKOV)/.installed  ## Security checks of the templates, against the list of those that may fail.
	$(BIN)/python -m tools.checks.checkov

# What is known of the pinned versions; nightly, since it asks PyPI, and fails where that does not answer.
.PHONY: audit
audit: install  ## Ask PyPI's list of advisories about every pinned package.
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r requirements-dev.txt

# From the pins alone, so the same pins give the same bytes.
.PHONY: sbom
sbom: install  ## Write what is deployed as software bills of materials (CycloneDX) into sbom/.
	@mkdir -p sbom
	set -e; for part in layers/musicconnect functions/schema_migrate functions/web; do \
	  $(BIN)/cyclonedx-py requirements $$part/requirements.txt --pyproject pyproject.toml --output-reproducible \
	    --validate -o sbom/$$(basename $$part).cdx.json; \
	done

# It pins old versions of much that the project uses, hence an environment of its own (under a minute, once).
$(CHECKOV)/.installed: requirements-checkov.txt
	$(PYTHON) -m venv $(CHECKOV)
	$(CHECKOV)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-checkov.txt
	@touch $@

.PHONY: openapi
openapi: $(STAMP)  ## Write docs/openapi.json and the register of services again from the functions' routes.
	PYTHONPATH=functions:layers/musicconnect $(BIN)/python -m tools.openapi
	PYTHONPATH=functions:layers/musicconnect $(BIN)/python -m tools.services

.PHONY: alarms
alarms: $(STAMP)  ## Write the alarms and the dashboard of template.yaml again, for functions that came or went.
	$(BIN)/python -m tools.alarms

.PHONY: build
build: install  ## Build the functions and the layer as they are deployed, into .aws-sam/build.
	$(SAM) build

.PHONY: deploy
deploy: install  ## Build, expand the schema, let new code in, contract. DRY_RUN=1 only prints the steps, and what the first time needs.
	$(BIN)/python -m tools.deploy $(if $(DRY_RUN),--dry-run) $(if $(ACCEPT_THROTTLES),--accept-throttles)

.PHONY: sam-local
sam-local: install  ## Run every function on every event in containers (needs a container engine).
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m local.containers.run_events
