# make demo: the app on http://127.0.0.1:7860.   make test: lint, types and every test.   make bench: the quick benchmarks; ARGS=--full for all.
# make space: what a Space on Hugging Face needs, in build/space; see docs/deploy.md.
# They set up what they need: a virtual environment in .venv and, for the tests, Chromium and HAProxy from the system's packages.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
# Two recipes at a time: the packages are compiled while mypy reads them, and HAProxy comes while pip works.
MAKEFLAGS += --jobs=2
# The tests start many processes, each of which would compile what it imports.
export PYTHONDONTWRITEBYTECODE :=
CHROMIUM = $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
HAPROXY = $(shell PATH=$$PATH:/usr/sbin:/usr/local/sbin command -v haproxy)

.PHONY: demo test bench space lint types format chromium haproxy clean

demo: $(VENV)/runtime.stamp
	$(BIN)/python app.py

test: lint types chromium haproxy $(VENV)/bytecode.stamp
	$(BIN)/python -m pytest

bench: chromium haproxy $(VENV)/bytecode.stamp
	$(BIN)/python -m benchmarks $(ARGS)

space: $(VENV)/runtime.stamp
	rm -rf build/space && mkdir -p build/space
	git archive HEAD app.py depth_demo docs examples LICENSE README.md | tar -x -C build/space
	cp space/requirements.txt space/packages.txt build/space/

lint: $(VENV)/development.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile

types: $(VENV)/development.stamp
	$(BIN)/mypy

format: $(VENV)/development.stamp
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(SUDO) apt-get update && $(SUDO) apt-get install -y --no-install-recommends \
		$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/runtime.stamp: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install -q -r requirements.txt
	touch $@

$(VENV)/development.stamp: requirements-dev.txt requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install -q --no-compile -r requirements-dev.txt
	touch $@ $(VENV)/runtime.stamp

# pip compiles on one core, and passes over the templates among the packages that are no Python, as this does.
$(VENV)/bytecode.stamp: $(VENV)/development.stamp
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib > /dev/null || true
	touch $@

# Debian has a package; Ubuntu's is a snap, which containers cannot run, so there Playwright brings its own build.
chromium: $(VENV)/development.stamp | haproxy
	@test -n "$(CHROMIUM)" || { $(SUDO) apt-get update && $(SUDO) apt-get install -y --no-install-recommends chromium; } \
		|| $(BIN)/python -m playwright install --with-deps chromium

# The tests start HAProxy themselves. Its package would start a service, now and with the machine: a policy keeps it from that.
haproxy: | $(BIN)/python
	@test -n "$(HAPROXY)" || $(SUDO) sh -ec 'policy=/usr/sbin/policy-rc.d; \
		test -e $$policy || { trap "rm -f $$policy" EXIT; printf "#!/bin/sh\nexit 101\n" > $$policy; chmod +x $$policy; }; \
		apt-get update; apt-get install -y --no-install-recommends haproxy; \
		if command -v systemctl > /dev/null; then systemctl disable haproxy; fi'

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache
