# gatecrash: build, run, test, measure. `make run` and `make test` work on a fresh Debian machine with the Swift toolchain.

PREFIX ?= /usr/local
SWIFT ?= swift
BINARY = .build/release/gatecrash
RUN_ARGUMENTS ?= churn

.PHONY: run build release test bench format lint install toolchain packages clean

run: release
	@$(BINARY) run $(RUN_ARGUMENTS); status=$$?; echo "exit status $$status"; exit $$status

build: toolchain packages
	$(SWIFT) build

release: toolchain packages
	$(SWIFT) build -c release --product gatecrash

test: toolchain packages
	@tools/install-packages test
	@tools/install-python >/dev/null
	@Tests/Autobahn/install.sh || echo "autobahn: cannot be installed here, its test will be skipped"
	cd Tests/EndToEndTests/Peers && python3 -B -m unittest -q
	$(SWIFT) build --build-tests
	GATECRASH_PYTHON=$(CURDIR)/.build/tools/python/bin/python3 $(SWIFT) test --skip-build

bench: release
	@tools/install-packages bench
	Benchmarks/bench

format: toolchain
	$(SWIFT) format --in-place --recursive --configuration .swift-format Package.swift Sources Tests

lint: toolchain
	$(SWIFT) format lint --strict --recursive --configuration .swift-format Package.swift Sources Tests

install: release
	install -D -m 0755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/gatecrash
	install -d $(DESTDIR)$(PREFIX)/share/gatecrash/Profiles
	install -m 0644 Profiles/*.yaml $(DESTDIR)$(PREFIX)/share/gatecrash/Profiles

toolchain:
	@command -v $(SWIFT) >/dev/null 2>&1 || { \
	  echo "gatecrash needs the Swift toolchain, 6.2 or newer, and 'swift' is not on the PATH."; \
	  echo "Get it from https://www.swift.org/install/linux/ (swiftly installs it for one user), then run make again."; \
	  exit 1; }

packages:
	@tools/install-packages build

clean:
	rm -rf .build Benchmarks/build
