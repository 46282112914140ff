# Every target does its own set-up. `make` alone lists them.

PYTHON ?= python3
PORT ?= 8501
# Where `make app` can be reached: this machine only. 0.0.0.0 is everybody in the network.
ADDRESS ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest --durations=5
# Two at a time: most tests wait for servers and workers. A file's tests share what is costly to make.
# Those with a browser by themselves: beside others their clicks come while a page is being drawn.
TWO := -n 2 --dist loadfile --no-loadscope-reorder

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help install install-dev app workshop test test-all bench starter tables check format clean

help: ## List what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

install: $(VENV)/installed ## Make .venv ready to run the dashboard
	@:

app: install ## Open the dashboard on http://localhost:8501, for this machine only (PORT=, ADDRESS=)
	@$(BIN)/python -m flowercore prepare
	@$(BIN)/python -m streamlit run asgi.py --server.port $(PORT) --server.address $(ADDRESS)

workshop: install ## Serve a room: prints its address, a QR code and the leader's address (PORT=)
	@$(BIN)/python -m flowercore prepare
	@$(BIN)/python -m flowercore workshop --port $(PORT) \
		$(if $(CERT),--cert "$(CERT)") $(if $(KEY),--key "$(KEY)")

test: install-dev ## Run the tests that take less than a minute each
	@$(PYTEST) -m "browser and not slow" --timeout 300 $(TWO)
	@$(PYTEST) -m "not browser and not slow" --timeout 300 $(TWO)

test-all: install-dev ## Run all tests
	@$(PYTEST) -m browser --timeout 1800 $(TWO)
	@$(PYTEST) -m "not browser" --timeout 1800 $(TWO)

bench: install-dev ## Measure everything and write docs/benchmarks.md (PHOTOS=, LARGE=1, ONLY=)
	@$(BIN)/python -m benchmarks.write $(if $(PHOTOS),--photos "$(PHOTOS)") \
		$(if $(LARGE),--large) $(if $(ONLY),--only $(ONLY))

starter: install-dev ## Make the starter model anew: make starter PHOTOS=folder OTHERS=folder
	@$(BIN)/python -m flowercore starter --data "$(PHOTOS)" --others "$(OTHERS)" \
		--output flowercore/starter

tables: install-dev ## Write the layer tables of the chapter Anatomy anew
	@$(BIN)/python -m flowercore.anatomy.write

# `test` last and by itself: with `make -j` its closing lines stay the last ones.
check: install-dev ## Check format, style and types, then run the tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(MAKE) test

format: install-dev ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## Delete .venv and caches; runs and datasets in the home folder stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

install-dev: $(VENV)/installed-dev
	@.ci/chromium

# Exact versions where they were tested; elsewhere pip chooses what fits.
CONSTRAINTS = $(shell $(BIN)/python -c 'import sys, platform as p; \
	tested = (p.system(), p.machine(), sys.version_info[:2]) == ("Linux", "x86_64", (3, 11)); \
	print("-c requirements.lock" if tested else "")')
PIP = $(BIN)/python -m pip install --disable-pip-version-check --no-input

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit( \
		"Flower Lab needs Python 3.11 or newer. Received: Python %d.%d (%s). " \
		"Name another one: make install PYTHON=python3.12" % (v[0], v[1], sys.executable))'
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

# The stamps are touched after success, so a broken download starts again.
$(VENV)/installed: requirements.txt requirements.lock | $(VENV)/bin/pip
	@echo "Installing what Flower Lab needs (about 500 MB to download at the first time) ..."
	@$(PIP) $(CONSTRAINTS) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@echo "Installing what the tests need ..."
	@$(PIP) -q $(CONSTRAINTS) -r requirements-dev.txt
	@touch $@
