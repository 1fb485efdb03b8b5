"""Lines of JSON for requests that failed, were refused or were slow."""

import asyncio
import json
import logging
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.http.request import read_request
from forest_serving.monitoring import line_limit, logs
from forest_serving.monitoring.line_limit import BURST, LineLimit
from tests.monitoring.monitors import monitor, replied, tell


@pytest.fixture
def logged(capsys, monkeypatch):
    """Return a function that tells a monitor of replies and returns the lines that it logs."""

    def lines_of(watching, *replies, **about):
        monkeypatch.setattr(logs.REQUESTS, "handlers", [])
        monkeypatch.setattr(logs, "LIMIT", LineLimit(logs.LIMIT.tell))
        logs.set_up()
        asyncio.run(tell(watching, *replies, **about))
        watching.write()
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


def test_many_refusals_for_one_reason_are_a_few_lines_and_a_sum(logged):
    """Another reason has lines of its own."""
    *lines, summed = logged(monitor(), *[replied(404, "UnknownPath")] * 10_000, replied(413, "BodyTooLarge"))
    assert BURST <= len(lines) < 1_000
    assert lines[-1]["reason"] == "BodyTooLarge"
    n_lines = sum(line["reason"] == "UnknownPath" for line in lines)
    assert (summed["level"], summed["status"], summed["reason"]) == ("warning", 404, "UnknownPath")
    assert n_lines + summed["suppressed"] == 10_000


def test_many_slow_requests_are_a_few_lines_and_a_sum(logged):
    lines = logged(monitor(), *[replied()] * 5_000, duration_s=2.0)
    assert len(lines) < 1_000
    assert lines[-1]["suppressed"] + len(lines) - 1 == 5_000


def test_each_fault_is_logged(logged):
    assert len(logged(monitor(), *[replied(500, "fault", ValueError("odd"))] * 500)) == 500


def test_who_wants_every_request_logged_gets_every_one(logged):
    assert len(logged(monitor(FOREST_ACCESS_LOG="true"), *[replied(404, "UnknownPath")] * 500)) == 500


def test_what_was_not_logged_is_summed_up_while_the_server_runs(monkeypatch):
    monkeypatch.setattr(line_limit, "SUMMARY_S", 0.01)
    told = asyncio.Queue()
    limit = LineLimit(lambda *sums: told.put_nowait(sums))

    async def flood():
        allowed = sum(limit.allows("any") for _ in range(1_000))
        return allowed, await asyncio.wait_for(told.get(), 30)

    allowed, (kind, n_lines) = asyncio.run(flood())
    assert (kind, allowed + n_lines) == ("any", 1_000)


def test_after_a_burst_lines_come_again(monkeypatch):
    clock = iter([0.0] * 1_000 + [100.0] * 1_000)
    monkeypatch.setattr(line_limit, "monotonic", lambda: next(clock))
    limit = LineLimit(lambda *_: None)
    first, later = [sum(limit.allows("any") for _ in range(1_000)) for _ in range(2)]
    assert first == BURST
    assert later >= BURST - 1  # a float's rounding may take one


def test_lines_that_strangers_make_uvicorn_write_are_limited_too(logged, caplog):
    with caplog.at_level(logging.WARNING):
        logged(monitor())
        for _ in range(1_000):
            logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
            logging.getLogger("uvicorn.error").error("Exception in ASGI application")
    found = [record.levelname for record in caplog.records]
    assert found.count("WARNING") < 500
    assert found.count("ERROR") == 1_000


ODD = {
    "letters": "/x",
    "controls": "\x01",
    "quotes": '"',
    "emojis": "😀",
    "surrogates": "\ud800",
    "backslashes": "\\\n",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_a_stranger_sends_does_not_fill_the_disk(capsys, logged, text):
    """It is cut so that it is short as written, escapes and all, and never within one."""
    request = read_request(text * 1000, text * 1000, [], b"/")
    (line,) = logged(monitor(), replied(404, "UnknownPath"), request=request, client=text * 1000)
    told = text.encode(errors="replace").decode()
    for field in ("method", "path", "client"):
        assert (told * 1000).startswith(line[field])
        assert logs.TEXT_BYTES - 8 < len(msgspec.json.encode(line[field])) - 2 <= logs.TEXT_BYTES
    assert len(msgspec.json.encode(line)) < 1_000


@given(st.text(st.characters()), st.integers(0, 50))
def test_a_text_is_cut_only_where_it_is_too_long(text, max_bytes):
    whole = text.encode(errors="replace").decode()
    short = logs.shortened(text, max_bytes)
    assert whole.startswith(short)
    assert len(msgspec.json.encode(short)) - 2 <= max_bytes
    longer = whole[: len(short) + 1]
    assert longer == short or len(msgspec.json.encode(longer)) - 2 > max_bytes


def test_of_a_very_long_traceback_the_beginning_and_the_end_are_logged(logged):
    try:
        raise ValueError("odd" * 100_000 + "end")
    except ValueError as error:
        fault = error
    (line,) = logged(monitor(), replied(500, "fault", fault))
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("oddend")
    assert len(msgspec.json.encode(line)) < logs.TRACEBACK_BYTES + 1_000
