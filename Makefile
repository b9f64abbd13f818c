# Kuailian: short names for what is done often. `make help` lists them.
DIR ?= demo
LISTEN ?= 127.0.0.1:8080
SEED ?= 1

export PATH := $(CURDIR)/build-node/bin:$(PATH)

.PHONY: all help demo check lint fmt fuzz sim bench web clean

all: build/build.ninja web/dist/index.html ## Build build/kuailian with the web app inside
	@ninja -C build

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

demo: all ## Run the sample park: make demo [DIR=demo] [LISTEN=127.0.0.1:8080]
	@build/kuailian demo --dir $(DIR) --listen $(LISTEN)

check: .setup-check web/dist/index.html ## Every test; ends with "N passed, M failed"
	@python3 tools/check.py

lint: .setup-check ## Formatting, layers, and warnings as errors under gcc and clang
	@python3 tools/check.py lint

fmt: .setup-check ## Format the C sources
	@git ls-files 'src/*.[ch]' 'test/*.[ch]' 'bench/*.[ch]' | xargs clang-format -i

fuzz: .setup-check ## Fuzz every parser: make fuzz [SECONDS=600] [ONLY=json]
	@tools/fuzz $(or $(SECONDS),600) $(ONLY)

sim: build/build.ninja ## Simulate processes under random schedules: make sim SEED=1
	@ninja -C build sim >/dev/null && build/sim --seed $(SEED)

bench: all .setup-check ## Run every benchmark and print docs/performance.md's figures
	@bench/run

web: .setup-build ## Build the web app into web/dist
	@cd web && npm ci --ignore-scripts --loglevel error && npm run --silent build -- --logLevel warn

web/dist/index.html: .setup-build $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
	@$(MAKE) --no-print-directory web

build/build.ninja: .setup-build
	@test -f $@ || meson setup build -Dtests=false >/dev/null

.setup-build .setup-check: tools/setup tools/packages.txt
	@tools/setup $(patsubst .setup-%,%,$@)
	@touch $@

clean: ## Remove everything that was built
	rm -rf build build-* web/dist web/node_modules .setup-*
