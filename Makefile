# Fledgling: `make serve` to use it, `make test` to trust it. Every target installs what it is missing (.ci/install).

PORT := 8080
# Tests in which time counts have the machine to themselves.
ALONE := $(patsubst %,tests/browser/%.test.mjs,engines hidden killed plot speed torn)
# Seconds for each reader that make fuzz tries, and what libFuzzer is told.
TIME := 600
READERS := $(notdir $(wildcard tests/fuzz/seeds/*))
# What make gpu-stats is narrowed to: part of a kernel's name, and other overrides.
ONLY :=
FUZZ := -timeout=10 -rss_limit_mb=512 -max_len=16384 -print_final_stats=1

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/node_modules/.bin:$(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)
export TRUNK_SKIP_VERSION_CHECK := true
# trunk refuses NO_COLOR=1: it wants a boolean.
TRUNK := env -u NO_COLOR trunk
CARGO_WASM := --lib --bin worker --target wasm32-unknown-unknown

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

.PHONY: serve
serve: ## build the page and serve it on http://127.0.0.1:8080 (make serve PORT=8081: elsewhere)
	@if (exec 3<>/dev/tcp/127.0.0.1/$(PORT)) 2>/dev/null; then \
		echo "Port $(PORT) is taken; try: make serve PORT=8081" >&2; exit 1; fi
	@.ci/install page
	@echo "Fledgling will be at http://127.0.0.1:$(PORT)/ once it is built; Ctrl-C ends it."
	@OFFLINE=no $(TRUNK) serve --port $(PORT)

.PHONY: build
build: ## build the page into dist/, a folder for any static host, under any path
	@.ci/install page
	$(TRUNK) build

.PHONY: test
test: ## everything that must pass, and how long each part took
	@for part in page gpu browser; do .ci/install $$part; done
	@all=$$SECONDS; took=; for step in fmt typecheck test-page clippy test-native test-browser; do \
		begun=$$SECONDS; $(MAKE) --no-print-directory $$step; took+=$$(printf '%6d s  make %s' $$((SECONDS - begun)) $$step)$$'\n'; done; \
		printf '%s%6d s  in all\n' "$$took" $$((SECONDS - all))

.PHONY: fmt
fmt: ## formatting is rustfmt's (cargo fmt mends it)
	@.ci/install rust
	cargo fmt --check
	cargo fmt --check --manifest-path tests/fuzz/Cargo.toml
	cargo fmt --check --manifest-path tests/gpu-stats/Cargo.toml

.PHONY: typecheck
typecheck: ## the modules of the page and of its tests against their types
	@.ci/install page
	tsc --project web
	tsc --project tests/page
	tsc --project tests/browser
	tsc --project web/offline

.PHONY: test-page
test-page: ## the page's logic and its rooms, without a browser
	@.ci/install page
	node --test --test-reporter=spec tests/page/*.test.mjs

.PHONY: clippy
clippy: ## no warning, natively and for wasm32
	@.ci/install rust
	cargo clippy --locked --lib --bin headless --tests -- -D warnings
	cargo clippy --locked $(CARGO_WASM) -- -D warnings

.PHONY: test-native
test-native: ## kernels, gradients, golden cases and training on this machine's adapter
	@.ci/install rust
	@.ci/install gpu
	cargo test --locked --release --lib --test native
	cargo test --locked --release --doc

.PHONY: test-browser
test-browser: build ## the real page in Chromium, Firefox and WebKit
	@.ci/install browser
	node --test --test-reporter=spec --test-concurrency=2 $(filter-out $(ALONE),$(wildcard tests/browser/*.test.mjs))
	node --test --test-reporter=spec --test-concurrency=1 $(ALONE)

.PHONY: interop
interop: ## our files in transformers and llama.cpp, and theirs here (apart from make test: it installs PyTorch)
	@.ci/install rust
	@.ci/install gpu
	@.ci/install interop
	cargo build --locked --release --bin headless
	.tools/interop/bin/python tests/interop/check.py

.PHONY: fuzz
fuzz: ## random bytes to every reader of files, ten minutes each (make fuzz TIME=60 READERS=zip: otherwise)
	@.ci/install rust
	@.ci/install fuzz
	@for reader in $(READERS); do \
		echo "fuzzing $$reader for $(TIME) s"; mkdir -p target/fuzz/corpus/$$reader; \
		cargo fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz --sanitizer none $$reader \
			target/fuzz/corpus/$$reader tests/fuzz/seeds/$$reader -- -max_total_time=$(TIME) $(FUZZ); done

.PHONY: gpu-stats
gpu-stats: ## registers, spills and waves of the kernels in use on three AMD GPUs, without one (make gpu-stats ONLY="matmul TILE=64": otherwise)
	@.ci/install rust
	@.ci/install radv
	@mkdir -p target
	cargo run --locked --release --bin headless -- shaders >target/shaders.json
	cargo run --locked --release --target-dir target/gpu-stats --manifest-path tests/gpu-stats/Cargo.toml -- \
		target/shaders.json $(ONLY)

.PHONY: bench
bench: ## the speed tables of GPU and CPU, natively
	@.ci/install rust
	@.ci/install gpu
	cargo run --locked --release --bin headless -- bench

.PHONY: bench-browser
bench-browser: build ## the speed tables of GPU and CPU, in Chromium
	@.ci/install browser
	node tests/browser/benchmark.mjs

.PHONY: bench-peers
bench-peers: build ## the same training in jax-js, TensorFlow.js and, where it is, PyTorch, beside ours, in Chromium
	@.ci/install browser
	@.ci/install peers
	tsc --project tests/peers
	cargo build --locked --release --bin headless
	node tests/peers/benchmark.mjs

.PHONY: clean
clean: ## remove what was built and installed in this folder
	rm -rf target dist node_modules .tools tests/peers/node_modules tests/browser/screenshots tests/fuzz/artifacts
