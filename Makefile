# Needs Python 3.11 or newer, git and make; everything else comes into .venv from the lock files.

# The first of these that works is used. Name another with: make PYTHON=/path/to/python TARGET
PYTHON = .venv/bin/python python3.13 python3.12 python3.11 python3.14 python3

# $(call set-up,ARGUMENTS) runs .ci/set_up.py, which does nothing when .venv is as the lock files say.
define set-up
@for python in $(PYTHON); do \
	if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		exec "$$python" .ci/set_up.py $(1); \
	fi; \
done; \
echo "There is no Python 3.11 or newer with the venv module among: $(PYTHON)." >&2; \
echo "Install one (on Debian and Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python $(MAKECMDGOALS)" >&2; \
exit 1
endef

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: runtime
runtime:
	$(call set-up,)

.PHONY: dev
dev:
	$(call set-up,--dev)

.PHONY: demo
demo: runtime ## Make a small company, sync it and show it in a Slack of its own
	@.venv/bin/kpi demo --folder var/demo

.PHONY: test
test: dev ## Run all tests that this machine can run, and name what is skipped and why
	@.venv/bin/python -m pytest -n auto --dist loadfile $(PYTEST_ARGS)

.PHONY: check check-format check-lint check-types check-layers check-docs check-changelog
check: check-format check-lint check-types check-layers check-docs check-changelog ## Run the gates: format, lint, types, layers, docs, changelog

check-format: dev
	.venv/bin/ruff format --check .

check-lint: dev
	.venv/bin/ruff check .

check-types: dev
	.venv/bin/mypy

check-layers: dev
	.venv/bin/lint-imports --no-logo

check-docs: dev
	@.venv/bin/python .ci/generate_docs.py --check

check-changelog: dev
	.venv/bin/python .ci/check_changelog.py

.PHONY: docs
docs: dev ## Write what docs/ says of the code, and what its examples print, anew
	@.venv/bin/python .ci/generate_docs.py

.PHONY: bench
bench: dev ## Measure what the project promises about speed
	@.venv/bin/python -m bench

.PHONY: lock
lock: ## Write the lock files anew; UPGRADE=--upgrade takes the newest versions
	$(call set-up,--lock $(UPGRADE))

.PHONY: clean
clean: ## Remove what was built and installed here; data in var/ stays
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find bot connectors kpi tests -type d -name __pycache__ -prune -exec rm -rf {} +
