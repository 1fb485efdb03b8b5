"""Features that a real server of two workers shares: no update is lost, and what is loaded is seen at once."""

import json
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
import requests

from tests.support.redis_servers import running_redis
from tests.support.servers import ROOT, copy_of_store, environment, serving
from tests.support.wire import ask, request
from tests.support.workers import workers_of

NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
ROW = dict(zip(NAMES, [5.1, 3.5, 1.4, 0.2], strict=True))
WRITER = {"Authorization": "Bearer writer"}
N_THREADS, N_INCREMENTS = 8, 25
N_MANY = 1_000_000
HOSTILE = ["../livez", "..", "a/b", "a\\b", "\0", "\n", "ü" * 128, "%2F", "?x=1#y", " ", "{id}", "a:b", "' OR 1=1"]


@pytest.fixture(scope="module", params=["embedded", "redis"])
def store(request, tmp_path_factory):
    """Yield where features are stored."""
    folder = tmp_path_factory.mktemp("store")
    if request.param == "embedded":
        yield str(folder / "features")
        return
    with running_redis(folder) as server:
        yield server.url


@pytest.fixture(scope="module")
def url(bentoml_home, store, tmp_path_factory):
    """Return the URL of a server with two workers."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("features"))
    variables = {"FOREST_FEATURES": store, "FOREST_WRITE_KEYS": "writer", "FOREST_FEATURES_TIMEOUT_S": "5"}
    with serving(home=home, BENTOML_CONFIG_OPTIONS="services.IrisClassifier.workers=2", **variables) as url:
        assert len(workers_of(url)) == 2
        yield url


def put(url, id, features=ROW, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.put(f"{url}/features/{id}", json={"features": features}, headers=WRITER | named, timeout=30)


def add_one(url, id):
    """Read a number, and write one more on the condition that it is still what was read; until that succeeds."""
    while True:
        read = requests.get(f"{url}/features/{id}", timeout=30)
        features = read.json()["features"]
        done = put(url, id, features | {"sepal_length": features["sepal_length"] + 1}, If_Match=read.headers["etag"])
        if done.status_code == 204:
            return
        assert done.status_code == 412, done.text


def test_no_update_is_lost(url):
    put(url, "counter", ROW | {"sepal_length": 0})
    with ThreadPoolExecutor(N_THREADS) as pool:
        list(pool.map(lambda _: add_one(url, "counter"), range(N_THREADS * N_INCREMENTS)))
    read = requests.get(f"{url}/features/counter", timeout=30)
    assert read.json()["features"]["sepal_length"] == N_THREADS * N_INCREMENTS


def test_one_of_many_makes_what_is_new(url):
    with ThreadPoolExecutor(N_THREADS) as pool:
        statuses = list(pool.map(lambda _: put(url, "new", If_None_Match="*").status_code, range(30)))
    assert sorted(statuses) == [201] + [412] * 29


@pytest.mark.parametrize("id", HOSTILE)
def test_hostile_ids_are_ids(url, id):
    """Sent as they are: a client might take dots away."""
    target = f"/features/{quote(id, safe='')}".encode()
    body = json.dumps({"features": ROW}).encode()
    key = b"Authorization: Bearer writer"
    (stored,) = ask(url, request(body, key, b"Content-Type: application/json", method=b"PUT", target=target))
    (found,) = ask(url, request(method=b"GET", target=target))
    (predicted,) = ask(url, request(json.dumps({"ids": [id]}).encode()))
    assert (stored.status, found.status, predicted.status) == (201, 200, 200)
    assert json.loads(found.body)["id"] == id


def test_an_id_makes_no_series_of_metrics(url):
    for number in range(20):
        requests.get(f"{url}/features/x{number}", timeout=30)
    metrics = requests.get(f"{url}/metrics", timeout=30).text
    places = set(re.findall(r'endpoint="(/features[^"]*)"', metrics))
    assert places <= {"/features", "/features/{id}", "/features/{id}/prediction", "/features:lookup"}


def test_what_is_loaded_is_seen_at_once_by_all_workers(url, store, tmp_path):
    for sepal_length in (1.5, 2.5, 3.5):
        file = tmp_path / "rows.csv"
        file.write_text(f"id,{','.join(NAMES)}\n" + "".join(f"load{n},{sepal_length},1,1,1\n" for n in range(3000)))
        load = ["-m", "forest_serving", "features", "load", str(file), "--id-column", "id", "--to", store]
        done = subprocess.run([sys.executable, *load, "--unchecked"], cwd=ROOT, env=environment(tmp_path), timeout=100)
        assert done.returncode == 0
        seen = {
            requests.get(f"{url}/features/load{n}", timeout=30).json()["features"]["sepal_length"]
            for n in range(0, 3000, 100)
        }
        assert seen == {sepal_length}


@pytest.mark.parametrize("store", ["embedded"], indirect=True)  # Redis takes a load in batches
def test_readers_see_a_load_whole_or_not_at_all(url, store, tmp_path):
    ids = [f"whole{n}" for n in range(2000)]
    seen, ended = set(), threading.Event()

    def read():
        while not ended.is_set():
            records = requests.post(f"{url}/features:lookup", json={"ids": ids}, timeout=30).json()["records"]
            seen.add(tuple({record and record["sepal_length"] for record in records}))

    readers = [threading.Thread(target=read) for _ in range(2)]
    [reader.start() for reader in readers]
    for value in (1.5, 2.5, 3.5, 4.5):
        file = tmp_path / "rows.csv"
        file.write_text(f"id,{','.join(NAMES)}\n" + "".join(f"{id},{value},1,1,1\n" for id in ids))
        load = ["-m", "forest_serving", "features", "load", str(file), "--id-column", "id", "--to", store]
        subprocess.run([sys.executable, *load, "--unchecked"], cwd=ROOT, env=environment(tmp_path), check=True)
    ended.set()
    [reader.join() for reader in readers]
    assert {len(values) for values in seen} == {1}
    assert (4.5,) in seen or (3.5,) in seen


def test_a_million_ids_are_paged_without_holding_anybody_up(bentoml_home, tmp_path):
    file, store = tmp_path / "rows.csv", str(tmp_path / "features")
    with file.open("w") as rows:
        rows.write(f"id,{','.join(NAMES)}\n")
        rows.writelines(f"{number:07},{number % 90 / 10},3,4,1\n" for number in range(N_MANY))
    load = ["-m", "forest_serving", "features", "load", str(file), "--id-column", "id", "--to", store, "--unchecked"]
    subprocess.run([sys.executable, *load], cwd=ROOT, env=environment(tmp_path), check=True, timeout=200)
    home = copy_of_store(bentoml_home, tmp_path)
    with serving(home=home, FOREST_FEATURES=store) as url, requests.Session() as session:
        n_found, after, slowest_s = 0, "", 0.0
        while after is not None:
            began = time.perf_counter()
            page = session.get(f"{url}/features", params={"limit": 1000, "after": after}, timeout=30).json()
            slowest_s = max(slowest_s, time.perf_counter() - began)
            assert [record["id"] for record in page["features"]][:1] == [f"{n_found:07}"]
            n_found += len(page["features"])
            after = page["next"]
    assert n_found == N_MANY
    assert slowest_s < 5
