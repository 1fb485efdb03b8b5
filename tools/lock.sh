#!/bin/sh
# sh tools/lock.sh UV: lock what pyproject.toml asks for, for every Python and platform at once.
set -eu
compile() {
    "$uv" pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade \
        --quiet --custom-compile-command "make lock" "$@"
}
uv=$1
compile pyproject.toml --output-file requirements.txt
compile pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt
compile benchmarks/requirements-engines.in --constraint requirements-dev.txt \
    --output-file benchmarks/requirements-engines.txt
