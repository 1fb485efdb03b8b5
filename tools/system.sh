#!/bin/sh
# sh tools/system.sh PROGRAM[=PACKAGE]...: install the programs that are missing, from Debian packages: of the same name,
# unless another is given.
set -u
PATH=$PATH:/usr/sbin:/usr/local/sbin # Debian keeps servers there, and out of a user's PATH

fail() {
    echo "$1" >&2
    exit 2
}

missing=
for program in "$@"; do
    command -v "${program%=*}" >/dev/null || missing="$missing ${program#*=}"
done
[ -n "$missing" ] || exit 0

by_hand="sudo apt-get install$missing (Debian, Ubuntu) or: brew install$missing"
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "The tests need$missing. Run: $by_hand"
echo "installing$missing"
log=$(mktemp)
{
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    apt-get update && apt-get install -y --no-install-recommends $missing
} >"$log" 2>&1 </dev/null ||
    fail "apt-get could not install$missing ($log has its words). Check the network connection, or run: $by_hand"
rm "$log"
