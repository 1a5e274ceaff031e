# Everything sets itself up from nothing but python3 (3.11 or newer, with venv), make and a network.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := 0.13.9

.PHONY: demo test lint format docs openapi constraints clean

demo: $(READY)  ## the sample county, solved, shown in a table and served on http://127.0.0.1:8000
	$(BIN)/rotation demo

test: $(READY)  ## every test, then the linters
	$(BIN)/python -m pytest
	$(MAKE) --no-print-directory lint

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)  ## write the rule reference anew
	$(BIN)/python -m rotation.reference docs

openapi: $(READY)  ## write the agreed HTTP interface anew
	$(BIN)/python -m api.openapi > tests/api/openapi.json

constraints: $(READY)  ## pin the newest versions that fit
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --no-header --no-annotate --upgrade -o constraints.txt

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新版本 · Python 3.11 or newer is needed (make PYTHON=python3.12 …)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "缺少 venv 模块 (Debian: apt-get install python3-venv) · the venv module is missing"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
