# Every command of the project. `make` alone prints this list.
# CONFIG=file lays another config over config.yaml; CORES=N sets the cores; FORMAT=json where it fits.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PYTHON3 ?= python3
CORES ?= $(shell nproc 2>/dev/null || echo 2)
OVERLAY := $(if $(CONFIG),--configfile $(CONFIG))
JSON := $(if $(filter json,$(FORMAT)),--json)
COMPONENTS := $(BIN)/components

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- environment -------------------------------------------------------------------------------

# The commands in .venv/bin hold the folder that they were made in: a moved checkout needs new ones.
ifneq ($(wildcard $(BIN)/pip),)
ifeq ($(shell head -n 3 $(BIN)/pip | grep -F '$(CURDIR)/$(BIN)/python'),)
$(info this checkout was moved: making $(VENV) anew)
$(shell rm -rf $(VENV))
endif
endif

# A stamp per list of requirements, so that only a changed list installs anything.
$(VENV)/.runtime: envs/runtime.txt pyproject.toml
	@envs/setup.sh $(VENV) $(PYTHON3)
	@touch $@

$(VENV)/.dev: envs/dev.txt $(VENV)/.runtime
	@echo 'installing the locked tools for tests and checks into $(VENV)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/dev.txt
	@touch $@

$(VENV)/.export: envs/export.txt $(VENV)/.runtime
	@echo 'installing what exports need into $(VENV)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/export.txt
	@touch $@

.PHONY: setup dev lock
setup: $(VENV)/.runtime ## the environment alone, in .venv
dev: $(VENV)/.dev
lock: $(VENV)/.dev ## newest versions of every requirement, with hashes, into envs/
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11 envs/runtime.in -o envs/runtime.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11 envs/export.in -c envs/runtime.txt -o envs/export.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11 envs/dev.in -c envs/runtime.txt -c envs/export.txt -o envs/dev.txt

# ---- the pipeline ------------------------------------------------------------------------------

.PHONY: export run apply plan graph validate serve daily status rollback prune smoke verify pack
run: setup ## set everything up, run the whole pipeline, publish a snapshot
	@$(COMPONENTS) apply $(OVERLAY) --cores $(CORES)
apply: setup ## run the stages of workflow.mode
	@$(COMPONENTS) apply $(OVERLAY) --cores $(CORES)
plan: setup ## dry run: what would run, and why
	@$(COMPONENTS) plan $(OVERLAY) $(JSON)
graph: setup ## the graph of rules, as results/graph.svg
	@$(COMPONENTS) graph $(OVERLAY)
validate: setup ## check config, paths and credentials; changes nothing
	@$(COMPONENTS) validate $(OVERLAY)
serve: setup ## serve snapshots/current
	@exec $(COMPONENTS) serve $(OVERLAY)
daily: setup ## refresh the catalogue, fetch and rebuild what changed
	@$(COMPONENTS) daily $(OVERLAY) --cores $(CORES)
status: setup ## states, manifest, snapshots, server health (FORMAT=json)
	@$(COMPONENTS) status $(OVERLAY) $(JSON)
rollback: setup ## `current` back to `previous`
	@$(COMPONENTS) rollback $(OVERLAY)
prune: setup ## remove what no kept snapshot needs (asks first; YES=1 does not)
	@$(COMPONENTS) prune $(OVERLAY) $(if $(YES),--yes)
smoke: setup ## end-to-end smoke test in a temporary folder
	@$(COMPONENTS) smoke $(OVERLAY)
verify: setup ## re-hash every object and snapshot file
	@$(COMPONENTS) verify $(OVERLAY) $(JSON)
export: $(VENV)/.export ## every export of the config (exports.*), below exports/<snapshot>/
	@$(COMPONENTS) export $(OVERLAY) --cores $(CORES)
pack: setup ## train dictionaries on what was fetched, and gather what is seldom read into packs
	@$(COMPONENTS) pack $(OVERLAY)

# ---- checks ------------------------------------------------------------------------------------

.PHONY: test test-long test-debian lint fmt reproduce bench bench-compression soak month clean
test: dev ## set everything up and run every test
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)
.PHONY: kicad
kicad: ## KiCad 9's command line below build/, for the tests: nothing is installed
	@envs/kicad.sh build/kicad9
test-long: dev ## the checks that take too long for every day: about an hour
	@$(BIN)/python -m pytest --long -m long $(ARGS)
test-debian: ## a user's second day on fresh Debian 12 and 13, by debootstrap: needs root, 10 GB, an hour
	@workflow/tests/debian.sh $(ARGS)
.PHONY: test-clients
test-clients: dev ## real clients against the server, without a network (CLIENTS=atopile picks): needs root
	@workflow/tests/clients.sh $(CLIENTS)
lint: dev ## formatting, types, the workflow's lint
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m ziglang fmt --check zig
	@$(BIN)/snakemake --lint --quiet
fmt: dev ## format every source file
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/python -m ziglang fmt zig
reproduce: setup ## build twice under other conditions and compare every byte
	@$(COMPONENTS) reproduce $(OVERLAY)
.PHONY: pictures
pictures: dev ## pictures of the page: three into docs/pictures, all views below it, which git ignores
	@$(BIN)/python -m pytest workflow/tests/test_page_pictures.py -n 0 --pictures docs/pictures
bench: dev ## the benchmarks, as tables (ARGS="lookup http" picks some)
	@$(COMPONENTS) bench $(ARGS)
bench-compression: dev ## codecs and levels by artifact type
	@$(COMPONENTS) bench compression $(ARGS)
soak: dev ## five minutes of full load, publishes and killed workers (ARGS="--duration 60" shortens it)
	@$(BIN)/python -m components.testing.soak $(ARGS)
month: dev ## thirty nights of 20,000 parts that change, with a misbehaving upstream: hours (ARGS="--nights 7" shortens it)
	@$(BIN)/python -m components.testing.month $(ARGS)
clean: ## products and caches away, snapshots too (asks first; YES=1 does not); the environment stays
	@$(if $(wildcard $(COMPONENTS)),$(COMPONENTS) clean $(OVERLAY) $(if $(YES),--yes),true)
	@rm -rf build logs benchmarks .snakemake zig/.zig-cache zig/zig-out .pytest_cache .mypy_cache .ruff_cache .hypothesis
