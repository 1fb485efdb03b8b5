"""The benchmarks of servers, without the servers: what they compare and report."""

import re

import numpy as np
import pytest

from benchmarks.server import PEERS, ROOT
from benchmarks.server.check import count_wrong
from benchmarks.server.contest import Case, line
from benchmarks.server.cost import at_rest_table, peers_table
from benchmarks.server.install import environment_of
from benchmarks.server.load import Load
from benchmarks.server.peers import ORDER, read_peers
from benchmarks.server.plan import attempt
from benchmarks.server.protocols import protocols
from benchmarks.server.rounds import summary
from benchmarks.server.rows import bodies, rows_in_range, write_requests
from benchmarks.server.table import breakdown_table, digits, growth_tables
from benchmarks.utilisation import Share, of_rounds, table

OF_FEATURES = ("features-feast", "features-plain")  # which tests/benchmarks/test_features.py knows
ALL = read_peers(ORDER)
FIGURES = (
    "cpu_us",
    "generator_us",
    "rps_32",
    "p50_ms_1",
    "p99_ms_32",
    "p99_ms_256",
    "rate",
    "p50_ms",
    "p99_ms",
    "p999_ms",
    "late_ms",
    "resident_mb",
    "ready_s",
)


def pinned(lock, package):
    """Return the version of a package in a lock file's text, if it has one."""
    found = re.search(rf"^{package}==(\S+)", lock, re.MULTILINE)
    return found and found.group(1)


def measured(cpu_us, **others):
    """Return a peer's results of two rounds, in which every figure but the processor time is 1."""
    values = dict.fromkeys(FIGURES, 1.0) | {"cpu_us": cpu_us} | others
    figures = {name: value and {"median": value, "rounds": [value, value]} for name, value in values.items()}
    return {"title": f"peer of {cpu_us:g}", "figures": figures, "wrong_labels": {"a": 0, "b": 2}}


def loaded(cpu_us, rps):
    """Return what a load measured."""
    return Load(rps, cpu_us / 2, cpu_us / 2, 1.0, 1.0, 1.0, 1.0, 0.0, 0)


def cells(table):
    """Return the cells of a Markdown table's lines below its head."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def test_every_folder_is_a_peer_and_every_peer_has_a_folder():
    assert sorted((*ORDER, *OF_FEATURES)) == sorted(folder.name for folder in PEERS.iterdir())


@pytest.mark.parametrize("name", ORDER)
def test_the_readme_lists_every_peer(name):
    assert f"| `{name}` |" in (ROOT / "benchmarks" / "README.md").read_text()


@pytest.mark.parametrize("peer", [peer for peer in ALL if peer.lock], ids=lambda peer: peer.name)
def test_a_peer_is_locked_with_the_scikit_learn_that_wrote_the_forest(peer):
    lock = peer.lock.read_text()
    requirements = [line for line in lock.splitlines() if line and line[0] not in "# "]
    assert requirements
    assert "://" not in lock
    assert lock.count("--hash=sha256:") >= len(requirements)
    ours = pinned((ROOT / "requirements-dev.txt").read_text(), "scikit-learn")
    assert pinned(lock, "scikit-learn") in (None, ours)


@pytest.mark.parametrize("peer", [peer for peer in ALL if peer.lock], ids=lambda peer: peer.name)
def test_a_peer_reports_only_packages_that_it_locks(peer):
    assert all(pinned(peer.lock.read_text(), package) for package in peer.packages)


@pytest.mark.parametrize("peer", ALL, ids=lambda peer: peer.name)
def test_a_request_holds_the_rows(peer):
    assert b"[[5.1,3.5,1.4,0.2],[6.7,3.0,5.2,2.3]]" in peer.request([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])


def test_labels_are_found_where_the_protocol_has_them():
    replies = {"iris": b'{"predictions":[0,2]}', "bentoml-tutorial": b"[0,2]", "litserve": b'{"output":[0,2]}'}
    replies["mlserver"] = b'{"outputs":[{"data":[0,2]}]}'
    assert all(peer.labels_in(replies[peer.name]) == [0, 2] for peer in read_peers(list(replies)))


def test_an_unknown_peer_is_one_sentence():
    with pytest.raises(SystemExit, match=r"There is no peer nginx; PEERS can name: iris iris-asgi go "):
        read_peers(["iris", "nginx"])


def test_rows_differ_and_lie_in_the_range():
    rows = rows_in_range(np.array([[0.0, 10.0], [1.0, 20.0]]), 500)
    assert len({tuple(row) for row in rows}) == 500
    assert all(0 <= a <= 1 and 10 <= b <= 20 for a, b in rows)


def test_bodies_have_as_many_rows_as_were_wanted():
    asked = bodies(read_peers(["mlserver"])[0], [[1.0] * 4] * 7, 3)
    assert [body.count(b'"shape": [3, 4]') for body in asked] == [1, 1]


def test_a_file_of_requests_says_how_long_each_is(tmp_path):
    file = write_requests(tmp_path / "requests", "/predict", [b"[1]", b"[22]"], {"Connection": "close"})
    length, _, rest = file.read_bytes().partition(b"\n")
    first, second = rest[: int(length)], rest[int(length) :]
    assert first.startswith(b"POST /predict HTTP/1.1\r\n")
    assert first.endswith(b"Content-Length: 3\r\nConnection: close\r\n\r\n[1]")
    assert second.partition(b"\n")[2].endswith(b"Content-Length: 4\r\nConnection: close\r\n\r\n[22]")


def test_a_peer_like_another_runs_in_its_environment_and_tells_only_what_differs():
    uvicorn, uvloop = read_peers(["uvicorn", "uvloop"])
    assert environment_of(uvloop, "p") == environment_of(uvicorn, "p")
    assert (uvloop.lock, uvloop.body) == (uvicorn.lock, uvicorn.body)
    assert uvloop.folder != uvicorn.folder


def test_a_variant_of_a_peer_runs_where_the_peer_does():
    (uvicorn,) = read_peers(["uvicorn"])
    other = uvicorn.variant("uvicorn-reader", command=["another"])
    assert (other.folder, other.lock) == (uvicorn.folder, uvicorn.lock)
    assert environment_of(other, "p") == environment_of(uvicorn, "p")


def test_cases_are_compared_row_by_row_in_each_round(tmp_path):
    many = Case("many", ALL[0], tmp_path, "one", rows=10)
    cases = {"many": many, "one": Case("one", ALL[0], tmp_path)}
    rounds = [{"many": loaded(40.0, 50.0), "one": loaded(2.0 * n, 100.0)} for n in (1, 2, 4)]
    found = line(many, cases, rounds)
    assert (found["beside"], found["times_cpu"], found["times_rps"]) == ("one", 1.0, 5.0)
    assert (found["cpu_us_per_row"], found["rows_per_s"]) == (4.0, 500.0)


def test_a_case_beside_one_that_does_not_take_part_has_no_ratio(tmp_path):
    case = Case("alone", ALL[0], tmp_path, "another")
    assert line(case, {"alone": case}, [{"alone": loaded(9.0, 9.0)}])["times_cpu"] is None


def test_each_protocol_sends_the_row_and_is_compared_with_the_services_own():
    cases = protocols()
    assert all("5.1" in body([5.1, 3.5, 1.4, 0.2]) for _, body, _, _ in cases.values())
    assert {beside for _, _, _, beside in cases.values()} == {"", *list(cases)[:2]}


def test_an_answer_of_another_length_is_wrong_altogether():
    assert count_wrong([[0, 1], [0], []], [[0, 2], [0], [1, 1, 1]]) == 1 + 0 + 3


def test_a_failure_becomes_a_reason():
    assert attempt(lambda: {"seconds": 1 / 0}) == {"error": "division by zero"}


def test_a_summary_has_median_least_greatest_and_all():
    turns = [{"rps": value, "p999_ms": tail} for value, tail in ((3, None), (1, 2.0), (2, 2.0))]
    assert summary(turns) == {"rps": {"median": 2, "min": 1, "max": 3, "rounds": [3, 1, 2]}, "p999_ms": None}


def test_the_table_has_ratios_to_bare_uvicorn_and_go_with_the_cheapest_first():
    table = cells(peers_table({"iris": measured(40.0), "uvicorn": measured(20.0), "go": measured(10.0)}))
    assert [line[:4] for line in table] == [
        ["peer of 10", "10", "0.5", "1"],
        ["peer of 20", "20", "1", "2"],
        ["peer of 40", "40", "2", "4"],
    ]
    assert table[0][-1] == "2"


def test_a_ratio_is_the_median_of_each_rounds_ratio():
    fast, slow = measured(1.0), measured(2.0)
    fast["figures"]["cpu_us"]["rounds"], slow["figures"]["cpu_us"]["rounds"] = [2.0, 9.0, 1.0], [2.0, 3.0, 2.0]
    assert cells(peers_table({"iris": fast, "uvicorn": slow}))[0][2] == "1"


def test_what_was_not_measured_is_a_dash_or_a_reason():
    peers = {"go": measured(9.0, p999_ms=None), "flask": {"title": "Flask", "error": "it did not start: no module"}}
    assert cells(peers_table(peers))[0][2] == cells(at_rest_table(peers))[0][4] == "–"
    assert "- Flask has no figures: it did not start: no module\n" in peers_table(peers)


def test_the_parts_of_a_request_are_shares_of_the_whole_on_each_way():
    ways = {"ours": {"parse": 1.0, "kernel": 3.0}, "other": {"parse": 2.0, "kernel": 3.0, "scope": 5.0}}
    assert cells(breakdown_table(ways))[1:] == [
        ["kernel", "3", "75%", "3", "30%"],
        ["scope", "–", "–", "5", "50%"],
        ["all processor time", "4", "100%", "10", "100%"],
    ]


def test_growth_that_did_not_take_part_is_left_out():
    lines = [{"server": "ours", "rows": 10, "rps": 1234.5}]
    tables = growth_tables({"rows": {"lines": lines}, "workers": {"lines": []}, "trees": {"error": "no memory"}})
    assert cells(tables.pop("A closer look: rows")) == [["ours", "10", "1,234"]]
    assert tables == {"A closer look: trees": "Not measured: no memory.\n"}


@pytest.mark.parametrize(("number", "text"), [(None, "–"), (0.01234, "0.0123"), (99.94, "99.9"), (12345.6, "12,346")])
def test_numbers_have_three_digits(number, text):
    assert digits(number) == text


def test_the_latency_by_load_is_the_median_of_the_rounds_and_the_best_stands_beside_it():
    rounds = [
        Share(rate, 0.5, 1.0, p99_ms, p99_ms, 2.0, 0) for rate, p99_ms in ((1000, 9.0), (1200, 30.0), (1100, 4.0))
    ]
    *_, line = table({0.5: of_rounds(rounds)})
    assert cells(f"\n\n{line}") == [["50%", "1,100", "50%", "1.00", "9.0", "4.0", "2.0", "0"]]
