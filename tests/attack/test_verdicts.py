"""What the attacks judge by must itself be able to find fault."""

import pytest

from tests.support.attacked import Attacked
from tests.support.verdicts import PLAIN, is_harm, verdict
from tests.support.wire import Reply

HEADERS = {"x-model-version": "v", "x-request-id": "1"}
PLACES = b'"detail":[{"loc":["%s"],"msg":"No."}]}'


@pytest.mark.parametrize(
    ("line", "harm"),
    [
        ("2026-01-01T00:00:00+0000 [ERROR] [entry_service:IrisClassifier:1] Exception in ASGI application", True),
        ("Traceback (most recent call last):", True),
        ("ValueError: too many", True),
        ('{"time":"2026-01-01T00:00:00.000Z","level":"error","status":500}', True),
        ('{"time":"2026-01-01T00:00:00.000Z","level":"warning","status":400}', False),
        ("2026-01-01T00:00:00+0000 [WARNING] [entry_service:IrisClassifier:1] Invalid HTTP request received.", False),
    ],
)
def test_an_error_in_the_log_is_harm_and_a_refusal_is_not(line, harm):
    assert is_harm(line) == harm


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(400, HEADERS, b'{"error":"No.",' + PLACES % b"a"), 400),
        (Reply(400, HEADERS, b'{"error":"No.",' + PLACES % b"\\u001b"), "echoes control characters"),
        (Reply(400, HEADERS, b'{"error":"No.",' + PLACES % (b"a" * 1000)), "echoes too much"),
        (Reply(400, HEADERS, b'{"error":"Yes.",' + PLACES % b"a"), "message and place differ"),
        (Reply(500, HEADERS, b'{"error":"No.","detail":[]}'), "status 500"),
        (Reply(200, {}, b""), "no x-model-version; no x-request-id"),
        (Reply(400, HEADERS, b"Not Found"), "not our JSON: b'Not Found'"),
        (Reply(400, {"content-type": "text/plain; charset=utf-8", "connection": "close"}, b"Invalid"), PLAIN),
    ],
)
def test_a_reply_is_judged_by_its_status_its_headers_and_its_form(reply, expected):
    assert verdict([reply]) == expected


def test_another_servers_log_proves_nothing(served_url, tmp_path):
    """Otherwise an attack would be judged by a file into which nobody writes."""
    (tmp_path / "server.log").touch()
    with pytest.raises(AssertionError, match="is not the log of"):
        Attacked(served_url, tmp_path / "server.log", None).wait_for_log(seconds=0.2)


def test_harm_is_reported_once(tmp_path):
    log = tmp_path / "server.log"
    attacked = Attacked("", log, None)
    log.write_text("ready\nTraceback (most recent call last):\n")
    assert attacked.new_harm() == ["Traceback (most recent call last):"]
    log.write_text(log.read_text() + "ready\n")
    assert attacked.new_harm() == []
