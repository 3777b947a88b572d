.DEFAULT_GOAL := help
SOAK ?= --docker 200 --podman 50
.PHONY: help setup run test check soak bench lock build clean

help:  ## print the targets
	@awk -F ':.*##  *' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## leave .venv ready; fast when nothing changed
	@scripts/setup

run: setup  ## start the quickstart example; Ctrl+C stops it
	@.venv/bin/fairlead run --apphost examples/quickstart/apphost.py

test: setup  ## run every check and the tests that this machine can run (ALL=1: the thorough ones, too)
	@FAIRLEAD_TEST_ALL=$(ALL) scripts/test

check: setup  ## run what needs no engine: format, lint, types, import contracts, unit tests
	@scripts/check

soak: setup  ## kill hosts at random on Docker and Podman, and look for what is left (SOAK="--docker 10" for less)
	@.venv/bin/python -m tests.soak $(SOAK)

bench: setup  ## measure speed and size (BENCH="startup publish" picks some)
	@.venv/bin/python -m benchmarks $(BENCH)

lock: setup  ## lock the dependencies again (UPGRADE=1 takes the newest)
	@scripts/lock

build: setup  ## build the wheel into dist
	@.venv/bin/uv build --quiet --wheel --no-build-isolation --python .venv/bin/python --out-dir dist

clean:  ## remove what these targets made
	rm -rf .venv .tools .cache dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
