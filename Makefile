# Signpost: everything is one `make` away. `make help` lists what there is.
#
# Nothing is needed but make and Python 3.11 or newer. The first command that needs them puts the locked packages into
# .venv; a stamp file in there says that they are complete, so that later runs start at once.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help

# Two commands at once would set up the same .venv at once.
.NOTPARALLEL:

# Shell commands that end with one line of explanation where Python is not what it takes.
define require_python
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Signpost needs Python 3.11 or newer, and '$(PYTHON)' is not that; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; \
	exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	echo "'$(PYTHON)' cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; \
	exit 1; }
endef

# $(call set_up,LOCK FILES): bring .venv to what the lock files say, then install the project itself. Every package is
# checked against its hash, the one that builds the project included, so nothing unlocked is ever downloaded.
define set_up
@$(require_python)
@echo "Setting up (once, about a minute)…" >&2
@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes $(addprefix -r ,$(1))
@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
endef

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- Using it ---------------------------------------------------------------------------------------------------------

.PHONY: chat
chat: .venv/.chat ## have the conversation in the terminal (options: make chat ARGS="--help")
	@$(BIN)/signpost chat $(ARGS)

.PHONY: run
run: .venv/.chat ## run the Telegram bot (TELEGRAM_TOKEN in the environment or .env)
	@$(BIN)/signpost run $(ARGS)

.PHONY: sandbox
sandbox: .venv/.chat ## start a local Telegram with a chat page, to try the bot without a token
	@$(BIN)/signpost sandbox $(ARGS)

# --- Checking it ------------------------------------------------------------------------------------------------------

.PHONY: test
test: .venv/.dev ## run the tests on all cores (some of them: make test ARGS="-k back")
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

.PHONY: lint
lint: .venv/.dev ## check format, style, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: fuzz
fuzz: .venv/.dev ## send 100,000 updates at random through the bot (some minutes; fewer: make fuzz ARGS="--updates 5000")
	@$(BIN)/python -m tests.fuzz $(ARGS)

.PHONY: check
check: lint test ## all that has to hold before a commit: lint and test

# --- Changing it ------------------------------------------------------------------------------------------------------

.PHONY: format
format: .venv/.dev ## put the code into the common format and mend what can be mended by itself
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: golden
golden: .venv/.dev ## write the golden conversations anew; read the difference before you commit it
	@$(BIN)/python -m pytest tests/test_golden.py --update

.PHONY: prove
prove: .venv/.dev ## prove every conversation safe, and write the certificate that a start accepts
	@$(BIN)/signpost check --people tests/patients --certify $(ARGS)
	@$(BIN)/python -m bench.safety

.PHONY: mutants
mutants: .venv/.dev ## seed faults and see that the proof catches them (takes a while; some: make mutants ARGS="--sample 100")
	@$(BIN)/python -m bench.mutants $(ARGS)
	@$(BIN)/python -m bench.safety

.PHONY: chaos
chaos: .venv/.dev ## kill the bot over and over while people talk with it (smaller: ARGS="--people 20 --kills 5")
	@$(BIN)/python -m tests.chaos $(ARGS)

.PHONY: schema
schema: .venv/.dev ## write the JSON Schema anew that editors complete flows from
	@$(BIN)/python -m bot.load.schema

.PHONY: graph
graph: .venv/.dev ## draw the flow anew as docs/ and the README show it
	@$(BIN)/signpost graph leg_lift -o docs/leg_lift.svg
	@$(BIN)/signpost graph leg_lift -o docs/leg_lift_first_page.svg --page 1
	@$(BIN)/signpost graph leg_lift -o docs/leg_lift.md

.PHONY: bench
bench: .venv/.dev ## measure how fast it is
	@$(BIN)/python -m bench.run
	@$(BIN)/python -m bench.telegram

.PHONY: bench-check
bench-check: .venv/.dev ## measure what the proof costs (some minutes; write it down: ARGS=--write)
	@$(BIN)/python -m bench.check $(ARGS)

.PHONY: bench-pipeline
bench-pipeline: .venv/.dev .venv-bench/.bench ## measure it beside other bots (an hour or two; ARGS=--quick; write it down: ARGS=--write)
	@$(BIN)/python -m bench.pipeline $(ARGS)

# Each lock holds for every supported Python and system. The smaller ones are cut from the big one, so they never differ.
UV_LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock'

.PHONY: lock
lock: .venv/.dev ## resolve the dependencies anew (newest versions: make lock ARGS=--upgrade)
	@$(UV_LOCK) $(ARGS) pyproject.toml --group dev --output-file requirements/lock.txt
	@$(UV_LOCK) pyproject.toml --constraint requirements/lock.txt --output-file requirements/runtime.txt
	@$(UV_LOCK) --group bench --output-file requirements/bench.txt
	@$(UV_LOCK) --group build --constraint requirements/lock.txt --output-file requirements/build.txt

.PHONY: wheel
wheel: .venv/.dev ## build the package into dist/, the wheel from the source package
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation

.PHONY: clean
clean: ## remove everything that make has made
	@rm -rf .venv .venv-bench build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find bot tests bench -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# --- Setting up -------------------------------------------------------------------------------------------------------

# The conversation needs few packages, so a first `make chat` does not wait for the developers' tools.
.venv/.chat: requirements/runtime.txt requirements/build.txt pyproject.toml
	$(call set_up,requirements/runtime.txt requirements/build.txt)
	@touch $@

.venv/.dev: requirements/lock.txt pyproject.toml
	$(call set_up,requirements/lock.txt)
	@touch $@ .venv/.chat

# What others' bots need, which is older than what ours does.
.venv-bench/.bench: requirements/bench.txt
	@$(require_python)
	@echo "Setting up what the bot is measured against (once)…" >&2
	@.venv-bench/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv-bench
	@.venv-bench/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@
