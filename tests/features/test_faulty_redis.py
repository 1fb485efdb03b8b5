"""A real Redis is cut off, stalls, is slow or killed, under load: only requests by id notice it, and not for long."""

import statistics
from types import SimpleNamespace

import psutil
import pytest
import requests

from forest_serving.features.fetching import MOST_FETCHES
from tests.features.observing import BY_ID, BY_ROW, STORED, TIMEOUT_S, observe
from tests.served.test_metrics import metrics, poll, value
from tests.support.links import Link
from tests.support.redis_servers import RedisServer, running_redis
from tests.support.servers import copy_of_store, serving

BUSY_S = 1.0  # by how much a machine may be later than it is with requests that need no store


@pytest.fixture(scope="module")
def served(bentoml_home, tmp_path_factory):
    """Yield a server, the Redis that it asks, and the link between them."""
    folder = tmp_path_factory.mktemp("faulty")
    home = copy_of_store(bentoml_home, folder / "home")
    with running_redis(folder) as server, Link(server.port) as link:
        server.store(STORED)
        with serving(home=home, FOREST_FEATURES=f"redis://127.0.0.1:{link.port}/0") as url:
            yield SimpleNamespace(url=url, redis=server, link=link)


def restart(server):
    server.start()
    server.store(STORED)


FAULTS = {
    "cut": (lambda s: s.link.cut(), lambda s: s.link.mend()),
    "stalled": (lambda s: s.redis.stall(), lambda s: s.redis.go_on()),
    "slow": (lambda s: setattr(s.link, "delay_s", 3 * TIMEOUT_S), lambda s: setattr(s.link, "delay_s", 0)),
    "killed": (lambda s: s.redis.kill(), lambda s: restart(s.redis)),
}


@pytest.fixture(scope="module", params=FAULTS)
def observed(request, served):
    """Return the answers around a fault, and when it began and ended."""
    harm, repair = FAULTS[request.param]
    poll(lambda: requests.post(f"{served.url}/predict", json=BY_ID, timeout=10).ok)
    answers, (begun_s, ended_s) = observe(served.url, 0.5, lambda: harm(served), 3.0, lambda: repair(served), 3.0)
    assert answers.statuses("id") >= {200, 503}
    return answers, begun_s, ended_s


@pytest.mark.parametrize("kind", ["row", "ready"])
def test_requests_that_need_no_store_do_not_notice(observed, kind):
    assert observed[0].statuses(kind) == {200}


def test_requests_by_id_are_told_so_and_when_to_come_back(observed):
    refused = [answer for answer in observed[0].of("id") if answer.status != 200]
    assert {(answer.status, answer.retry_after) for answer in refused} <= {(503, "1"), (504, "1")}


def test_nobody_waits_longer_than_the_deadline(observed):
    by_row_s, by_id_s = (max(answer.took_s for answer in observed[0].of(kind)) for kind in ("row", "id"))
    assert by_id_s < TIMEOUT_S + by_row_s + BUSY_S


def test_soon_they_are_told_at_once(observed):
    answers, begun_s, ended_s = observed
    late = [answer for answer in answers.of("id", begun_s + 1.0, 503) if answer.sent_s < ended_s]
    assert statistics.median(answer.took_s for answer in late) < TIMEOUT_S / 2


def test_it_heals_by_itself(observed):
    answers, _, ended_s = observed
    assert answers.statuses("id", ended_s + 2.5) == {200}


def test_a_request_by_row_asks_the_store_nothing(served):
    before = served.redis.n_calls("mget")
    for _ in range(20):
        requests.post(f"{served.url}/predict", json=BY_ROW, timeout=10).raise_for_status()
    assert served.redis.n_calls("mget") == before


def test_metrics_tell_what_became_of_fetches_and_ids(served):
    poll(lambda: value(metrics(served.url), "forest_feature_source_up") == 1)
    samples = metrics(served.url)
    assert value(samples, "forest_feature_fetches_total", outcome="ok") > 0
    assert value(samples, "forest_feature_fetches_total", outcome="too_slow") > 0


def test_a_store_that_hangs_fills_no_memory(served):
    def used_bytes():
        workers = psutil.Process(served_pid(served.url)).children()
        return max(process.memory_info().rss for process in workers)

    poll(lambda: requests.post(f"{served.url}/predict", json=BY_ID, timeout=10).ok)
    before = used_bytes()
    served.redis.stall()
    try:
        observe(served.url, 3.0)
    finally:
        served.redis.go_on()
    assert used_bytes() - before < 20e6


def served_pid(url):
    """Return the process that holds the port of a server."""
    port = int(url.rpartition(":")[2])
    return next(process.pid for process in psutil.Process().children() if f"{port}" in process.cmdline())


def test_a_store_that_is_down_at_the_start_stops_nothing(bentoml_home, tmp_path):
    server = RedisServer(tmp_path)
    home = copy_of_store(bentoml_home, tmp_path / "home")
    with serving(home=home, FOREST_FEATURES=server.url) as url:
        assert requests.post(f"{url}/predict", json=BY_ROW, timeout=10).status_code == 200
        assert requests.post(f"{url}/predict", json=BY_ID, timeout=10).status_code == 503
        assert value(metrics(url), "forest_feature_source_up") == 0
        try:
            restart(server)
            poll(lambda: requests.post(f"{url}/predict", json=BY_ID, timeout=10).ok)
        finally:
            server.kill()


def test_under_load_one_fetch_answers_many_requests(bentoml_home, tmp_path):
    """Redis counts for itself how often it was asked, by five times as many clients as there may be fetches.

    It is slower than any machine that these tests run on, and the deadline far away: nothing here depends on time.
    """
    home = copy_of_store(bentoml_home, tmp_path / "home")
    with running_redis(tmp_path) as redis, Link(redis.port) as link:
        redis.store(STORED)
        features = f"redis://127.0.0.1:{link.port}/0"
        with serving(home=home, FOREST_FEATURES=features, FOREST_FEATURES_TIMEOUT_S="10") as url:
            link.delay_s = 0.5
            answers, _ = observe(url, 3.0, n_by_id=5 * MOST_FETCHES)
            joined = value(metrics(url), "forest_feature_ids_total", origin="joined")
        n_fetches = redis.n_calls("mget")
    assert answers.statuses("id") == {200}
    assert 0 < n_fetches < len(answers.of("id")) / 2
    assert joined > 0
