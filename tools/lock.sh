#!/bin/sh
# sh tools/lock.sh UV [--upgrade]: lock what pyproject.toml asks for, for every Python and platform at once, and what the
# benchmarks, the kernel's compiler, the fuzzer and others' clients need. What is locked already keeps its version, unless
# --upgrade asks for the newest of everything.
set -eu
uv=$1
shift
compile() {
    "$uv" pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
        --quiet --custom-compile-command "make lock" $upgrade "$@"
}
upgrade=$*
compile pyproject.toml --output-file requirements.txt
compile pyproject.toml --extra train --group dev --constraint requirements.txt --output-file requirements-dev.txt
compile benchmarks/requirements-engines.in --constraint requirements-dev.txt \
    --output-file benchmarks/requirements-engines.txt
compile benchmarks/requirements-explain.in --constraint requirements-dev.txt \
    --output-file benchmarks/requirements-explain.txt
compile pyproject.toml --extra train benchmarks/requirements-server.in --constraint requirements-dev.txt \
    --constraint benchmarks/requirements-engines.txt --output-file benchmarks/requirements-server.txt

# A peer has the versions that its own release asks for; only the forest's library is the same everywhere, because a
# pickled forest is only sure to load in the version that wrote it.
forest=$(mktemp)
trap 'rm -f "$forest"' EXIT
sed -n 's/^\(scikit-learn==[^ ]*\).*/\1/p' requirements-dev.txt >"$forest"
for peer in benchmarks/peers/*/requirements.in; do
    compile "$peer" --constraint "$forest" --output-file "${peer%.in}.txt"
done
for client in tests/clients/*.in; do
    compile "$client" --output-file "${client%.in}.txt"
done
compile tools/kernel.in --output-file tools/kernel.txt
compile pyproject.toml tests/fuzz/requirements.in --constraint requirements-dev.txt \
    --output-file tests/fuzz/requirements.txt
