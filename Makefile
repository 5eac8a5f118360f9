# The commands that people type. Each installs what is missing first, and builds what it needs.
SHELL := /bin/bash
.DELETE_ON_ERROR:
PYTHON := /usr/bin/python3
SECONDS_EACH ?= 60
RETRY ?= 2
PARALLEL ?= 4
.PHONY: all demo test test-unprivileged test-platforms platforms release-gate image test-image mutants faults always lint format check-format fuzz bench bench-engine bench-detect bench-fleet bench-rollout clean

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

# PARALLEL: how many programs of unit tests run at once; one of the others counts as two.
# RETRY: how often a test may be tried. One that needed a second try is named in the output ("Test #n: ... Passed" twice).
test:
	@deploy/install-dependencies
	@$(MAKE) --no-print-directory build-asan
	@ctest --test-dir build/asan --parallel $(PARALLEL) --output-on-failure --label-exclude mutants --repeat until-pass:$(RETRY)

# The same programs as a user who may nothing, with the sockets that such a user has.
test-unprivileged:
	@deploy/install-dependencies
	@$(MAKE) --no-print-directory build-asan
	@tests/support/as_nobody build/asan

# Releases of the probe, for ARCHITECTURES (x86_64 arm64 armhf unless said): deploy/README.md.
platforms:
	@deploy/install-dependencies build platforms
	@deploy/platforms/build $(ARCHITECTURES)

# GATE=--without-security-updates: what had to be built without them passes, for tests.
release-gate: platforms
	@deploy/release-gate $(GATE) $(or $(addprefix build/platforms/sw-,$(ARCHITECTURES)),build/platforms/sw-* $(wildcard build/platforms/image-*))

# The same, run (under emulation where they have to be), held before the gate, and built again elsewhere without a cache to
# see that the octets are the same: as long as three release builds of the probe.
test-platforms: platforms
	@deploy/install-dependencies
	@$(MAKE) --no-print-directory build-asan
	@TRIGPOINT_PROGRAMS=$(CURDIR)/build/asan/bin PYTHONDONTWRITEBYTECODE=1 $(if $(ARCHITECTURES),ARCHITECTURES="$(ARCHITECTURES)") \
	    $(PYTHON) -m pytest -q -p no:cacheprovider --ignore tests/platforms/test_image.py --ignore tests/platforms/test_image_gate.py tests/platforms

# A bootable image with two slots, in qemu: updated, failed, changed, reset, cut off at any write.
image:
	@$(MAKE) --no-print-directory platforms ARCHITECTURES=x86_64
	@deploy/platforms/image

test-image: image
	@deploy/install-dependencies test
	@cmake --build build/platforms/work/x86_64 --target image-program
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -q -s -p no:cacheprovider tests/platforms/test_image_gate.py tests/platforms/test_image.py

# Every check of the update client, and of what makes its repositories, taken out, one by one: do the tests notice?
mutants:
	@deploy/install-dependencies
	@$(MAKE) --no-print-directory build-asan
	@ctest --test-dir build/asan --output-on-failure --label-regex mutants

# Each call of an update and of a change of keys fails, into the file system (where the power is cut as well) and into the
# network; `make test` takes some of them. Through the real tunnel it is a hundred in place of twelve.
faults:
	@deploy/install-dependencies
	@$(MAKE) --no-print-directory build-asan
	@TRIGPOINT_FAULTS_EVERY=1 TRIGPOINT_PROGRAMS=$(CURDIR)/build/asan/bin PYTHONDONTWRITEBYTECODE=1 \
	    $(PYTHON) -m pytest -q -s -p no:cacheprovider $(addprefix tests/integration/test_,$(addsuffix _faults.py,update tuf key session))

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

# SEEDS: how many simulated fleets a case has.
bench-rollout:
	@deploy/install-dependencies build
	@$(MAKE) --no-print-directory build-release
	@build/release/bin/trigpoint-bench-rollout --seeds $(or $(SEEDS),24)

# PROBES: how many are simulated; 300 are quick, 10,000 want the machine for themselves.
bench-fleet:
	@deploy/install-dependencies build run
	@$(MAKE) --no-print-directory build-release
	@PROBES=$(or $(PROBES),10000) TRIGPOINT_PROGRAMS=$(CURDIR)/build/release/bin $(PYTHON) -m tests.bench.fleet

clean:
	@rm -rf build
