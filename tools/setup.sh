#!/bin/sh
# sh tools/setup.sh VENV LOCK [PYTHON]: create the environment VENV from the requirements in LOCK, hashes checked.
# What stands in VENV's place is emptied, so it must be an environment and nothing else, or there must be nothing.
set -u
venv=$1 lock=$2 wanted=${3:-}
while [ "$venv" != "${venv%/}" ]; do venv=${venv%/}; done
log=$venv/setup.log

fail() {
    echo "$1" >&2
    exit 2
}

keep() {
    fail "VENV=$venv $1, so nothing was touched. Name a folder that is not there yet, such as: make setup VENV=.venv"
}

case $venv in
"") keep "names no folder" ;;
. | .. | */. | */.. | -*) keep "is no name for a folder of its own" ;;
esac
[ ! -L "$venv" ] || keep "is a link"
if [ -e "$venv" ]; then
    [ -d "$venv" ] || keep "is a file"
    there=$(ls -A "$venv") || keep "cannot be looked into"
    [ -z "$there" ] || [ -f "$venv/pyvenv.cfg" ] || keep "is a folder that is no environment"
    foreign=$(printf '%s\n' "$there" | grep -vxE 'bin|etc|include|lib|lib64|man|share|uv|pyvenv\.cfg|setup\.log|CACHEDIR\.TAG|\.complete|\.gitignore|\.lock' | head -n 1)
    [ -z "$foreign" ] || keep "holds \"$foreign\", which is no part of an environment"
    case $(pwd -P)/ in "$(cd "$venv" && pwd -P)"/*) keep "holds this very folder" ;; esac
fi

python=
for candidate in ${wanted:-python3 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail "Python 3.11 or newer is needed, and ${wanted:-python3} is not. Install one, or name it: make setup PYTHON=/path/to/python3"

echo "creating $venv with $("$python" --version), in up to a minute, once"
said=$("$python" -m venv --clear "$venv" 2>&1) ||
    fail "$python cannot create $venv: $(printf '%s\n' "$said" | head -n 1) On Debian and Ubuntu: apt-get install python3-venv"
by_pip() {
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-deps --require-hashes --retries 2 \
        "$@" >>"$log" 2>&1 </dev/null
}

# uv needs a tenth of pip's time. It is fetched by pip, locked like all else, and leaves no trace in the environment.
# Where it finds no package index, because only pip was told of one, pip does the work.
by_uv() {
    mkdir "$venv/uv"
    awk '/^uv==/ {ours = 1} ours; ours && !/\\$/ {exit}' "${0%/*}/../requirements-dev.txt" >"$venv/uv/lock"
    [ -s "$venv/uv/lock" ] && by_pip --target "$venv/uv" -r "$venv/uv/lock" &&
        "$venv/uv/bin/uv" pip install --quiet --no-deps --require-hashes --python "$venv/bin/python" \
            -r "$1" >>"$log" 2>&1 </dev/null
}

may_pip() { # where pip could not fetch uv, it can fetch nothing
    [ -x "$venv/uv/bin/uv" ] || [ ! -s "$venv/uv/lock" ]
}

by_uv "$lock" || { may_pip && by_pip -r "$lock"; } || {
    if grep -q 'DO NOT MATCH THE HASHES' "$log"; then
        fail "A downloaded package is not the one in $lock; nothing was kept of it ($log names it)."
    fi
    fail "The packages could not be downloaded; check the network connection or the proxy, then repeat ($log has pip's words)."
}
rm -r "$venv/uv"
rm "$log"
touch "$venv/.complete"
