# `make help` lists the targets. Everything is installed in .venv, except the Debian packages that
# the tests need (see `system`).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Dagster reads dagster.yaml in this folder, and keeps its records in history/, schedules/ and
# storage/ next to it.
export DAGSTER_HOME := $(CURDIR)
# One test process per core, at most four, because each loads the model.
PROCESSES := -n auto --maxprocesses 4 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help run ui evaluate bench bench-fast test fast torture lint format docs examples screenshots sample lock audit system clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/ready ## run the pipeline on the bundled sample and publish a snapshot
	@$(BIN)/ri-index run

ui: .venv/ready ## open the Dagster UI on http://127.0.0.1:3000
	@$(BIN)/dg dev --use-active-venv -h 127.0.0.1 -p 3000

evaluate: .venv/ready ## compare the published personas with those planted in the sample
	@$(BIN)/python -m benchmarks.evaluate

bench: .venv/ready-dev ## measure speed, growth and memory against their bars (hours)
	@$(BIN)/python -m benchmarks.bench

bench-fast: .venv/ready-dev ## the same without what takes over ten minutes
	@$(BIN)/python -m benchmarks.bench --fast

test: .venv/ready-dev system lint ## run all tests, slow ones included
	@$(BIN)/pytest $(PROCESSES)

fast: .venv/ready-dev lint ## run the fast tests
	@$(BIN)/pytest $(PROCESSES) -m "not slow"

torture: .venv/ready-dev system ## bring about every kind of fault for half an hour, and count
	@$(BIN)/python -m ri_assets_tests.torture

lint: .venv/ready-dev ## check formatting, ruff and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@if command -v npx >/dev/null; then \
		npx --yes --package typescript@5.9.3 tsc -p ri_assets/explorer/jsconfig.json; \
	else \
		echo "no npx: the explorer's JavaScript was not type-checked"; \
	fi

format: .venv/ready-dev ## format the code and fix what ruff can fix
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: .venv/ready ## regenerate the tables in docs/, the JSON Schemas and the list of commands
	@$(BIN)/python -m ri_assets.docs_tables docs
	@$(BIN)/python -m ri_assets.ri_index.exports.schemas
	@$(BIN)/python -m ri_assets.cli.commands

examples: .venv/ready-dev ## run use cases and tour on the sample; write docs/use_cases.md and tour.ipynb
	@store=$$(mktemp -d) && trap 'rm -rf "$$store"' EXIT && \
		$(BIN)/ri-index run --source sample --store "$$store" && \
		$(BIN)/python examples/page.py --store "$$store" && \
		$(BIN)/python examples/notebook.py --store "$$store"

screenshots: .venv/ready-dev system ## write docs/images from a fresh snapshot of the sample
	@store=$$(mktemp -d) && trap 'rm -rf "$$store"' EXIT && \
		$(BIN)/ri-index run --source sample --store "$$store" && \
		$(BIN)/python examples/screenshots.py --store "$$store"

sample: .venv/ready ## regenerate data/sample
	@$(BIN)/python -m ri_assets.sample data/sample

lock: .venv/ready .venv/lock/ready ## write the hashes of what is pinned (deploy/hashes.txt)
	@$(BIN)/python deploy/lock.py .venv/lock/bin/uv

audit: .venv/ready .venv/audit/ready ## write a bill of materials; look for known vulnerabilities
	@$(BIN)/python deploy/audit.py --python $(BIN)/python --tools .venv/audit/bin --output build

# PyTorch comes first, so that no other package chooses its build.
.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is too old; you need Python 3.11+. Set PYTHON=…"; exit 1; }
	@echo "setting up .venv (only once; takes a few minutes, because PyTorch and the model are large)"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[ui]'
	@touch $@

.venv/ready-dev: .venv/ready
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev,benchmarks,examples,postgres,mysql]'
	@touch $@

# In an environment of their own, so that they are not part of what they look at.
.venv/audit/ready: constraints.txt
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/python -m pip install --disable-pip-version-check -c constraints.txt \
		pip-audit cyclonedx-bom
	@touch $@

.venv/lock/ready:
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/python -m pip install --disable-pip-version-check uv
	@touch $@

# The tests start MariaDB, PostgreSQL, a headless browser and a proxy. Tests without theirs are skipped.
system:
	@missing=""; \
	command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || missing="mariadb-server"; \
	command -v openssl >/dev/null || missing="$$missing openssl"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
		missing="$$missing postgresql"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$$missing nginx-light"; \
	command -v systemd-analyze >/dev/null || missing="$$missing systemd"; \
	if [ -n "$$missing" ]; then \
		if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
			echo "installing$$missing with apt-get"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
				--no-install-recommends $$missing; \
		else \
			echo "not installed: $$missing; the tests that need them will be skipped"; \
		fi; \
	fi

clean: ## remove .venv, all results and Dagster's records
	rm -rf .venv history schedules storage logs .logs_queue .nux data/store
