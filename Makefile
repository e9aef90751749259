# Every target does its own set-up from nothing: a virtual environment in .venv, by uv.

UV_VENV := .uv
SYSTEM_UV := $(shell command -v uv 2>/dev/null)
UV := $(if $(SYSTEM_UV),$(SYSTEM_UV),$(UV_VENV)/bin/uv)
# The lock names the public index alone: index settings of the machine must not leak into it.
CLEAN := env -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_DEFAULT_INDEX -u UV_INDEX \
	-u UV_FIND_LINKS -u VIRTUAL_ENV UV_PYTHON_DOWNLOADS=never
SYNC := $(CLEAN) $(UV) sync --locked --quiet --inexact
RUN := .venv/bin/
OUT ?= out
VERSION = 3a

# `make notebook` shows this folder, and the course's notebook where none is named.
NOTEBOOKS ?=
FOLDER = $(NOTEBOOKS:~/%=$(HOME)/%)
LAB_OPTIONS ?=
# The kernel specification that comes first there, and in no other Jupyter.
KERNELS = $(CURDIR)/src/sideman/course/jupyter
LAB_ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)
LAB_BROWSER = $(if $(filter-out Linux,$(shell uname))$(DISPLAY)$(WAYLAND_DISPLAY)$(BROWSER),,--no-browser)
COURSE = --LabApp.default_url=/lab/tree/docs/course.ipynb

.PHONY: help solo course notebook test check bench docs site format dist wheels attack load matrix lock studio clean

help:
	@echo "make solo      improvise over Happy Birthday: MIDI and MP3 in $(OUT)/"
	@echo "make course    the whole course: parse, train, generate, listen; VERSION=4 for version 4"
	@echo "make notebook  JupyterLab on the course's notebook, or on NOTEBOOKS=folder"
	@echo "make test      every test"
	@echo "make check     format, lint, types"
	@echo "make bench     speed, beside the rivals (slow)"
	@echo "make docs      write docs/commands.md from --help"
	@echo "make site      the documentation and the reference of the API, in site/"
	@echo "make studio    build the studio's page from studio/ into the package (needs Node and npm)"
	@echo "make dist      the wheel and the source archive in dist/, and twine's check of both"
	@echo "make wheels    install the wheel with each extra on each Python there is (slow)"
	@echo "make attack    mutated files against every reader, ten minutes each, and 100 kills a command"
	@echo "make load      many files, long files, many processes: memory and time as ratios"
	@echo "make matrix    every test on each Python there is, and with the lowest versions (slow)"
	@echo "make clean     remove what the others made"

# The first take is always this one; each later one has another seed, and a name of its own.
FIRST_TAKE = 6

solo: play-env
	$(RUN)sideman improvise happy-birthday --out $(OUT) \
		$(if $(wildcard $(OUT)/happy-birthday*),,--seed $(FIRST_TAKE))

course: course-env
	$(RUN)python -m sideman.course --version "$(VERSION)"

notebook: notebook-env
	JUPYTER_PATH="$(KERNELS)$${JUPYTER_PATH:+:$$JUPYTER_PATH}" $(RUN)jupyter-lab \
		$(LAB_ROOT) $(LAB_BROWSER) $(LAB_OPTIONS) \
		$(if $(NOTEBOOKS),"$(FOLDER)",--ServerApp.root_dir="$(CURDIR)" $(COURSE))

test: dev-env
	$(RUN)pytest --numprocesses auto --dist loadfile

check: dev-env
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)mypy

bench: dev-env
	$(RUN)python benchmarks/run.py $(ONLY)

docs: dev-env
	$(RUN)python docs/reference.py >docs/commands.md

site: site-env
	rm -rf site
	$(RUN)sphinx-build --quiet --fail-on-warning --keep-going -d .sphinx docs site
	$(RUN)python docs/links.py site

# The built page is part of the repository: only who changes studio/ needs Node.
studio:
	@command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || { \
		echo "The studio's page is built with Node 18 or newer and npm; install them, for example with apt-get install nodejs npm." >&2; \
		exit 1; }
	cd studio && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm run --silent check && npm run --silent build

format: dev-env
	$(RUN)ruff format .
	$(RUN)ruff check --fix .

dist: $(UV)
	rm -rf dist
	$(CLEAN) $(UV) build --quiet --out-dir dist
	$(CLEAN) $(UV) tool run --quiet twine check --strict dist/*

# PYTHONS names interpreters; those of the machine where it is empty.
wheels: $(UV)
	rm -rf dist
	$(CLEAN) $(UV) build --quiet --wheel --out-dir dist
	python3 tests/wheels.py dist/*.whl $(PYTHONS)

# READERS names some; MINUTES is the processor time of each.
MINUTES ?= 10
attack: dev-env
	PYTHONPATH=tests $(RUN)python -m attack $(READERS) --minutes $(MINUTES) $(if $(READERS),,--kills 100)

load: dev-env
	$(RUN)python benchmarks/load.py $(ONLY)

matrix: $(UV)
	python3 tests/matrix.py $(abspath $(UV)) $(PYTHONS)

.PHONY: play-env course-env notebook-env dev-env site-env
play-env: $(UV)
	@$(SYNC) --no-dev --extra page

course-env: $(UV)
	@$(SYNC) --no-dev --extra train

notebook-env: $(UV)
	@$(SYNC) --no-dev --extra train --extra notebook

dev-env: $(UV)
	@$(SYNC) --all-extras

site-env: $(UV)
	$(SYNC) --no-dev --extra page --extra notebook --group site

lock: $(UV)
	$(CLEAN) $(UV) lock

# uv from the package registry, in an environment of its own; the first Python that really runs.
# What pip says, such as a notice of its new version, is shown only where it fails.
$(UV_VENV)/bin/uv:
	@for python in python3.11 python3.12 python3.13 python3; do \
		if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			$$python -m venv $(UV_VENV) || exit 1; \
			told=$$($(UV_VENV)/bin/python -m pip install --no-input uv 2>&1) && exit 0; \
			echo "$$told" >&2; exit 1; \
		fi; \
	done; echo "sideman needs Python 3.11 or newer with venv; install it first." >&2; exit 1

clean:
	rm -rf .venv $(UV_VENV) $(OUT) dist output sideman-out site .sphinx .matrix attack-findings
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
