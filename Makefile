PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STUBS := protos/topicwire/v1

.DEFAULT_GOAL := help
.PHONY: help demo test check lint wheel bench encoder protos lock clean

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1' -c constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev -e '.[postgresql,ray,tracing,web]'
	@touch $@

demo: $(VENV)/installed ## train, serve, label and cluster sample articles over gRPC
	@$(BIN)/topicwire demo

test: $(VENV)/installed ## run the tests
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

check: lint test wheel ## all that CI asks for: format, lint, types, stubs, tests, wheel

lint: $(VENV)/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/buf lint protos
	$(BIN)/mypy

wheel: $(VENV)/installed
	$(BIN)/python -m tests.wheel

bench: $(VENV)/installed ## measure, and print the README's tables (DATA=folder of data sets)
	@$(BIN)/python -m tests.benchmarks $(if $(DATA),--data $(DATA)) $(if $(SETFIT),--setfit $(SETFIT)) $(if $(BERTOPIC),--bertopic $(BERTOPIC)) $(if $(INFINITY),--infinity $(INFINITY))

encoder: $(VENV)/installed ## tune the news encoder anew on training/data/tuning
	@$(BIN)/python -m training.news_encoder

protos: $(VENV)/installed ## regenerate the gRPC stubs beside the .proto files
	@$(BIN)/python -m protos.generate

lock: ## pin what pip resolves today in constraints.txt
	$(PYTHON) -m venv --clear .lock
	.lock/bin/python -m pip install --quiet --upgrade pip torch==2.13.0
	.lock/bin/python -m pip install --quiet --group dev -e '.[postgresql,ray,tracing,web]'
	.lock/bin/python -m pip freeze --all --exclude-editable | sed 's/+cpu$$//' | grep -v '^setuptools==' > constraints.txt
	rm -rf .lock

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
