# Set-up, checks and the main job. `make help` lists the targets; PYTHON=python3.12 picks the interpreter.

PYTHON ?= python3
PIP_FLAGS ?= --quiet
PYTEST_FLAGS ?= --numprocesses logical --maxprocesses 8

VENV := .venv
# The reference implementations, far larger than the laboratory, have an environment of their own.
PARITY := .venv-parity
BENCH := .venv-bench
# The oldest versions that pyproject.toml allows.
LOWEST := .venv-lowest
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

# What the tests need besides the laboratory, and what they read.
TEST_TOOLS := hypothesis mpmath pytest pytest-xdist
WHEEL_TESTS := cli.py pyproject.toml tests benchmarks studies

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test test-all lint wheel lowest docs docs-refresh studies-full claims bench parity format constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.setup ## make .venv/bin/lab

demo: setup ## the main job: GreedyLR and the classic schedules on Rosenbrock with loss spikes
	$(BIN)/lab run --landscape rosenbrock --noise spikes

test: lint ## lint, types and all tests
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: $(VENV)/.setup-dev ## style, format and types, changing nothing
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m pyright --pythonpath $(BIN)/python

docs: $(VENV)/.setup-dev ## build the documentation site into site/, strictly
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "site/index.html; with its search: $(BIN)/python -m http.server --directory site"

docs-refresh: $(VENV)/.setup-dev ## run the commands of the pages, and put their outputs and figures there
	$(BIN)/python docs/refresh.py

studies-full: $(VENV)/.setup-dev ## run the full designs of the pages (an hour or two); writes docs/full
	$(BIN)/python docs/full.py

claims: setup ## judge all claims (some minutes); writes docs/claims and the table in README.md
	$(BIN)/lab check --pages docs/claims
	$(BIN)/python docs/put_verdicts.py

wheel: $(VENV)/.setup-dev ## build dist/, install the wheel in a fresh environment, run the tests from there
	@rm -rf dist
	$(BIN)/python -m build --outdir dist
	@set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(PYTHON) -m venv "$$fresh/venv"; \
	"$$fresh/venv/bin/python" -m pip --disable-pip-version-check install $(PIP_FLAGS) --constraint constraints.txt \
	  "$$(ls dist/*.whl)[dask,query,tune]" $(TEST_TOOLS); \
	cp -r $(WHEEL_TESTS) "$$fresh"; cd "$$fresh"; \
	venv/bin/lab --version; \
	venv/bin/python -m pytest $(PYTEST_FLAGS) -p no:cacheprovider --ignore tests/docs --ignore tests/examples \
	  --ignore tests/test_architecture.py --ignore tests/test_written.py --ignore tests/test_doctests.py

# The pages show the figures of the versions in constraints.txt; an older Matplotlib sets other ticks.
lowest: $(LOWEST)/.setup ## run the tests with the lowest versions that pyproject.toml allows
	$(LOWEST)/bin/python -m pytest $(PYTEST_FLAGS) -p no:cacheprovider --ignore tests/docs

# What cannot be set up here, for want of a network or a program, is skipped and said.
test-all: ## test, wheel, lowest, docs and parity; what cannot be set up here is skipped, and said
	@done=""; skipped=""; failed=""; \
	for part in test wheel lowest docs parity; do \
	  case $$part in lowest) needs="$(LOWEST)/.setup";; parity) needs="$(PARITY)/.setup";; \
	    *) needs="$(VENV)/.setup-dev";; esac; \
	  echo "== $$part"; \
	  if ! $(MAKE) --no-print-directory $$needs; then skipped="$$skipped $$part"; \
	  elif $(MAKE) --no-print-directory $$part; then done="$$done $$part"; \
	  else failed="$$failed $$part"; fi; \
	done; \
	echo "passed:$${done:- none}; skipped, cannot be set up here:$${skipped:- none}; failed:$${failed:- none}"; \
	[ -z "$$failed" ]

bench: $(BENCH)/.setup ## measure against C, JAX, NumPy and torch (some minutes); writes benchmarks/RESULTS.md
	$(BENCH)/bin/python -m benchmarks.run

# The last file stands apart: it starts processes, of which JAX warns where it has been imported.
parity: $(PARITY)/.setup ## compare the golden files with live torch, transformers and optax
	$(PARITY)/bin/python tests/golden/generate.py --check
	$(PARITY)/bin/python -m pytest -p no:cacheprovider tests/schedules/test_torch.py tests/schedules/test_optax.py \
	  tests/docs/test_bring_your_own_schedule.py
	$(PARITY)/bin/python -m pytest -p no:cacheprovider tests/docs/test_training_run_page.py

format: $(VENV)/.setup-dev ## format the code, mend what Ruff can mend
	$(BIN)/python -m ruff check --fix-only
	$(BIN)/python -m ruff format

constraints: ## write constraints.txt anew: the newest versions that go together
	$(CHECK_PYTHON)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	  echo "constraints.txt is made with Python 3.11, the oldest supported: make constraints PYTHON=python3.11" >&2; exit 1; }
	@set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(PYTHON) -m venv "$$fresh"; \
	"$$fresh/bin/python" -m pip --disable-pip-version-check install $(PIP_FLAGS) '.[dask,query,tune,docs,dev]'; \
	{ echo "# Every version that the tests run with. Written by 'make constraints'; not edited by hand."; \
	  "$$fresh/bin/python" -m pip --disable-pip-version-check freeze --exclude greedylr-lab; } > "$$fresh/constraints.txt"; \
	cp "$$fresh/constraints.txt" constraints.txt

clean: ## remove the environment, caches and builds; results stay
	rm -rf $(VENV) $(PARITY) $(LOWEST) $(BENCH) build dist site .pytest_cache .ruff_cache .hypothesis
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
	@$(PIP) install $(PIP_FLAGS) --constraint constraints.txt --editable '.[dask,query,tune,docs,dev]'
	@touch $@

$(PARITY)/.setup: pyproject.toml tests/golden/requirements.txt
	$(CHECK_PYTHON)
	@echo "Setting up $(PARITY) with torch, transformers and optax: some minutes, over 2 GB"
	@$(PYTHON) -m venv --clear $(PARITY) >/dev/null 2>&1 || { echo "$(NO_VENV)" >&2; exit 1; }
	@$(PARITY)/bin/python -m pip --disable-pip-version-check install $(PIP_FLAGS) \
	  --requirement tests/golden/requirements.txt --editable .
	@touch $@

$(LOWEST)/.setup: pyproject.toml
	$(CHECK_PYTHON)
	@echo "Setting up $(LOWEST) with the lowest versions of all that is needed"
	@$(PYTHON) -m venv --clear $(LOWEST) >/dev/null 2>&1 || { echo "$(NO_VENV)" >&2; exit 1; }
	@$(PYTHON) tests/lowest.py > $(LOWEST)/constraints.txt
	@$(LOWEST)/bin/python -m pip --disable-pip-version-check install $(PIP_FLAGS) \
	  --constraint $(LOWEST)/constraints.txt --editable '.[dask,query,tune]' $(TEST_TOOLS)
	@touch $@

# torch or JAX may be out of reach: the table then says so.
$(BENCH)/.setup: pyproject.toml constraints.txt benchmarks/requirements.txt
	$(CHECK_PYTHON)
	@echo "Setting up $(BENCH) with JAX and torch: some minutes, over 2 GB"
	@$(PYTHON) -m venv --clear $(BENCH) >/dev/null 2>&1 || { echo "$(NO_VENV)" >&2; exit 1; }
	@$(BENCH)/bin/python -m pip --disable-pip-version-check install $(PIP_FLAGS) --constraint constraints.txt --editable .
	@for name in jax torch; do \
	  grep "^$$name" benchmarks/requirements.txt | xargs $(BENCH)/bin/python -m pip --disable-pip-version-check \
	    install $(PIP_FLAGS) || echo "$$name is left out" >&2; \
	done
	@touch $@
