"""Lines of JSON for requests that failed, were refused or were slow."""

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from forest_serving.monitoring import logs
from tests.monitoring.monitors import monitor, replied, tell


@pytest.fixture
def logged(capsys, monkeypatch):
    """Return a function that tells a monitor of replies and returns the lines that it logs."""

    def lines_of(watching, *replies, **about):
        monkeypatch.setattr(logs.REQUESTS, "handlers", [])
        logs.set_up()
        asyncio.run(tell(watching, *replies, **about))
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return lines_of


@pytest.mark.parametrize(("duration_s", "n_lines"), [(0.4, 0), (0.6, 1)])
def test_a_request_is_logged_if_it_was_slow(logged, duration_s, n_lines):
    lines = logged(monitor(FOREST_SLOW_REQUEST_S="0.5"), replied(), duration_s=duration_s)
    assert [line["duration_s"] for line in lines] == [duration_s] * n_lines


def test_every_request_is_logged_if_that_is_asked_for(logged):
    assert len(logged(monitor(FOREST_ACCESS_LOG="true"), replied(), replied())) == 2


def test_a_line_says_who_asked_what_and_what_became_of_it(logged):
    (line,) = logged(monitor(), replied(400, "InvalidInstances"))
    assert datetime.fromisoformat(line.pop("time")).utcoffset() == timedelta(0)
    assert line == {
        "level": "warning",
        "request_id": "id",
        "client": "127.0.0.1",
        "method": "POST",
        "path": "/predict",
        "status": 400,
        "duration_s": 0.001,
        "reason": "InvalidInstances",
    }


def test_a_fault_is_logged_with_its_traceback_in_one_line(logged):
    try:
        raise ZeroDivisionError("of\nus")
    except ZeroDivisionError as error:
        fault = error
    (line,) = logged(monitor(), replied(500, "fault", fault))
    assert line["level"] == "error"
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ZeroDivisionError: of\nus")


def test_what_a_stranger_sends_does_not_fill_the_disk(logged):
    scope = {"method": "GET" * 1000, "path": "/x" * 1000}
    (line,) = logged(monitor(), replied(404, "UnknownPath"), scope=scope)
    assert (len(line["method"]), len(line["path"]), line["client"]) == (200, 200, "")
