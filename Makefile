# `make app` and `make test` set everything up on their first run. Only relative paths: a space in the
# checkout's own path does no harm.

PYTHON := $(shell command -v python3.11 || command -v python3)
RUN := .venv/bin/python
ARCH := $(shell uname -s)-$(shell uname -m)
REQUIREMENTS := $(if $(filter Darwin-arm64,$(ARCH)),requirements-mac.txt,requirements-cloud.txt)

.PHONY: app test check lint types coverage fuzz audit notebook screenshots web web-serve

app: .venv/app.done
	$(RUN) -m streamlit run app/Home.py

# Three at a time need about 6 GB; `make test WORKERS=6` where there is more. Browsers and servers are waited for, so
# two cores are kept busy by three. The tests of a file stay together.
WORKERS := 3
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: .venv/dev.done
	$(RUN) -m pytest $(PARALLEL)

# What is worth asking before each commit: lint, types, floors, and the quick half of the tests.
QUICK := $(addprefix tests/,data explain models/sandbox plots preprocessing robustness test_files.py test_metrics.py \
	test_pins.py test_reading.py test_recognizer.py)

check: lint
	$(RUN) -m pytest $(PARALLEL) $(QUICK)

coverage: .venv/dev.done
	$(RUN) -m pytest $(PARALLEL) --cov --cov-report=term --cov-fail-under=93

lint: .venv/dev.done types
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	.venv/bin/lint-imports --no-logo

types: .venv/dev.done
	$(RUN) -m mypy

# Asks PyPI for known holes in what the app is installed with; it fails, rather than find none, where PyPI cannot
# be asked. In an environment of its own: what it needs must not meet ours.
audit: .venv/audit.done
	grep -v '^-e' requirements-cloud.txt | .venv/audit/bin/pip-audit --strict --no-deps --disable-pip -r /dev/stdin

# Bends pictures and arrays for as long as it takes, rather than for seconds as `make test` does.
fuzz: .venv/dev.done
	$(RUN) -m pytest tests/preprocessing/test_hostile_pictures.py --hypothesis-profile=fuzz

# Takes all pictures of docs/ anew from the running app; wants Chromium.
screenshots: .venv/dev.done
	$(RUN) docs/screenshots.py

# Runs notebooks/walkthrough.ipynb anew and keeps what it shows: about five minutes.
notebook: .venv/dev.done
	$(RUN) notebooks/run.py

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

.venv/audit.done: .venv/app.done
	"$(PYTHON)" -m venv .venv/audit
	.venv/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	@touch $@
