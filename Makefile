# `make app` and `make test` set everything up on their first run. Only relative paths: a space in the
# checkout's own path does no harm.

PYTHON := $(shell command -v python3.11 || command -v python3)
RUN := .venv/bin/python
ARCH := $(shell uname -s)-$(shell uname -m)
REQUIREMENTS := $(if $(filter Darwin-arm64,$(ARCH)),requirements-mac.txt,requirements-cloud.txt)

.PHONY: app test lint web web-serve

app: .venv/app.done
	$(RUN) -m streamlit run app/Home.py

test: .venv/dev.done
	$(RUN) -m pytest

lint: .venv/dev.done
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

# The in-browser page; needs Node.js 20.19 or newer, and nothing else of this file.
web: web/node_modules/.package-lock.json
	cd web && npm test && npm run build

web-serve: web
	cd web && npm run preview

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-fund --no-audit
	@touch $@

.venv/app.done: $(REQUIREMENTS) pyproject.toml
	@"$(PYTHON)" -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit("Python 3.11 is needed; found %d.%d. Install it, or name it: make PYTHON=/path/to/python3.11" % v)'
	"$(PYTHON)" -m venv .venv
	$(RUN) -m pip install --quiet --disable-pip-version-check -r $(REQUIREMENTS)
	@touch $@

.venv/dev.done: .venv/app.done
	$(RUN) -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps tensorflowjs==4.22.0
	@touch $@
