# `make run` opens the program, `make test` checks it, `make help` lists all targets.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.setup-done
SAMPLE := $(firstword $(wildcard assets/sample/*_ct.nii.gz))
OUT ?= out

# Real scans in a folder next to the checkout, if there is one; without it, tests that need them are skipped with a message.
ifneq ($(wildcard ../shared/data),)
export SPINEVIEWER_DATA ?= $(abspath ../shared/data)
endif

.DEFAULT_GOAL := help
.PHONY: help setup run test test-slow check lint types layers bench bench-views pictures task-list texts fuzz train-attention train-segmentation models \
	wheel installer deb clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 22

setup: $(READY) ## install everything into .venv, if not done yet
$(READY): pyproject.toml constraints.txt packaging/setup.sh
	@PYTHON="$(PYTHON)" sh packaging/setup.sh

run: setup ## open the program on the sample scan and segment it; without a display, write the mask, the attention map and a screenshot to out/
	@sh packaging/run.sh "$(SAMPLE)" "$(OUT)"

test: lint types layers ## run lint, types, layers, licences and all quick tests
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile --durations=10

test-slow: lint types layers ## run the same with the slow tests and coverage
	@$(BIN)/python -m pytest --cov --cov-report=json:.coverage.json --durations=20
	@$(BIN)/python packaging/coverage_floors.py .coverage.json

check: lint types layers

lint: setup
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet . && echo "ruff: clean"
	@$(BIN)/typos && echo "typos: clean"

types: setup
	@$(BIN)/mypy

layers: setup
	@$(BIN)/lint-imports

bench: setup ## compare speed and memory use with those of the usual methods and of nnU-Net (in its own environment); write the results to tests/benchmarks/
	@PYTHON="$(PYTHON)" sh packaging/peers.sh
	@SPINEVIEWER_PEERS="$(CURDIR)/.venv-peers/bin/python" $(BIN)/spineviewer bench --out tests/benchmarks $(ARGS)

bench-views: setup ## measure the time from an input event until the views have been repainted
	@$(BIN)/spineviewer bench views $(ARGS)

pictures: setup ## save screenshots of every state of the window in out/pictures
	@$(BIN)/python assets/pictures.py $(ARGS)

task-list: setup ## perform a complete task with mouse and keyboard under Xvfb (xdotool); save a screenshot of each step in out/task-list/
	@SPINEVIEWER_PICTURES="$(abspath $(OUT))/task-list" $(BIN)/python -m pytest -q -s tests/gui/window/test_task_list_by_hand.py $(ARGS)

texts: setup ## collect the window's strings, list missing translations, and compile them (ARGS=fr adds French)
	@$(BIN)/python packaging/texts.py $(ARGS)

fuzz: setup ## feed damaged files to all readers for MINUTES (default: 20) and add to the table in tests/fuzz/
	@$(BIN)/python tests/fuzz/campaign.py --minutes $${MINUTES:-20}
	@if $(BIN)/python -c "import atheris" 2>/dev/null; then $(BIN)/python tests/fuzz/guided.py --seconds $${GUIDED_SECONDS:-30}; \
	else echo "atheris is not installed (pip install atheris, Linux): skipping coverage-guided fuzzing"; fi

train-attention: setup ## train the attention network (ARGS="--data FOLDER --out FOLDER ...")
	@$(BIN)/spineviewer train attention $(ARGS)

train-segmentation: setup ## train the segmentation network
	@$(BIN)/spineviewer train segmentation $(ARGS)

wheel: setup ## build a wheel with models and assets in dist/
	@$(BIN)/python -m build --wheel --outdir dist

installer: setup ## build a self-contained folder in dist/ that needs no Python (ARGS=--with-torch: larger, also computes on GPUs)
	@$(BIN)/python packaging/installer.py $(ARGS)

deb: setup ## build a Debian package and a .tar.xz of that folder in dist/
	@PYTHON=$(BIN)/python sh packaging/linux.sh $(ARGS)

clean: ## remove build results; keep .venv, out/ and runs/
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage
