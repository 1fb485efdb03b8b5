"""Feast's own feature server as the store of features, in its own environment."""

import asyncio
import os
import signal
import subprocess
import time

import msgspec
import pytest
import requests

from forest_serving.features.feast_source import FeastSource
from forest_serving.features.source import SourceFailed
from tests.support.clients import python_of
from tests.support.servers import ROOT, copy_of_store, free_port, serving, stop
from tests.support.sources import closing, fetched, until_it_answers, within

START_S = 120
FLOWERS = "?entity=flower_id&feature_service=iris"
PLANTS = "?entity=plant_id&feature_service=plants"


@pytest.fixture(scope="module")
def feast(tmp_path_factory):
    """Return a running feature server's URL, and its process."""
    folder, port = tmp_path_factory.mktemp("feast"), free_port()
    command = [python_of("feast"), ROOT / "tests" / "clients" / "feast_server.py", folder, str(port)]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"HOME": str(folder)},  # gunicorn has a socket there
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(server, url, folder / "server.log")
        yield f"{url}/get-online-features", server
    finally:
        stop(server)


def wait_until_healthy(server, url, log):
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if requests.get(f"{url}/health", timeout=10).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"Feast did not start:\n{log.read_text()}")


@pytest.fixture
def found(feast):
    """Return a function that returns what is found under ids."""
    return lambda ids, query=FLOWERS: fetched(FeastSource(feast[0] + query), ids)


def test_features_of_two_views_make_one_record(found):
    (record,) = found(["a17"])
    petal_width = record.pop("petal_width")  # a 32-bit number
    assert abs(petal_width - 0.2) < 1e-8
    assert record == {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "n_petals": 3, "colour": "blue"}


def test_an_entity_without_features_is_unknown(found):
    assert found(["nobody", "f1"])[0] is None


def test_a_feature_that_is_null_is_null(found):
    assert found(["b3"])[0]["sepal_width"] is None


def test_an_entity_that_one_view_lacks_has_null_for_its_features(found):
    (record,) = found(["f1"])
    assert (record["sepal_length"], record["petal_length"]) == (0.125, None)


@pytest.mark.parametrize("id", ["'; DROP TABLE forest_sepals; --", "\0", "../", "é" * 128, "a\n", "7"])
def test_hostile_ids_are_unknown(found, id):
    assert [record and record["sepal_length"] for record in found([id, "a17"])] == [None, 5.1]


def test_entities_with_numbers_are_found_by_their_numbers(found):
    records = found(["7", "-1", "99", "x", "07", str(2**63 - 1)], PLANTS + "&entity_type=int")
    assert [record and record["sepal_length"] for record in records] == [5.1, 5.1, None, None, None, None]


def test_features_may_be_named_one_by_one_and_in_full(found):
    query = "?entity=flower_id&features=sepals:sepal_length,petals:colour&full_feature_names=true"
    assert found(["a17"], query) == [{"sepals__sepal_length": 5.1, "petals__colour": "blue"}]


def test_a_thousand_entities_are_found_at_once(found):
    records = found([f"f{number}" for number in range(1_000)])
    assert [record["sepal_length"] * 8 for record in records] == list(range(1_000))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?entity=flower_id&feature_service=nowhere", "Feature service nowhere does not exist"),
        ("?entity=leaf_id&feature_service=iris", "Missing join key values"),
        ("?entity=flower&feature_service=iris", 'no column "flower" but flower_id, .*; set entity'),
        ("?entity=flower_id&features=sepals:nothing", "nothing"),
    ],
)
def test_what_feast_does_not_know_is_named(feast, query, words):
    with pytest.raises(SourceFailed, match=words):
        fetched(FeastSource(feast[0] + query), ["a17"])


def test_a_feast_that_hangs_is_left_at_once_and_asked_again_when_it_goes_on(feast):
    url, server = feast

    async def run():
        async with closing(FeastSource(url + FLOWERS)) as source:
            os.killpg(server.pid, signal.SIGSTOP)
            try:
                hung = await within(0.1, source.fetch(["a17"]))
            finally:
                os.killpg(server.pid, signal.SIGCONT)
            return hung, await until_it_answers(source, ["a17"])

    hung, (record,) = asyncio.run(run())
    assert hung is None
    assert msgspec.json.decode(record)["sepal_length"] == 5.1


@pytest.fixture(scope="module")
def served(feast, bentoml_home, tmp_path_factory):
    """Return the URL of a real server that has its features there."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("with_feast"))
    with serving(home=home, FOREST_FEATURES=feast[0] + FLOWERS, FOREST_FEATURES_TIMEOUT_S="5") as url:
        yield url


def predict(url, *ids, query=""):
    return requests.post(f"{url}/predict{query}", json={"ids": ids}, timeout=30)


def test_a_server_predicts_what_feast_has(served):
    assert predict(served, "a17", "a17").json() == {"predictions": [0, 0]}


def test_a_server_says_what_feast_does_not_have(served):
    assert predict(served, "a17", "nobody").status_code == 404
    assert predict(served, "a17", "nobody", query="?missing=null").json() == {"predictions": [0, None]}


def test_a_server_says_which_feature_is_null(served):
    reply = predict(served, "b3")
    assert (reply.status_code, '"b3"' in reply.text, "sepal_width" in reply.text) == (422, True, True)
