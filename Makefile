.DEFAULT_GOAL := help
.PHONY: help setup

help:  ## print the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## leave .venv ready
	@scripts/setup
