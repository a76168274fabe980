# Two commands on a fresh machine with Python 3.11: `make brief` and `make test`.
PYTHON ?= python3
QUARTER ?= 2018Q3
# a kernel that may not keep compiled modules costs three times the start-up
unexport PYTHONDONTWRITEBYTECODE
export OMP_NUM_THREADS = 1

VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
JINZHOU := $(BIN)/python -m jinzhou
EXPORTS := $(wildcard data/exports/*)
# the office's own exports are loaded afresh each time; without any the demonstration registry is made once
STORE := $(if $(EXPORTS),,data/store/manifest.json)

.PHONY: help brief test lab validation bench lint format house hooks clean
.DEFAULT_GOAL := help

help:  ## this list
	@$(PYTHON) -c "import re; [print(f'  make {n:<11}{t}') for n, t in re.findall(r'^(\w+):[^#\n]*##\s*(.*)', open('Makefile', encoding='utf-8').read(), re.M)]"

brief: $(VENV)/core $(STORE)  ## the quarter's brief and lists (QUARTER=2018Q3); makes the demo registry if data/exports is empty
	$(JINZHOU) brief $(QUARTER)$(if $(EXPORTS), --data data/exports)

test: $(VENV)/dev  ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

lab: $(VENV)/core $(STORE)  ## JupyterLab in notebooks/
	$(if $(EXPORTS),$(JINZHOU) load data/exports)
	$(JINZHOU) lab

validation: $(VENV)/dev  ## published and computed figures side by side, on real data
	$(JINZHOU) validation

bench: $(VENV)/dev  ## CPU and wall seconds and peak memory of each stage
	$(BIN)/python benchmarks/bench.py

lint: $(VENV)/dev  ## what the linter, the formatter, the type checker and the notebooks' filter say
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m nbstripout --keep-id --verify notebooks/*.ipynb

format: $(VENV)/dev  ## format the code, and take outputs out of the notebooks
	$(BIN)/python -m ruff format .
	$(BIN)/python -m nbstripout --keep-id notebooks/*.ipynb

hooks: $(VENV)/dev  ## run the two above before every commit
	$(BIN)/python -m pre_commit install

house: $(VENV)/dev $(STORE)  ## the state of the code in figures, beside the goals
	$(BIN)/python benchmarks/house.py

clean:  ## remove the virtual environment, the demo registry and its store
	rm -rf $(VENV) data/demo data/store

$(VENV)/bare:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or later is needed; found ' + sys.version)"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/core: $(VENV)/bare pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/dev: $(VENV)/core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

data/store/manifest.json: | $(VENV)/core
	$(JINZHOU) synth data/demo
	$(JINZHOU) load data/demo
