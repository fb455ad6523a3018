# The two commands are `make run` and `make test`; the rest is for those who work on the code.
PYTHON ?= python3
PORT ?= 8000
DEMO ?=
WORKERS ?= 4
BIN := .venv/bin
SOURCES := setup.cfg pyproject.toml
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test test-slow databases chaos audit mutants coverage lint agreement benchmarks docs pictures clean

run: .venv/run.stamp
	@$(BIN)/prom up --port $(PORT) $(if $(DEMO),$(if $(filter 0,$(DEMO)),--empty,--demo))

test: .venv/test.stamp
	@.ci/needs
	@.ci/check -n $(WORKERS)

test-slow: .venv/test.stamp
	@.ci/needs
	@.ci/suite -m slow

databases: .venv/test.stamp
	@.ci/suite -n $(WORKERS) --every-database -m "any_database and not slow"

chaos: .venv/test.stamp
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -q -s -m "slow or not slow" tests/chaos 2>/dev/null

audit: .venv/test.stamp
	@.ci/audit

mutants: .venv/test.stamp
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 nice -n 10 $(BIN)/python .ci/mutation/run.py

coverage: .venv/test.stamp
	@.ci/needs
	@.ci/coverage -n $(WORKERS)

lint: .venv/test.stamp
	@.ci/lint

agreement: .venv/test.stamp
	@rm -rf build/agreement
	@$(BIN)/pytest -q tests/golden
	@$(BIN)/python -m tests.golden.table

benchmarks: .venv/test.stamp
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

pictures: .venv/test.stamp
	@PICTURES=docs/pictures $(BIN)/pytest -q tests/surveyapp/browser/test_readme_pictures.py \
		tests/surveyapp/browser/test_first_campaign.py

docs: .venv/test.stamp
	@$(BIN)/mkdocs build --quiet
	@echo "The pages are in build/site: open build/site/index.html."

.venv/run.stamp: $(SOURCES) | .venv/bin/python
	@echo "Installing (a minute or so the first time) ..."
	@$(BIN)/pip install --quiet --editable '.[app]'
	@touch $@

.venv/test.stamp: $(SOURCES) | .venv/bin/python
	@echo "Installing what the tests need (a minute or so the first time) ..."
	@$(BIN)/pip install --quiet --editable '.[app,distributed,parquet,test]'
	@$(BIN)/python -m surveyapp.assets >/dev/null
	@touch $@ .venv/run.stamp

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -m venv .venv

clean:
	rm -rf .venv build *.egg-info
