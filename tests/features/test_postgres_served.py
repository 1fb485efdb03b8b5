"""A real server whose features are in a real PostgreSQL."""

import signal
import time

import pytest
import requests

from tests.support.postgres_servers import postgres
from tests.support.servers import copy_of_store, serving

NAMES = "sepal_length, sepal_width, petal_length, petal_width"


@pytest.fixture(scope="module")
def store():
    with postgres() as server:
        server.psql(
            "CREATE SCHEMA crm;"
            "CREATE TABLE crm.flowers (flower_id bigint PRIMARY KEY, sepal_length float8, sepal_width numeric,"
            "    petal_length real, petal_width float8, colour text);"
            "INSERT INTO crm.flowers VALUES (17, 5.1, 3.5, 1.4, 0.2, 'blue'), (3, 6.7, 3.0, 5.2, 2.3, null),"
            "    (4, null, 3.0, 5.2, 2.3, null), (5, 'NaN', 3.0, 5.2, 2.3, null)"
        )
        yield server


@pytest.fixture(scope="module")
def url(store, bentoml_home, tmp_path_factory):
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("with_postgres"))
    features = store.url("?table=crm.flowers&id=flower_id")
    with serving(home=home, FOREST_FEATURES=features, FOREST_FEATURES_TIMEOUT_S="1") as url:
        yield url


def predict(url, *ids, query="", **body):
    return requests.post(f"{url}/predict{query}", json={"ids": ids} if ids else body, timeout=30)


def test_rows_are_predicted_by_the_ids_that_the_table_has(url):
    assert predict(url, "17", "3", "17").json() == {"predictions": [0, 2, 0]}


def test_an_id_that_the_table_lacks_is_named(url):
    reply = predict(url, "17", "'; DROP TABLE crm.flowers; --")
    assert (reply.status_code, "DROP TABLE" in reply.json()["detail"][0]["msg"]) == (404, True)
    assert predict(url, "17", "18", query="?missing=null").json() == {"predictions": [0, None]}


@pytest.mark.parametrize("id", ["4", "5"], ids=["null", "NaN"])
def test_a_value_that_is_no_number_is_named(url, id):
    reply = predict(url, id)
    assert (reply.status_code, f'"{id}"' in reply.text, "sepal_length" in reply.text) == (422, True, True)


def test_a_database_that_hangs_touches_nobody_who_brings_rows(url, store):
    store.signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        hung = predict(url, "17")
        took_s = time.monotonic() - began
        rows = predict(url, instances=[[5.1, 3.5, 1.4, 0.2]])
        ready = requests.get(f"{url}/readyz", timeout=10)
    finally:
        store.signal(signal.SIGCONT)
    assert (hung.status_code, took_s < 2) == (504, True)
    assert (rows.json(), ready.status_code) == ({"predictions": [0]}, 200)


def test_a_database_that_was_killed_is_found_again(url, store):
    predict(url, "17")
    store.kill()
    down = predict(url, "17")
    store.start()
    deadline = time.monotonic() + 20
    while (reply := predict(url, "17")).status_code != 200:
        assert time.monotonic() < deadline, reply.text
        time.sleep(0.1)
    assert (down.status_code, down.headers["Retry-After"], reply.json()) == (503, "1", {"predictions": [0]})
