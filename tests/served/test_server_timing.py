"""Where the time goes, told by a real server: in the reply's header and in the metrics, whichever way it answers."""

import re

import pytest

from tests.served.test_metrics import metrics, value
from tests.support import whole
from tests.support.servers import copy_of_store, serving

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2]]}
STAGE = r"{};dur=(\d+\.\d+)"
TOLD = re.compile(", ".join(map(STAGE.format, ("read", "predict", "write", "total"))))


@pytest.fixture(scope="module")
def url(bentoml_home, way, tmp_path_factory):
    """Return the URL of a server that nobody else asks."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("timed"))
    with serving(home=home, **way) as url:
        yield url


def ask(url, body=ROWS, **headers):
    return whole.post(f"{url}/predict", json=body, headers=headers, timeout=10)


@pytest.mark.parametrize("n_rows", [1, 9_000])
def test_whoever_prefers_it_is_told_the_milliseconds_of_each_stage(url, n_rows):
    """Also where a body is so long that others have their turn in between."""
    reply = ask(url, {"instances": ROWS["instances"] * n_rows}, Prefer="server-timing")
    times = list(map(float, TOLD.fullmatch(reply.headers["Server-Timing"]).groups()))
    assert 0 < sum(times[:-1]) < times[-1] < reply.elapsed.total_seconds() * 1e3
    assert reply.headers["Preference-Applied"] == "server-timing"


def test_the_same_request_without_the_preference_is_told_nothing(url):
    """Heads are kept by their bytes: one that asks must not answer for one that does not."""
    assert ["Server-Timing" in ask(url, **each).headers for each in ({}, {"Prefer": "server-timing"}, {}) * 3] == [
        False,
        True,
        False,
    ] * 3


def test_the_metrics_tell_each_stage_of_all_workers(url):
    before = metrics(url)
    for _ in range(3):
        ask(url)
    ask(url, {"instances": []})
    found = metrics(url)
    counts = {
        stage: value(found, "forest_stage_seconds_count", stage=stage)
        - value(before, "forest_stage_seconds_count", stage=stage)
        for stage in ("read", "features", "predict", "write")
    }
    assert counts == {"read": 4, "features": 0, "predict": 3, "write": 3}
    assert 0 < value(found, "forest_stage_seconds_sum", stage="predict") < 1


def test_all_are_told_where_the_operator_says_so(bentoml_home, way, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    with serving(home=home, FOREST_SERVER_TIMING="true", **way) as url:
        reply = ask(url)
    assert TOLD.fullmatch(reply.headers["Server-Timing"])
    assert "Preference-Applied" not in reply.headers
