# All commands of the project. They share one environment, $(VENV), made once from requirements-dev.txt.
# make setup PYTHON=python3.13 VENV=.venv-3.13 makes another; the other commands take the same VENV.
PYTHON ?=
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 3000
MODEL ?=
ARGS ?=
SOAK_S ?= 600
FUZZ_S ?= 10
TARGET ?=
PEERS ?=
IMAGE ?=
BASE_IMAGE ?=
NETWORK ?=
DIST ?= dist
REPOSITORY ?=
PARALLEL ?= -n logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder
# Tests whose work is done in their own process, where coverage is measured, but for those of what no Python changes.
IN_PROCESS = -m 'not once' tests/test_few_of_many.py tests/test_settings.py $(wildcard $(addprefix tests/, \
	drift engines explain fuzz host http models monitoring prediction_log protocols report rows training web)) \
	$(filter-out %faulty_redis.py %_faults.py %killed_load.py %full_disk.py %_served.py %sources_page.py, \
	$(wildcard tests/features/test_*.py))
PY = $(VENV)/bin/python
READY = $(VENV)/.complete
# One time for all files, so that equal sources give equal wheels.
BUILD = SOURCE_DATE_EPOCH=1580601600 "$(VENV)/bin/uv" build --quiet --offline --wheel --no-build-isolation \
	--python "$(PY)" --out-dir "$(DIST)"
AS_MODEL = $(if $(MODEL),FOREST_MODEL="$(MODEL)")
export BENTOML_DO_NOT_TRACK ?= True

ifneq ($(words $(VENV)),1)
$(error VENV must be the path of one folder, without spaces, such as VENV=.venv)
endif

.DEFAULT_GOAL := help
.PHONY: help setup train serve bento bento-features image image-features test test-clients test-browser test-image \
	fuzz kernel lint lock bench bench-engines bench-features bench-drift bench-watching bench-explain soak coverage \
	docs screenshots wheel release

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(READY)  ## create the environment from the locked requirements

$(READY): requirements-dev.txt tools/setup.sh
	@sh tools/setup.sh "$(VENV)" requirements-dev.txt "$(PYTHON)"

train: $(READY)  ## train, prove and save a model (MODEL=wine ARGS="--csv FILE"), unless the newest has the same inputs
	@$(PY) train_and_save.py --if-needed $(if $(MODEL),--name "$(MODEL)") $(ARGS)

serve: $(READY)  ## serve on http://localhost:3000 (MODEL=wine, PORT=, HOST=); trains Iris first if there is no model
	@$(AS_MODEL) $(PY) -m tools.serve --host $(HOST) --port $(PORT)

bento: $(READY)  ## build the Bento iris_classifier (MODEL=wine: wine_classifier), unless the newest has the same content
	@$(AS_MODEL) $(PY) -m tools.build_bento

bento-features: $(READY)  ## build the Bento features, a service for rows by id alone, unless the newest has the same content
	@$(PY) -m tools.build_features

image: $(READY)  ## build the Bento's image with Docker or Podman (MODEL=wine, IMAGE=name, BASE_IMAGE=, NETWORK=)
	@$(AS_MODEL) BASE_IMAGE="$(BASE_IMAGE)" $(PY) -m tools.build_image $(if $(IMAGE),--image "$(IMAGE)") \
		$(if $(NETWORK),--network "$(NETWORK)")

image-features: $(READY)  ## build the image of that Bento, without a model (IMAGE=name, BASE_IMAGE=, NETWORK=)
	@BASE_IMAGE="$(BASE_IMAGE)" $(PY) -m tools.build_image --features $(if $(IMAGE),--image "$(IMAGE)") \
		$(if $(NETWORK),--network "$(NETWORK)")

test: $(READY)  ## run the tests, some of which need HAProxy, PostgreSQL, Prometheus, Redis and strace: installed if they can be
	@sh tools/system.sh haproxy strace pg_ctlcluster=postgresql redis-server prometheus promtool=prometheus
	@$(PY) -m pytest $(PARALLEL) $(ARGS)

$(VENV)-client-%/.complete: tests/clients/%.txt tools/setup.sh
	@sh tools/setup.sh "$(VENV)-client-$*" "tests/clients/$*.txt" "$(PYTHON)"

test-clients: $(READY)  ## run the tests with clients that others wrote, each in an environment of its own; Java and Go, too
	@sh tools/system.sh curl java=default-jdk-headless go=golang-go
	@$(PY) -m pytest tests/clients $(ARGS)

test-browser: $(READY)  ## run the tests of the page at /ui, in Chromium
	@sh tools/system.sh haproxy chromium
	@$(PY) -m pytest tests/browser $(PARALLEL) $(ARGS)

test-image: $(READY)  ## run the tests that need a container engine: this machine's, or (root on Debian) one of their own
	@$(PY) -m pytest tests/image --timeout=1800 --timeout-method=signal $(ARGS)

fuzz: $(VENV)-fuzz/.complete  ## make up inputs for FUZZ_S=10 seconds a target (TARGET="csv npy" picks), guided by what they reach
	@$(VENV)-fuzz/bin/python -m tests.fuzz --seconds $(FUZZ_S) $(TARGET) $(ARGS)

$(VENV)-fuzz/.complete: tests/fuzz/requirements.txt tools/setup.sh
	@sh tools/setup.sh "$(VENV)-fuzz" tests/fuzz/requirements.txt "$(PYTHON)"

kernel: $(VENV)-kernel/.complete  ## build kernel.c for every platform, into the package; needs no compiler but what it installs
	@$(VENV)-kernel/bin/python -m tools.build_kernel $(ARGS)

$(VENV)-kernel/.complete: tools/kernel.txt tools/setup.sh
	@sh tools/setup.sh "$(VENV)-kernel" tools/kernel.txt "$(PYTHON)"

lint: $(READY)  ## check format, style, types and who imports whom
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-logo

lock: $(READY)  ## lock what pyproject.toml asks for (ARGS=--upgrade: the newest versions of everything)
	@sh tools/lock.sh "$(VENV)/bin/uv" $(ARGS)

bench: $(VENV)-bench-server/.complete  ## load this server beside others (PEERS="iris uvicorn go" picks); needs go
	@$(VENV)-bench-server/bin/python -m benchmarks.server --environments "$(VENV)-bench" $(if $(PEERS),--peers $(PEERS)) $(ARGS)

$(VENV)-bench-server/.complete: benchmarks/requirements-server.txt tools/setup.sh
	@sh tools/setup.sh "$(VENV)-bench-server" benchmarks/requirements-server.txt "$(PYTHON)"

bench-engines: $(VENV)-bench/.complete  ## time the engines beside scikit-learn, ONNX Runtime and treelite (ARGS="--quick --models iris")
	@$(VENV)-bench/bin/python -m benchmarks.engines $(ARGS)

bench-features: $(VENV)-bench-server/.complete  ## load rows by id beside rows in the request and others' ways (ARGS=--quick); needs go
	@sh tools/system.sh redis-server redis-benchmark=redis-tools pg_ctlcluster=postgresql
	@$(VENV)-bench-server/bin/python -m benchmarks.features --environments "$(VENV)-bench" $(ARGS)

bench-drift: $(VENV)-bench-server/.complete  ## send made-up rows through the watch for drift; draws the curve of the docs
	@$(VENV)-bench-server/bin/python -m benchmarks.drift $(ARGS)

bench-watching: $(READY)  ## load the server with page, drift and prediction log, beside itself without (ARGS=--quick); needs go
	@$(PY) -m benchmarks.watching $(ARGS)

bench-explain: $(VENV)-bench-explain/.complete  ## time explanations beside shap (ARGS="--models iris large --cpu")
	@$(VENV)-bench-explain/bin/python -m benchmarks.explaining $(ARGS)

$(VENV)-bench-explain/.complete: benchmarks/requirements-explain.txt tools/setup.sh
	@sh tools/setup.sh "$(VENV)-bench-explain" benchmarks/requirements-explain.txt "$(PYTHON)"

soak: $(READY)  ## serve under mixed load for SOAK_S=600 seconds; fails if memory or open files grow
	@$(PY) -m benchmarks.soak --seconds $(SOAK_S)

$(VENV)-bench/.complete: benchmarks/requirements-engines.txt tools/setup.sh
	@sh tools/setup.sh "$(VENV)-bench" benchmarks/requirements-engines.txt "$(PYTHON)"

coverage: $(READY)  ## run the tests that import the package, and fail if they leave too much of it out
	@$(PY) -m pytest $(PARALLEL) $(IN_PROCESS) --cov --cov-fail-under=88 --cov-report=term:skip-covered $(ARGS)

docs: $(READY)  ## build the site of docs/ into site/; a broken link is an error
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --quiet --strict

screenshots: $(READY)  ## draw the pictures of the page in docs/pictures, with Chromium
	@sh tools/system.sh chromium pngquant
	@$(PY) -m tests.browser.screenshots

wheel: $(READY)  ## build the package into dist/ (DIST=), with the locked build tool and without network
	@$(BUILD)

release: $(READY)  ## write wheel, bill of materials, provenance, SHA256SUMS (DIST=, REPOSITORY=URL), of a commit only
	@$(PY) -m tools.release check
	@$(BUILD)
	@$(PY) -m tools.release write --dist "$(DIST)" --repository "$(REPOSITORY)"
