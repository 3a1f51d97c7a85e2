# Two commands: `make run` and `make test`. Everything they need beyond Rust and Python they install themselves.
SHELL := /bin/bash
export CARGO_TARGET_DIR ?= $(HOME)/.cache/quarterdeck/target
# How the command's allocator gives memory back (docs/decisions/016): it is built in.
export JEMALLOC_SYS_WITH_MALLOC_CONF := narenas:2
TOOLS := $(HOME)/.cache/quarterdeck/tools
QUARTERDECK := $(CARGO_TARGET_DIR)/debug/quarterdeck
OPTIMISED := $(CARGO_TARGET_DIR)/optimised
OUT ?= out
ARCH ?= host
FUZZ ?= 1000000

.PHONY: help run test build harbor fmt lint deny unit tools figures-test wire-test infra-test cloud-test package bench bench-analyzer fuzz faults clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: build harbor ## build, run two nights of the example portfolio, say where to look
	$(QUARTERDECK) run examples/harbor --date 2026-11-19 --out $(OUT)
	$(QUARTERDECK) run examples/harbor --date 2026-11-20 --out $(OUT)
	@echo
	@echo "Open $(OUT)/2026-11-20/ceo.html in a browser, or $(OUT)/2026-11-20/ceo.pdf."
	@echo "Ask a question: $(QUARTERDECK) query examples/harbor \"select channel, count(*) from bookings group by channel\" --out $(OUT)"

test: fmt lint build unit deny tools infra-test cloud-test figures-test wire-test ## everything that CI runs

# Half of it waits for a compiler and half for installers and servers, so two at a time: what we build and test, in this order, and
# beside it all else, which says what it has to say in one piece.
ifeq ($(MAKECMDGOALS),test)
MAKEFLAGS += --jobs=2
# Cargo is to use both cores, whatever make does with them.
unexport MAKEFLAGS MFLAGS
lint harbor tools: fmt
$(TOOLS)/bin/cargo-deny: | fmt
build: lint
unit: build
infra-test cloud-test wire-test: tools
BESIDE := .ci/in_one_piece
endif

build:
	cargo build --workspace --bins $(if $(filter test unit,$(MAKECMDGOALS)),--tests) --locked

harbor: ## write the tables of the example portfolio
	@python3 examples/harbor/generate

fmt:
	cargo fmt --all --check

lint:
	RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/.ci/clippy cargo build --workspace --all-targets --locked
	@! grep -rnE '\|[[:space:]]*safe' --include='*.j2' catalog examples || { echo 'templates must not use | safe'; exit 1; }

$(TOOLS)/bin/cargo-deny:
	CARGO_TARGET_DIR=$(TOOLS)/build $(BESIDE) cargo install cargo-deny --version 0.20.2 --locked --debug --root $(TOOLS)
	rm -rf $(TOOLS)/build

deny: $(TOOLS)/bin/cargo-deny ## licences, sources and banned crates
	$(BESIDE) $(TOOLS)/bin/cargo-deny --all-features check bans licenses sources

unit: build harbor
	cargo test --workspace --tests --locked
	cargo test --workspace --doc --locked

tools: ## what tests/ needs of Python's: local AWSs, linters of templates
	$(BESIDE) bash -ec '. tests/cloud/venv.sh; . tests/wire/venv.sh'

figures-test: build harbor ## KPIs of harbor and of the hotel data, month by month, against plain code
	QUARTERDECK=$(QUARTERDECK) $(BESIDE) tests/by_hand/run.sh

wire-test: build ## the cloud adapters against a local AWS, over the wire
	$(BESIDE) tests/wire/run.sh

infra-test: ## the deployment's template: linters, and tables of what it may and must
	$(BESIDE) tests/infra/run.sh

cloud-test: build harbor ## a whole night in the cloud's own shape, on a local AWS that runs the real bootstraps
	$(BESIDE) tests/cloud/run.sh

fuzz: ## a million inputs for each property of the two parsers that read what people and tables hold; FUZZ=<n> for another number
	PROPTEST_CASES=$(FUZZ) nice -n 19 cargo test --workspace --lib --locked -- fuzz

faults: ## sending to 40 with each call failing in each way, and 20,000 random schedules of a delivery, all of them
	QUARTERDECK_EVERY=1 QUARTERDECK_SCHEDULES=20000 nice -n 19 cargo test --workspace --test mail --locked -- --nocapture whichever_call_fails_while random_schedules

package: ## bootstraps for infra/template.yaml, their zips' sizes and starts; ARCH=x86_64 or arm64 builds against Lambda's C library
	. tests/cloud/venv.sh && infra/package.py --arch $(ARCH)

# All for speed, but for the linking as one: the development build leaves our own code unoptimised. An hour the first time.
bench: build harbor ## time and memory of a harbor night, of each service's start, of a table of a million items beside boto3; deliveries a second; bench-analyzer
	cargo build --workspace --bins --examples --profile optimised --locked
	python3 benches/night.py $(OPTIMISED)
	. tests/cloud/venv.sh && python benches/scan.py $(OPTIMISED)
	cargo test --workspace --bench deliveries --profile optimised --locked
	$(MAKE) bench-analyzer SCOPE=--workspace

# By package: the analyzer's dependencies alone, half the time of the workspace's.
bench-analyzer: build harbor ## the analyzer, optimised: 100 and 1,000 entities, and a million bookings beside DuckDB; its first build takes half an hour
	cargo build $(or $(SCOPE),--package analyzer) --example evaluate --profile optimised --locked
	. benches/analyzer/venv.sh && python benches/analyzer/entities.py $(OPTIMISED)/examples/evaluate $(QUARTERDECK)
	. benches/analyzer/venv.sh && python benches/analyzer/bookings.py $(OPTIMISED)/examples/evaluate

clean: ## remove what runs wrote here; keeps the build cache
	rm -rf out examples/harbor/tables examples/harbor/inventory examples/harbor/nights/*/tables examples/harbor/nights/*/inventory
