# Every verb that a person needs; `make` alone lists them.
# Options of a command go into ARGS: make generate ARGS="--users 5000 --seed 7"

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help up down demo generate import train retrain rollback batch evaluate key test test-fast lint bench leaderboard memory lock clean

ARGS ?=
VENV := .venv
PYTHON := $(VENV)/bin/python
# The first Python on this machine that is new enough.
SYSTEM_PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# torch alone comes from the extra index: unset, PyTorch's CPU builds; set but empty, none. Every
# other package would ask that index too, so the other pip lines get the variable empty.
ifeq ($(origin PIP_EXTRA_INDEX_URL),undefined)
TORCH_INDEX := https://download.pytorch.org/whl/cpu
else
TORCH_INDEX := $(PIP_EXTRA_INDEX_URL)
endif
PIP := -m pip --disable-pip-version-check --quiet
INSTALL = PIP_EXTRA_INDEX_URL= $(PYTHON) $(PIP) install --constraint constraints.txt
INSTALL_TORCH = PIP_EXTRA_INDEX_URL="$(TORCH_INDEX)" $(PYTHON) -m pip --disable-pip-version-check install --constraint constraints.txt --no-deps torch

RUNTIME_REQUIREMENTS := $(wildcard services/*/requirements.txt)
RUNTIME := $(VENV)/runtime.stamp
DEVELOPMENT := $(VENV)/development.stamp
BENCHMARKS := $(VENV)/benchmarks.stamp

STACK_RUNS = docker compose ps --status running --services 2>/dev/null | grep -qx mysql
IN_API = docker compose exec --no-TTY api python -m
NO_STACK = No stack runs here, so with SQLite in data/:

# $(call run,OPTIONS AND SERVICE,MODULE AND OPTIONS): a job in the running stack, or else without any server.
define run
@if $(STACK_RUNS); then \
	echo "In the running stack:"; \
	docker compose run --rm --no-deps $(1) python -m $(2); \
else \
	echo "$(NO_STACK)"; \
	$(MAKE) --silent --no-print-directory $(RUNTIME) && $(PYTHON) -m $(2); \
fi
endef

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## Start the whole stack in Docker Compose and ask it for a first recommendation
	@since=$$(date +%s); \
	docker compose up --build --detach; status=$$?; \
	for job in generator trainer; do docker compose logs --no-log-prefix --since $$since $$job; done; \
	exit $$status
	@answer=$$($(IN_API) services.api.programs.first_list) && \
	echo "$$answer" | sed "s|127.0.0.1:8000|$$(docker compose port api 8000)|g"

down: ## Stop the stack; its data stays (docker compose down --volumes removes it too)
	docker compose down

demo: $(RUNTIME) ## Generate, train and serve on 127.0.0.1:8000 without Docker or any server
	@$(PYTHON) -m services.generator generate
	@$(PYTHON) -m services.trainer --if-none
	@$(PYTHON) -m services.api.programs.first_list & welcome=$$!; \
	trap : INT; \
	$(PYTHON) -m services.api --port 8000; status=$$?; \
	kill $$welcome 2>/dev/null; exit $$status

generate: ## Generate data into the running stack or into data/ (ARGS="--users 5000 --reset")
	$(call run,generator,services.generator generate $(ARGS))

import: ## Import real data: make import FROM=path [ARGS="--user 0 --item 1 --rating 2"]
	@test -e "$(FROM)" || { echo "FROM='$(FROM)' is no file or folder: make import FROM=path" >&2; exit 1; }
	@if $(STACK_RUNS); then \
		echo "Into the running stack:"; \
		path=$$(realpath "$(FROM)"); inside="/import/$$(basename "$$path")"; \
		closed=$$(find "$$path" ! -perm -004 | head -1); \
		test -z "$$closed" || { echo "$$closed is closed to the container's user: chmod -R a+rX '$(FROM)'" >&2; exit 1; }; \
		docker compose run --rm --no-deps --volume "$$path:$$inside:ro" generator \
			python -m services.generator import "$$inside" $(ARGS); \
	else \
		echo "$(NO_STACK)"; \
		$(MAKE) --silent --no-print-directory $(RUNTIME) && \
		$(PYTHON) -m services.generator import "$(FROM)" $(ARGS); \
	fi

train: ## Train once and publish, in the running stack or in data/
	$(call run,trainer,services.trainer $(ARGS))

retrain: ## Train in the running stack and see the API follow
	@$(STACK_RUNS) || { echo "No stack runs here: make up starts it, make train needs none." >&2; exit 1; }
	@docker compose run --rm --no-deps trainer python -m services.trainer $(ARGS)
	@$(IN_API) services.api.programs.wait_until_served

rollback: ## Serve the version before the current one again
	$(call run,trainer,shared.artifacts.rollback)
	@if $(STACK_RUNS); then $(IN_API) services.api.programs.wait_until_served; fi

batch: ## Write the best items of every user to a Parquet file (ARGS="--top-n 50 --rank-by rating")
	$(call run,--build batch,services.batch $(ARGS))
	@if $(STACK_RUNS); then echo "To copy it here: docker compose cp api:/artifacts/batch ."; fi

evaluate: ## Measure models on your data (ARGS="--models als,ease --split time --test FILE")
	$(call run,trainer,services.trainer.evaluate $(ARGS))

key: ## Make an API key and its line for .env: make key KIND=read|write|admin|signing [ARGS="--origin URL"]
	@if test -n "$(SYSTEM_PYTHON)"; then \
		$(SYSTEM_PYTHON) -m services.api.programs.make_key $(KIND) $(ARGS); \
	else \
		docker compose run --rm --no-deps api python -m services.api.programs.make_key $(KIND) $(ARGS); \
	fi

test: $(DEVELOPMENT) ## Run every test, those on real servers and the whole stack included
	$(PYTHON) -m pytest $(ARGS)

test-fast: $(DEVELOPMENT) ## Run the tests that need no containers and take little time
	$(PYTHON) -m pytest --numprocesses=auto -m "not containers and not end_to_end and not programs" $(ARGS)

lint: $(DEVELOPMENT) ## Check format, style, types and who imports whom
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(BENCHMARKS) ## Measure speed and memory, into data/bench.md (ARGS="--ml-100k FOLDER"; --docs for docs/)
	$(PYTHON) -m benchmarks $(ARGS)

leaderboard: $(BENCHMARKS) ## Every model on a data set, into data/: make leaderboard DATA=path [ARGS=--docs]
	@test -e "$(DATA)" || { echo "DATA='$(DATA)' is no file or folder: make leaderboard DATA=path" >&2; exit 1; }
	$(PYTHON) -m benchmarks.leaderboard "$(DATA)" $(ARGS)

memory: $(BENCHMARKS) ## Measure what a training takes by size and model, into data/memory.md
	$(PYTHON) -m benchmarks.memory $(ARGS)

# torch stays where it is: results depend on it, and not every release has CPU builds everywhere.
lock: ## Rewrite constraints.txt with the newest versions that fit together (torch stays)
	@torch=$$(grep '^torch==' constraints.txt) && \
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(SYSTEM_PYTHON) -m venv "$$folder" && \
	PIP_EXTRA_INDEX_URL="$(TORCH_INDEX)" "$$folder/bin/python" $(PIP) install --no-deps "$$torch" && \
	PIP_EXTRA_INDEX_URL= "$$folder/bin/python" $(PIP) install \
		$(addprefix --requirement=,$(RUNTIME_REQUIREMENTS) tests/requirements.txt benchmarks/requirements.txt) && \
	"$$folder/bin/python" $(PIP) freeze | sed 's/+.*//' | LC_ALL=C sort -f >constraints.txt
	@echo "constraints.txt: $$(wc -l <constraints.txt) packages"

clean: ## Remove .venv and caches; your data in data/ and Docker's volumes stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): constraints.txt $(RUNTIME_REQUIREMENTS)
	@test -n "$(SYSTEM_PYTHON)" || { echo "Python 3.11 or newer is needed, as python3 on the PATH." >&2; exit 1; }
	@echo "Installing into $(VENV) (minutes at first: torch is large)"
	@$(SYSTEM_PYTHON) -m venv $(VENV)
	@$(INSTALL_TORCH)
	@$(INSTALL) $(addprefix --requirement=,$(RUNTIME_REQUIREMENTS))
	@touch $@

$(DEVELOPMENT): $(RUNTIME) tests/requirements.txt
	@$(INSTALL) --requirement tests/requirements.txt
	@touch $@

$(BENCHMARKS): $(DEVELOPMENT) benchmarks/requirements.txt
	@$(INSTALL) --requirement benchmarks/requirements.txt
	@touch $@
