# Crowd: `make run` serves it on this machine, `make test` checks it. Both need only make and Python 3.11 or newer.

VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --quiet install
BABEL := $(RUN) -m babel.messages.frontend --quiet
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v $$name; break; }; done)
PO := $(wildcard crowd/translations/*/LC_MESSAGES/*.po)
ARGS ?=

# Compiled modules are kept beside their sources, whatever the environment says: a process starts half a second earlier.
unexport PYTHONDONTWRITEBYTECODE

# Programs run as Python modules, so that they work in any folder; a script's first line does not.
# An environment without its Python, or one that was moved here from another folder, is created again.
STALE := $(shell test -x $(RUN) && test "$$(cat $(VENV)/.place 2>/dev/null)" = "$$(pwd -P)" || echo yes)

.DEFAULT_GOAL := help
.PHONY: help install run test test-long coverage mutants lint format translations docs lock clean FORCE
.DELETE_ON_ERROR:

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r what why; do \
		printf '%-20s %s\n' "$$what" "$$why"; done

install: $(VENV)/.installed $(PO:.po=.mo) ## Create .venv with everything that Crowd needs

run: install ## Serve Crowd on this machine, with demonstration data, until Ctrl-C
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

# Every check runs even if an earlier one fails, and any failure fails the command. The tests run beside the static
# checks, which use one core for a minute; what those found is printed at the end.
check = echo "== $(1)"; $(2) || failed="$$failed, $(1)";
CHECKS = $(call check,style,$(RUN) -m ruff check .) \
	$(call check,format,$(RUN) -m ruff format --check .) \
	$(call check,types,$(RUN) -m mypy) \
	$(call check,layers,$(RUN) -c "from importlinter.cli import lint_imports_command as lint; lint()")
VERDICT = test -z "$$failed" || { echo "Failed: $${failed\#, }" >&2; exit 1; }

TESTS = pytest -n auto --dist worksteal -m "not long" --durations 10 $(ARGS)
# COVERAGE=1: the same run counts lines and branches, and the floors of setup.cfg are held at its end.
COUNTED = $(if $(COVERAGE),coverage run -m )
FLOORS = $(if $(COVERAGE),$(call check,coverage,$(RUN) -m coverage combine --quiet && $(RUN) -m tests.floors))
test: install $(VENV)/.testing ## Check style, types and layers, and run all tests (ARGS="-k name" for some)
	@$(if $(COVERAGE),rm -rf build/coverage;) found=$$(mktemp); (failed=; $(CHECKS) $(VERDICT)) >"$$found" 2>&1 & static=$$!; failed=; \
	$(call check,tests,$(RUN) -m $(COUNTED)$(TESTS)) $(FLOORS) \
	wait $$static || failed="$$failed, static checks"; cat "$$found"; rm -f "$$found"; $(VERDICT)

coverage: COVERAGE = 1
coverage: test ## Do what `make test` does, count lines and branches, and hold the floors of setup.cfg

test-long: install $(VENV)/.testing ## Run the tests that take minutes: every value, every form in both languages, properties by a seed
	@seed=$${SEED:-$$(date +%s)}; echo "Property tests draw by SEED=$$seed"; \
	$(RUN) -m pytest -n auto --dist worksteal -m "long or hypothesis" --timeout 600 \
		--hypothesis-profile long --hypothesis-seed $$seed $(ARGS)

mutants: install $(VENV)/.testing ## Change the code in small ways for half an hour: tests fail (SEED=1 repeats a sample)
	@$(RUN) -m tests.mutants $(if $(SEED),--seed $(SEED)) $(ARGS)

lint: install $(VENV)/.testing ## Check style, types and layers only
	@failed=; $(CHECKS) $(VERDICT)

format: $(VENV)/.testing ## Format the code
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

translations: $(VENV)/.installed ## Update the catalogues from the texts in code and templates
	@$(BABEL) extract -F crowd/translations/babel.cfg -k _l -k lazy_gettext -k lazy_ngettext:1,2 \
		-k lazy_pgettext:1c,2 --no-location --sort-output --project Crowd --copyright-holder Crowd \
		-o crowd/translations/messages.pot .
	@for locale in $$($(RUN) -c "from crowd.languages import ENGLISH, LANGUAGES as all; print(*(one for one in all if one != ENGLISH.locale))"); do \
		test -e crowd/translations/$$locale/LC_MESSAGES/messages.po && continue; \
		$(BABEL) init -i crowd/translations/messages.pot -d crowd/translations -l $$locale; done
	@$(BABEL) update -i crowd/translations/messages.pot -d crowd/translations \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 120
	@$(MAKE) --no-print-directory install

docs: $(VENV)/.installed ## Write docs/settings.md from the code
	@$(RUN) -m crowd settings > docs/settings.md

LOCK = uv pip compile setup.cfg --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
lock: ## Resolve the packages again (needs uv): UPGRADE=--upgrade takes newer ones
	@command -v uv >/dev/null || { echo "This needs uv, for example: pipx install uv" >&2; exit 1; }
	$(LOCK) $(UPGRADE) -o requirements.lock
	$(LOCK) $(UPGRADE) --extra test -c requirements.lock -o requirements-test.lock

clean: ## Remove generated files, but never the data folder (var)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
	@rm -f crowd/translations/*.pot crowd/translations/*/LC_MESSAGES/*.mo
