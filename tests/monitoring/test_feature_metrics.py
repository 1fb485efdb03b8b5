"""What is told of a store of features, where there is one."""

import asyncio
import os
import subprocess
import sys

import msgspec

from forest_serving.monitoring.counts import total
from forest_serving.monitoring.exposition import Exposition
from tests.features.made_up import MadeUp, fetching, found
from tests.monitoring.monitors import IRIS, monitor
from tests.monitoring.test_exposition import samples


def told(watching, read=None):
    """Return what a worker's metrics say."""
    return samples(Exposition(IRIS, {}, {}, read or watching.read, None).render())


def watched(*steps, **settings):
    """Return the monitor of a worker whose store was asked for some ids, or failed."""

    async def live():
        for ids in steps:
            source.fault = None if ids else OSError("down")
            await found(features, *(ids or ["a"]))

    source = MadeUp(a="1")
    features = fetching(source, **settings)
    asyncio.run(live())
    return monitor(tally=features.tally)


def test_without_a_store_nothing_is_told_of_one():
    assert not [name for name, *_ in told(monitor()) if name.startswith("forest_feature_")]


def test_before_the_first_request_every_outcome_and_origin_is_there():
    names = {key for key in told(watched()) if key[0].startswith("forest_feature_")}
    assert {("forest_feature_fetches_total", ("outcome", each)) for each in ("ok", "failed", "too_slow")} <= names
    assert {("forest_feature_ids_total", ("origin", o)) for o in ("fetched", "joined", "cache", "stale")} <= names


def test_fetches_and_ids_are_counted():
    found = told(watched(["a", "a", "b"], ["a"], cache_s=60))
    assert found["forest_feature_fetches_total", ("outcome", "ok")] == 1
    assert found["forest_feature_fetch_seconds_count",] == 1
    origins = [found["forest_feature_ids_total", ("origin", o)] for o in ("fetched", "joined", "cache", "stale")]
    assert (origins, found["forest_feature_cache_age_seconds_count",]) == ([2, 1, 1, 0], 1)


def test_a_store_that_fails_is_told_to_be_down_until_it_answers():
    assert told(watched(["a"], []))["forest_feature_source_up",] == 0
    assert told(watched([], ["a"]))["forest_feature_source_up",] == 1


def test_workers_are_summed_and_one_that_cannot_ask_shows():
    watching = [watched(["a"]), watched([])]
    for each in watching:
        each.fold()
    found = told(None, lambda: total([each.counts for each in watching]))
    assert found["forest_feature_source_up",] == 0
    assert found["forest_feature_ids_total", ("origin", "fetched")] == 1
    assert found["forest_feature_fetches_total", ("outcome", "failed")] == 1


def test_of_a_dead_worker_what_it_counted_stays_but_not_that_its_store_was_down(tmp_path):
    watching = monitor(folder=tmp_path, tally=fetching(MadeUp()).tally)
    dead = watched([], ["a"], [])
    dead.fold()
    dead.counts.features.n_waiting = 7
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    name = f"forest-{os.getppid()}-{child.pid}-01234567.json"
    (tmp_path / name).write_bytes(msgspec.json.encode(dead.counts))
    found = told(watching)
    assert found["forest_feature_fetches_total", ("outcome", "ok")] == 1
    assert (found["forest_feature_source_up",], found["forest_feature_ids_waiting",]) == (1, 0)
