# Every job of the project. `make run` and `make test` need nothing but Python and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := uv==0.13.9
WORKERS ?= auto

.PHONY: run test coverage check setup format lint types imports spelling site package bench bench-large soak test-pythons test-oldest \
        snapshots docs requirements clean web

run: $(READY)            ## the demo: a healthy and a faulty run of a real pipeline, and where the fault came from
	-@$(BIN)/python hatch_build.py
	$(BIN)/argus demo

test: $(READY) web       ## the whole test suite
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

coverage: $(READY) web   ## the same with branch coverage, which takes half as long again
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=
	$(BIN)/python -m coverage report --sort=cover | tail -n 25

check: lint types imports spelling site package   ## everything that is not a test

setup: $(READY)

$(READY): requirements/dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV)
	$(BIN)/uv pip sync --quiet --python $(VENV) requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(VENV) --no-deps --no-build-isolation -e .
	touch $@

format: $(READY)         ## rewrites the code in the one style
	$(BIN)/ruff check --fix --quiet src tests bench examples docs
	$(BIN)/ruff format --quiet src tests bench examples docs

lint: $(READY)
	$(BIN)/ruff check src tests bench examples docs
	$(BIN)/ruff format --check --quiet src tests bench examples docs

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

spelling: $(READY)
	$(BIN)/codespell src docs examples *.md

site: $(READY)           ## the documentation as pages, in build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

web: $(READY)            ## the web interface, built into src/argus/server/static
	$(BIN)/python hatch_build.py

package: $(READY)        ## sdist, a wheel from it, and that wheel in an empty environment
	$(BIN)/python tests/packaging/try_wheel.py

bench: $(READY)          ## the small benchmarks; each figure stands beside its yardstick
	$(BIN)/python bench/capture.py
	$(BIN)/python bench/overhead.py --rounds 8 --budget 2.5
	$(BIN)/python bench/back_to_back.py --turns 4 --seconds 1
	$(BIN)/python bench/linear.py
	$(BIN)/python bench/detection.py
	$(BIN)/python bench/storage.py --traces 1000 --size 1000
	$(BIN)/python bench/semantic_calibration.py
	$(BIN)/python bench/faults/run.py --small

bench-large: $(READY)    ## the whole fault matrix, blame, overhead and storage at their full size
	$(BIN)/python bench/overhead.py
	$(BIN)/python bench/overhead.py --curve
	$(BIN)/python bench/back_to_back.py
	$(BIN)/python bench/storage.py
	$(BIN)/python bench/faults/run.py
	$(BIN)/python bench/forensics.py
	$(BIN)/python bench/replay.py
	$(BIN)/python bench/ui_server.py --traces 100000
	$(BIN)/python bench/ui.py

soak: $(READY)           ## 100,000 runs through one attached app: memory, threads, files and backlog stay flat; 8 processes at once
	$(BIN)/python bench/soak.py
	$(BIN)/python bench/soak.py --processes 8 --each 200

kills: $(READY)          ## 120 processes killed at random points: no step that was acknowledged may be lost
	ARGUS_TEST_KILLS=120 $(BIN)/python -m pytest -q -n $(WORKERS) tests/integration/test_journal_crash.py -k acknowledged

test-pythons: $(READY)   ## unit tests and a watched graph on the lowest and the highest Python
	$(BIN)/python tests/packaging/other_pythons.py 3.10 3.13

test-oldest: $(READY)    ## the watched graphs on the oldest supported LangGraph
	$(BIN)/python tests/packaging/other_pythons.py --oldest-langgraph

snapshots: $(READY)      ## accepts the present terminal output as the expected one; review the diff
	$(BIN)/python -m pytest tests/cli --update-snapshots -q

docs: $(READY)           ## writes the generated reference pages anew
	$(BIN)/python docs/generate.py

requirements:            ## pins every dependency by hash
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate \
	  --custom-compile-command "make requirements" --extra langgraph --group dev pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV) .venvs dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* htmlcov
