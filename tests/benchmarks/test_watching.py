"""The benchmark of what watches the model, without the servers: what it compares, and what it says of what it found."""

import http.client
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from benchmarks.server.load import Load
from benchmarks.watching.report import ratio, reached, table
from benchmarks.watching.subjects import OFF, SOME, collecting, variables_of
from benchmarks.watching.turns import Measured, Turn
from forest_serving.settings import read_settings


def turn(rps, cpu_us):
    """Return a turn with these figures, and a p99 that is another in the closed loop."""
    most = Load(rps, cpu_us / 2, cpu_us / 2, 1.0, 1.0, 99.0, None, 0.0, 0)
    return Turn(most, most._replace(p99_ms=rps / 1_000, failed=1))


def rounds_of(*figures):
    """Return rounds in which the server with nothing on answers 1,000 requests/s of 20 µs each."""
    return [{OFF: turn(1_000, 20), SOME: turn(*each)} for each in figures]


@pytest.mark.parametrize(
    ("figures", "verdicts"),
    [
        ([(950, 21), (990, 20), (100, 99)], ["yes", "yes"]),
        ([(940, 21.2), (940, 21.2), (990, 20)], ["no", "no"]),
    ],
)
def test_the_median_of_the_rounds_ratios_counts(figures, verdicts):
    assert [line[3] for line in reached(rounds_of(*figures))] == verdicts


def test_the_tail_is_that_at_the_fixed_rate():
    assert ratio("p99_ms", rounds_of((500, 20)), SOME) == 0.5


def test_what_failed_and_what_was_lost_is_told():
    rounds = rounds_of((500, 20))
    text = table(Measured(rounds, 500, {name: {"rows": 7, "dropped": 3} for name in (OFF, SOME)}))
    assert text.splitlines()[-1].split("|")[-4:-1] == [" 1 ", " 7 ", " 3 "]


def test_each_server_is_started_with_settings_that_there_are(tmp_path):
    for variables in variables_of(tmp_path, "http://127.0.0.1:1/v1/logs").values():
        settings = read_settings(variables)
        assert settings.ui is settings.drift is (variables["FOREST_DRIFT"] == "true")


def test_the_collector_takes_what_several_servers_send():
    """The first keeps its connection meanwhile."""
    with collecting() as url, connected(url) as one, connected(url) as other:
        assert (status_of(one), status_of(other)) == (200, 200)


def connected(url):
    """Return a connection that is closed at the end."""
    return closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=10))


def status_of(sender):
    """Post to the collector, and keep the connection."""
    sender.request("POST", "/v1/logs", b"records")
    with sender.getresponse() as answer:
        return answer.status
