# Set-up, checks and the main job. `make help` lists the targets; PYTHON=python3.12 picks the interpreter.

PYTHON ?= python3
PIP_FLAGS ?= --quiet
PYTEST_FLAGS ?= --numprocesses logical --maxprocesses 8

VENV := .venv
# The reference implementations, far larger than the laboratory, have an environment of their own.
PARITY := .venv-parity
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# pyright shall not ask the network whether there is a newer one.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

NO_VENV = $(PYTHON) cannot make environments: install its venv module (Debian, Ubuntu: apt install python3-venv)

# One line that names the remedy, where the Python at hand will not do.
define CHECK_PYTHON
@fail() { echo "$$1" >&2; exit 1; }; \
command -v $(firstword $(PYTHON)) >/dev/null 2>&1 || \
  fail "$(PYTHON) was not found: install Python 3.11 or later (Debian, Ubuntu: apt install python3 python3-venv)"; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
  fail "$(PYTHON) is $$($(PYTHON) -V 2>&1), Python 3.11 or later is needed: name one, e.g. make PYTHON=python3.12"; \
$(PYTHON) -c 'import ensurepip, venv' >/dev/null 2>&1 || \
  fail "$(NO_VENV)"
endef

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test lint claims parity format constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.setup ## make .venv/bin/lab

demo: setup ## the main job: GreedyLR and the classic schedules on Rosenbrock with loss spikes
	$(BIN)/lab run --landscape rosenbrock --noise spikes

test: lint ## lint, types and all tests
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: $(VENV)/.setup-dev ## style, format and types, changing nothing
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m pyright --pythonpath $(BIN)/python

claims: setup ## judge all claims (some minutes); writes docs/claims and the table in README.md
	$(BIN)/lab check --pages docs/claims
	$(BIN)/python docs/put_verdicts.py

parity: $(PARITY)/.setup ## compare the golden files with live torch, transformers and optax
	$(PARITY)/bin/python tests/golden/generate.py --check
	$(PARITY)/bin/python -m pytest -p no:cacheprovider tests/schedules/test_torch.py tests/schedules/test_optax.py \
	  tests/docs/test_bring_your_own_schedule.py

format: $(VENV)/.setup-dev ## format the code, mend what Ruff can mend
	$(BIN)/python -m ruff check --fix-only
	$(BIN)/python -m ruff format

constraints: ## write constraints.txt anew: the newest versions that go together
	$(CHECK_PYTHON)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	  echo "constraints.txt is made with Python 3.11, the oldest supported: make constraints PYTHON=python3.11" >&2; exit 1; }
	@set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(PYTHON) -m venv "$$fresh"; \
	"$$fresh/bin/python" -m pip --disable-pip-version-check install $(PIP_FLAGS) '.[dask,query,dev]'; \
	{ echo "# Every version that the tests run with. Written by 'make constraints'; not edited by hand."; \
	  "$$fresh/bin/python" -m pip --disable-pip-version-check freeze --exclude greedylr-lab; } > "$$fresh/constraints.txt"; \
	cp "$$fresh/constraints.txt" constraints.txt

clean: ## remove the environment, caches and builds; results stay
	rm -rf $(VENV) $(PARITY) build dist .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.setup: pyproject.toml constraints.txt
	$(CHECK_PYTHON)
	@echo "Setting up $(VENV): the first time takes a minute or two"
	@{ $(PIP) --version && [ "$$($(BIN)/python -V)" = "$$($(PYTHON) -V)" ]; } >/dev/null 2>&1 || \
	$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || { echo "$(NO_VENV)" >&2; exit 1; }
	@$(PIP) install $(PIP_FLAGS) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.setup-dev: $(VENV)/.setup
	@echo "Adding the tools for tests"
	@$(PIP) install $(PIP_FLAGS) --constraint constraints.txt --editable '.[dask,query,dev]'
	@touch $@

$(PARITY)/.setup: pyproject.toml tests/golden/requirements.txt
	$(CHECK_PYTHON)
	@echo "Setting up $(PARITY) with torch, transformers and optax: some minutes, over 2 GB"
	@$(PYTHON) -m venv --clear $(PARITY) >/dev/null 2>&1 || { echo "$(NO_VENV)" >&2; exit 1; }
	@$(PARITY)/bin/python -m pip --disable-pip-version-check install $(PIP_FLAGS) \
	  --requirement tests/golden/requirements.txt --editable .
	@touch $@
