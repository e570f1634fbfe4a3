# Everything a person needs; `make help` lists it. Nothing is installed outside .venv, except the
# Debian packages that the tests need (see `system`).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Dagster reads dagster.yaml from here, and keeps its records in history/, schedules/ and storage/
# beside it.
export DAGSTER_HOME := $(CURDIR)
# Tests run in a process a core; each of them loads the model, so that four are enough.
PROCESSES := -n auto --maxprocesses 4 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help run ui evaluate test fast lint format docs examples sample system clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/ready ## set up, materialise every asset on the bundled sample, publish a snapshot
	@$(BIN)/ri-index run

ui: .venv/ready ## open the Dagster UI on http://127.0.0.1:3000
	@$(BIN)/python -W 'ignore:Function `dev_command` is superseded' -m dagster dev \
		-w workspace.yaml -h 127.0.0.1 -p 3000

evaluate: .venv/ready ## compare the published personas with the audiences planted in the sample
	@$(BIN)/python -m benchmarks.evaluate

test: .venv/ready-dev system lint ## every test, slow ones included
	@$(BIN)/pytest $(PROCESSES)

fast: .venv/ready-dev lint ## the tests that people run often
	@$(BIN)/pytest $(PROCESSES) -m "not slow"

lint: .venv/ready-dev ## formatting, ruff, strict types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@if command -v npx >/dev/null; then \
		npx --yes --package typescript@5.9.3 tsc -p ri_assets/explorer/jsconfig.json; \
	else \
		echo "no npx: the explorer's JavaScript was not type-checked"; \
	fi

format: .venv/ready-dev ## format and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: .venv/ready ## write the tables of docs/ and the JSON Schemas that come from the code
	@$(BIN)/python -m ri_assets.docs_tables docs
	@$(BIN)/python -m ri_assets.ri_index.exports.schemas

examples: .venv/ready-dev ## run the six use cases on a fresh snapshot of the sample, write docs/use_cases.md
	@store=$$(mktemp -d) && trap 'rm -rf "$$store"' EXIT && \
		$(BIN)/ri-index run --source sample --store "$$store" && \
		$(BIN)/python examples/page.py --store "$$store"

sample: .venv/ready ## generate data/sample again
	@$(BIN)/python -m ri_assets.sample data/sample

# PyTorch first and by itself, so that no other package chooses its build.
.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, $(PYTHON) is older; set PYTHON=…"; exit 1; }
	@echo "setting up .venv (once, a few minutes: PyTorch and the model are large)"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/ready-dev: .venv/ready
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev,benchmarks,examples]'
	@touch $@

# Tests start a private MariaDB server, a headless browser and a proxy. Without them those tests are skipped.
system:
	@missing=""; \
	command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || missing="mariadb-server"; \
	command -v openssl >/dev/null || missing="$$missing openssl"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$$missing nginx-light"; \
	if [ -n "$$missing" ]; then \
		if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
			echo "installing$$missing with apt-get"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
				--no-install-recommends $$missing; \
		else \
			echo "not installed: $$missing; tests that need them are skipped"; \
		fi; \
	fi

clean: ## remove environment, results and Dagster's records
	rm -rf .venv history schedules storage logs .logs_queue .nux data/store
