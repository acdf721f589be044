# Copyright: (c) 2026, taskops.quiesce contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The Python that everything is built on; 3.11 or later.
PYTHON ?= python3

# So many sessions run side by side, one more than there are processors on a small machine, since some of them also wait. Those that use
# all processors by themselves run alone (noxfile.py).
JOBS ?= 3

ENVIRONMENT = $(PYTHON) tools/environment.py
NOX = .venv/bin/python -m nox
REPORT = .nox/report.json
# Runs what it's given, shows the table of times whatever comes of it, and ends as nox ended.
NOX_ALL = rm -rf $(REPORT) .nox/results; $(NOX) --parallel $(JOBS) --report $(REPORT); status=$$?; \
  [ ! -f $(REPORT) ] || $(PYTHON) tools/summary.py $(REPORT) .nox/results; exit $$status

# Lower bounds of the Pythons that a lock file has to serve: newer cores want a newer one.
LOCK = .venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help demo test test-all-cores quick lint sanity unit integration fire soak crash-test closing-test events airflow airflow-whole airflow-speed browser docs bench awx \
  build checks lock clean nox

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Open and close a maintenance window over five of the six systems, all emulated, step by step
	@$(ENVIRONMENT) .venv-demo tools/requirements/demo.txt
	@cd "$$($(PYTHON) tools/tree.py .nox/tree)" && \
	  PATH="$(CURDIR)/.venv-demo/bin:$$PATH" PYTHONPATH="$(CURDIR)/.nox/tree" ANSIBLE_COLLECTIONS_PATH="$(CURDIR)/.nox/tree" \
	  QUIESCE_DEMO_FOLDER="$(CURDIR)/.demo" exec python -m tests.demo

test: nox ## All checks and tests, on the oldest and the newest ansible-core for which there is a Python
	@$(NOX_ALL)

test-all-cores: nox ## The same, on every ansible-core for which there is a Python
	@export QUIESCE_CORES=all; $(NOX_ALL)

quick: nox ## The checks to run while you work: linters of changed files, unit tests, an integration test for each vendor
	@$(NOX) --session quick

lint: nox ## Linters, types, documentation, changelog, licences
	@$(NOX) --session lint

sanity: nox ## ansible-test sanity
	@$(NOX) --parallel $(JOBS) --tags sanity

unit: nox ## Unit tests
	@$(NOX) --tags unit

integration: nox ## Integration tests: real ansible processes against the emulator
	@$(NOX) --tags integration

fire: nox ## Model-based tests under faults, as many as `make test` runs
	@$(NOX) --session fire

soak: nox ## The same with 50,000 cases, from a seed that is printed
	@$(NOX) --session soak

crash-test: nox ## Kill window jobs at random moments, 200 times and more, and check the tasks afterwards
	@$(NOX) --session crash

closing-test: nox ## Kill the rulebook that closes a window at random moments, 30 times and more; needs Java 17
	@$(NOX) --session closing

events: nox ## The event source in the real ansible-rulebook; needs Java 17
	@$(NOX) --session events

airflow: nox ## The same tests of the Airflow modules against real servers and the emulator
	@$(NOX) --session airflow

airflow-whole: nox ## The same with all windows, which `make test` opens over Airflow 3's own server only
	@$(NOX) --session airflow-whole

airflow-speed: nox ## Time 300 Dags on Airflow's own server against a threaded script and a loop of uri (alone on the machine)
	@$(NOX) --session airflow-speed

browser: nox ## The report of a window in a real browser, with screenshots
	@$(NOX) --session browser

docs: nox ## Build the manual, open its pages in a browser, and run its commands
	@$(NOX) --session docs

bench: nox ## Compare the speed with the alternatives; writes the page on scale (about 15 minutes, alone on the machine)
	@$(NOX) --session bench

awx: nox ## Jobs as AWX runs them, with its own code for credentials
	@$(NOX) --session awx

build: nox ## Build, install and run the artifact
	@$(NOX) --session build

checks: nox ## Galaxy's importer, ansible-builder, and the checks of the Ansible community
	@$(NOX) --session checks

lock: nox ## Refresh the pinned versions in tools/requirements/*.txt
	@cd tools/requirements && for name in test bootstrap lint demo docs events bench awx airflow-3 airflow-2 galaxy checks core-2.16 core-2.17 core-2.18 core-2.19; do \
	  ../../$(LOCK) --python-version 3.11 --output-file $$name.txt $$name.in || exit; done
	@cd tools/requirements && for name in core-2.20 core-2.21; do \
	  ../../$(LOCK) --python-version 3.12 --output-file $$name.txt $$name.in || exit; done

clean: ## Remove everything that was created here: environments, caches, results
	rm -rf .demo .venv .venv-demo .venv*.lock .nox .ansible .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

nox:
	@$(ENVIRONMENT) .venv tools/requirements/bootstrap.txt
