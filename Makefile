# The commands that people type. Each installs what is missing first, and builds what it needs.
SHELL := /bin/bash
.DELETE_ON_ERROR:
PYTHON := /usr/bin/python3
SECONDS_EACH ?= 60
RETRY ?= 2
.PHONY: all demo test test-unprivileged mutants always lint format check-format fuzz bench bench-engine bench-detect bench-fleet clean

all: build-release

# Not in .PHONY, where make would not look for a rule with a pattern; `always` has the same effect.
build-%: always
	@deploy/install-dependencies build
	@cmake --preset $* >build-$*.log 2>&1 || { cat build-$*.log; exit 1; }; rm -f build-$*.log
	@cmake --build --preset $*

demo:
	@deploy/install-dependencies build run
	@$(MAKE) --no-print-directory build-release
	@TRIGPOINT_PROGRAMS=$(CURDIR)/build/release/bin $(PYTHON) -m tests.lab.demo

# RETRY: how often a test may be tried. One that needed a second try is named in the output ("Test #n: ... Passed" twice).
test:
	@deploy/install-dependencies
	@$(MAKE) --no-print-directory build-asan
	@ctest --test-dir build/asan --output-on-failure --label-exclude mutants --repeat until-pass:$(RETRY)

# The same programs as a user who may nothing, with the sockets that such a user has.
test-unprivileged:
	@deploy/install-dependencies
	@$(MAKE) --no-print-directory build-asan
	@tests/support/as_nobody build/asan

# Every check of the update client, and of what makes its repositories, taken out, one by one: do the tests notice?
mutants:
	@deploy/install-dependencies
	@$(MAKE) --no-print-directory build-asan
	@ctest --test-dir build/asan --output-on-failure --label-regex mutants

lint:
	@deploy/install-dependencies
	@tests/support/lint

format:
	@git ls-files '*.cpp' '*.hpp' | xargs -r clang-format -i

check-format:
	@git ls-files '*.cpp' '*.hpp' | xargs -r clang-format --dry-run -Werror

fuzz:
	@deploy/install-dependencies
	@$(MAKE) --no-print-directory build-fuzz
	@tests/fuzz/run $(SECONDS_EACH)

bench:
	@deploy/install-dependencies
	@$(MAKE) --no-print-directory build-release
	@TRIGPOINT_PROGRAMS=$(CURDIR)/build/release/bin $(PYTHON) -m tests.bench.run

# REPEATS: how often each case is run; the table shows medians. On a quiet machine, please.
bench-engine:
	@deploy/install-dependencies build run test bench
	@$(MAKE) --no-print-directory build-release
	@TRIGPOINT_PROGRAMS=$(CURDIR)/build/release/bin $(PYTHON) -m tests.bench.engine

# SEEDS: one simulated fleet for each; without them those whose figures stand in registry/detect/README.md.
bench-detect:
	@deploy/install-dependencies build
	@$(MAKE) --no-print-directory build-release
	@build/release/bin/trigpoint-bench-detect $(if $(SEEDS),--seeds $(SEEDS))

# PROBES: how many are simulated; 300 are quick, 10,000 want the machine for themselves.
bench-fleet:
	@deploy/install-dependencies build run
	@$(MAKE) --no-print-directory build-release
	@PROBES=$(or $(PROBES),10000) TRIGPOINT_PROGRAMS=$(CURDIR)/build/release/bin $(PYTHON) -m tests.bench.fleet

clean:
	@rm -rf build
