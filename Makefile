# Crowd: `make run` serves it here, `make test` checks it. Both need only make and Python 3.11 or newer.

VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --quiet install
BABEL := $(RUN) -m babel.messages.frontend --quiet
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v $$name; break; }; done)
PO := $(wildcard crowd/translations/*/LC_MESSAGES/*.po)
ARGS ?=

# Programs are run as Python's modules: no folder that a clone may lie in breaks them, as it can a script's first line.
# An environment whose Python is gone, or that was moved here from another folder, is made anew.
STALE := $(shell test -x $(RUN) && test "$$(cat $(VENV)/.place 2>/dev/null)" = "$$(pwd -P)" || echo yes)

.DEFAULT_GOAL := help
.PHONY: help install run test test-long lint format translations lock clean FORCE
.DELETE_ON_ERROR:

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r what why; do \
		printf '%-20s %s\n' "$$what" "$$why"; done

install: $(VENV)/.installed $(PO:.po=.mo) ## Make .venv with everything that Crowd needs

run: install ## Serve Crowd here, with its demonstration, until Ctrl-C
	@$(RUN) -m crowd up --demo

ifneq ($(STALE),)
$(VENV)/.place: FORCE
endif
$(VENV)/.place:
	@test -n "$(PYTHON)" || { \
		echo "Crowd needs Python 3.11 or newer. Found: $$(python3 --version 2>/dev/null || echo none)." >&2; \
		echo "Install one, or name it: make $(or $(MAKECMDGOALS),install) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Crowd needs Python 3.11 or newer, and $(PYTHON) is $$('$(PYTHON)' --version 2>&1)." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) lacks its modules venv and ensurepip, which some systems ship apart." >&2; \
		echo "On Debian and Ubuntu, as root: apt-get install python3-venv" >&2; exit 1; }
	@test ! -e $@ && $(RUN) -c 'import pip' 2>/dev/null || { rm -rf $(VENV) && "$(PYTHON)" -m venv $(VENV); }
	@printf '%s\n' "$$(pwd -P)" > $@

$(VENV)/.installed: $(VENV)/.place requirements.lock setup.cfg pyproject.toml
	@echo "Installing the packages that Crowd needs (half a minute) ..."
	@$(PIP) --require-hashes -r requirements.lock || { \
		echo "The packages could not be installed. The first time, this needs the network." >&2; exit 1; }
	@$(PIP) --no-deps --no-build-isolation -e . --config-settings editable_mode=compat
	@$(RUN) -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true  # some packages carry files for others
	@touch $@

$(VENV)/.testing: $(VENV)/.installed requirements-test.lock
	@echo "Installing the packages that the tests need ..."
	@$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

%.mo: %.po $(VENV)/.installed
	@$(BABEL) compile --input-file $< --output-file $@

# Every check runs, whatever the ones before it found; the tests come last, and any failure is the command's.
check = echo "== $(1)"; $(2) || failed="$$failed, $(1)";
CHECKS = $(call check,style,$(RUN) -m ruff check .) \
	$(call check,format,$(RUN) -m ruff format --check .) \
	$(call check,types,$(RUN) -m mypy) \
	$(call check,floors,$(RUN) -c "from importlinter.cli import lint_imports_command as lint; lint()")
VERDICT = test -z "$$failed" || { echo "Failed: $${failed\#, }" >&2; exit 1; }

test: install $(VENV)/.testing ## Check style, types and floors, and run all tests (ARGS="-k name" for some)
	@failed=; $(CHECKS) $(call check,tests,$(RUN) -m pytest -n auto --dist worksteal -m "not long" $(ARGS)) $(VERDICT)

test-long: install $(VENV)/.testing ## Run the tests that take minutes: every drawn value, every form in both languages
	@$(RUN) -m pytest -n auto --dist worksteal -m long $(ARGS)

lint: install $(VENV)/.testing ## Check style, types and floors only
	@failed=; $(CHECKS) $(VERDICT)

format: $(VENV)/.testing ## Bring the code into its one format
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

translations: $(VENV)/.installed ## Bring the catalogues up to date with the words in code and templates
	@$(BABEL) extract -F crowd/translations/babel.cfg -k _l -k lazy_gettext -k lazy_ngettext:1,2 \
		-k lazy_pgettext:1c,2 --no-location --sort-output --project Crowd --copyright-holder Crowd \
		-o crowd/translations/messages.pot .
	@for locale in zh_Hans_CN en; do \
		test -e crowd/translations/$$locale/LC_MESSAGES/messages.po && continue; \
		$(BABEL) init -i crowd/translations/messages.pot -d crowd/translations -l $$locale; done
	@$(BABEL) update -i crowd/translations/messages.pot -d crowd/translations \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 120
	@$(MAKE) --no-print-directory install

LOCK = uv pip compile setup.cfg --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
lock: ## Resolve the packages anew (needs uv): UPGRADE=--upgrade takes newer ones
	@command -v uv >/dev/null || { echo "This needs uv, for example: pipx install uv" >&2; exit 1; }
	$(LOCK) $(UPGRADE) -o requirements.lock
	$(LOCK) $(UPGRADE) --extra test -c requirements.lock -o requirements-test.lock

clean: ## Remove what was made, but never the data folder (var)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
	@rm -f crowd/translations/*.pot crowd/translations/*/LC_MESSAGES/*.mo
