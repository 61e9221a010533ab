# `make help` lists what there is; each target says what it does after its `##`.

# A quick build has a target directory of its own, so that it and the tests do not undo each other.
QUICK_TARGET ?= target-quick

.DEFAULT_GOAL := help
.PHONY: help run test model torture backlog bench bench-quick bench-pace lint check check-api check-web check-clients check-webhooks clients clean services services-stop

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start the messenger with nothing installed: SQLite, in-process queue, simulated provider
	@echo "Building mysms (a few minutes the first time, seconds afterwards)"
	CARGO_TARGET_DIR=$(QUICK_TARGET) cargo build --locked --profile quick -p standalone --bin mysms
	@exec $(QUICK_TARGET)/quick/mysms

# Most tests wait for processes that they started, so more of them run at once than there are cores.
test: services ## Run every test, against real servers
	cargo build --locked --workspace --all-features --bins --tests
	RUST_TEST_THREADS=$${RUST_TEST_THREADS:-$$(($$(nproc) * 3 / 2))} cargo test --locked --workspace --all-features

# Of the whole build only `mysms-core` is optimised, which holds the search; the rest serves the other tests too.
model: ## Search the model of the delivery protocol within large bounds (hours; `make test` has small ones)
	MODEL_BOUNDS=large cargo test --locked -p mysms-core --test model \
		--config 'profile.dev.package.mysms-core.opt-level = 3' -- --nocapture --test-threads=1

torture: ## Kill, freeze and restart everything while texts are sent, then compare the books (SEED=7 MESSAGES=500 CLUSTER=1)
	cargo build --locked --workspace --all-features --bins --tests
	@exec $${CARGO_TARGET_DIR:-target}/debug/torture --out $${CARGO_TARGET_DIR:-target}

bench: ## Measure how fast it is, beside what the bare drivers do here (twelve to twenty-five minutes)
	cargo build --locked --release --workspace --bins
	@exec $${CARGO_TARGET_DIR:-target}/release/speed --out $${CARGO_TARGET_DIR:-target}

bench-quick: ## The same in short windows and on small collections (about three minutes)
	cargo build --locked --release --workspace --bins
	@exec $${CARGO_TARGET_DIR:-target}/release/speed --quick --out $${CARGO_TARGET_DIR:-target}

bench-pace: ## Try whether senders keep their rates and users their turns, whatever happens (under fifteen minutes)
	cargo build --locked --release --workspace --bins
	@exec $${CARGO_TARGET_DIR:-target}/release/pace --out $${CARGO_TARGET_DIR:-target}

backlog: ## Let 200,000 texts wait while the provider is away; show what they cost and how they drain (MESSAGES=20000)
	cargo build --locked --release --workspace --bins
	@exec $${CARGO_TARGET_DIR:-target}/release/backlog --out $${CARGO_TARGET_DIR:-target}

services: ## Start the private MongoDB and RabbitMQ that the tests use (RABBITMQ=4 for that version)
	@scripts/services.sh start

services-stop: ## Stop them
	@scripts/services.sh stop

lint: ## Formatting and lints, without warnings
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --all-features -- -D warnings

check: lint ## The same, the documentation, the OpenAPI document, and what must hold for any input
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --all-features --no-deps
	cargo test --locked --workspace --all-features --lib -- openapi properties

check-api: ## Hold a running mysms against its OpenAPI document: linters, generated clients, Schemathesis (SECONDS_TO_RUN=120)
	CARGO_TARGET_DIR=$(QUICK_TARGET) cargo build --locked --profile quick -p standalone --bin mysms
	@scripts/check-api.sh $(QUICK_TARGET)/quick/mysms

# The next two have the same build as the tests, so that after them nothing is left to build.
check-web: ## Use the web client in a real browser (SCREENSHOTS=docs/screenshots takes the README's pictures)
	cargo build --locked --workspace --all-features --bins --tests
	@scripts/check-web.sh $${CARGO_TARGET_DIR:-target}/debug/mysms

# The same build, too.
check-clients: ## Try both clients on a running mysms, see that they are what its document says, and install them
	cargo build --locked --workspace --all-features --bins --tests
	@scripts/clients.sh check $${CARGO_TARGET_DIR:-target}/debug/mysms

clients: ## Make the generated parts of both clients anew, after a change to the API
	cargo build --locked --workspace --all-features --bins --tests
	@scripts/clients.sh write $${CARGO_TARGET_DIR:-target}/debug/mysms

check-webhooks: ## Let the official libraries of Standard Webhooks receive what a running mysms sends, and Twilio's use the simulator; enter the examples of docs/keys.md
	cargo build --locked --workspace --all-features --bins --tests
	@scripts/check-webhooks.sh $${CARGO_TARGET_DIR:-target}/debug/mysms

clean: ## Remove everything that was built
	cargo clean
	rm -rf $(QUICK_TARGET)
