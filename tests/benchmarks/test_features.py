"""The benchmark of rows by id, without the servers: what it asks, and what it says of what it found."""

import json
import subprocess
from types import SimpleNamespace

import pytest

from benchmarks.features.cases import KEYS, N_BODIES, bodies
from benchmarks.features.hanging import silent
from benchmarks.features.reach import GOALS, reached
from benchmarks.features.redis_benchmark import requests_per_second
from benchmarks.features.stores import program, records_of
from benchmarks.features.subjects import BY_ROW, EMBEDDED
from benchmarks.server.install import DidNotStart
from benchmarks.server.peers import Peer
from tests.benchmarks.test_servers import OF_FEATURES, pinned

ROWS = {f"f{number}": [number, 1.0, 2.0, 3.0] for number in range(200)}


@pytest.mark.parametrize("name", OF_FEATURES)
def test_a_peer_is_locked_and_reports_only_packages_that_it_locks(name):
    peer = Peer.read(name)
    lock = peer.lock.read_text()
    assert "--hash=sha256:" in lock
    assert all(pinned(lock, package) for package in peer.packages)


@pytest.mark.parametrize("size", N_BODIES)
def test_ids_and_rows_ask_for_the_same(size):
    by_id, by_row = (list(map(json.loads, bodies(ROWS, size, by_row))) for by_row in (False, True))
    assert [[ROWS[id] for id in each["ids"]] for each in by_id] == [each["instances"] for each in by_row]
    assert all(len(set(each["ids"])) == size for each in by_id)


def test_a_record_is_what_a_source_gives():
    assert json.loads(records_of(ROWS)["f7"]) == dict(
        sepal_length=7, sepal_width=1.0, petal_length=2.0, petal_width=3.0
    )


@pytest.mark.parametrize("head", ["", '"test","rps","avg_latency_ms"\n'])
def test_redis_benchmark_is_understood(head):
    """Redis 7 writes a head."""
    assert requests_per_second(f'{head}"MGET features:f1 features:f2","12345.68","0.5"\n') == 12345.68


def found(embedded_rps):
    """Return a round in which embedded was that fast, and by row 1,000 requests a second."""
    names = {BY_ROW: 1_000.0, EMBEDDED: embedded_rps}
    return {(name, 1, c): SimpleNamespace(rps=rps) for name, rps in names.items() for c in (1, 32)}


@pytest.mark.parametrize(("rps", "verdict"), [([500, 700, 800], "yes"), ([500, 550, 800], "no")])
def test_the_median_of_the_rounds_ratios_counts(rps, verdict):
    lines = reached([found(each) for each in rps], {"ratio": 1.2})
    assert [line[3] for line in lines[:2]] == [verdict] * 2
    assert lines[-1][2:] == ("1.20", "no")


def test_what_was_not_measured_is_said():
    lines = reached([found(700)], {"error": "no port"})
    assert [line[3] for line in lines[2 : len(GOALS)]] == ["not measured"] * (len(GOALS) - 2)
    assert lines[-1][3] == "not measured: no port"
    assert KEYS not in found(700)


def test_a_missing_program_is_named_with_its_package():
    with pytest.raises(DidNotStart, match=r"no-such-program is missing; .* apt-get install some-package"):
        program("no-such-program", "some-package")


def test_the_silent_store_takes_connections_and_says_nothing():
    redis_cli = ["timeout", "0.3", "bash", "-c"]
    with silent() as url:
        port = url.rpartition(":")[2].partition("/")[0]
        asked = f"exec 3<>/dev/tcp/127.0.0.1/{port}; echo PING >&3; read -r line <&3"
        assert subprocess.run([*redis_cli, asked], timeout=10).returncode == 124
