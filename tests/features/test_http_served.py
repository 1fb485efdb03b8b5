"""A server that asks a real features service: the keys between them, and what happens when that one is in trouble."""

import time
from contextlib import contextmanager

import pytest
import requests

from tests.support.proxies import until
from tests.support.servers import copy_of_store, free_port, serving

FLOWER = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
WRITER = {"Authorization": "Bearer writer"}


class FeaturesService:
    """A features service that may be ended and started again on its port."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def running(self):
        """Run it."""
        return serving(
            "features_service:Features",
            home=self.folder,
            port=self.port,
            FOREST_FEATURES=str(self.folder / "store"),
            FOREST_API_KEYS="reader",
            FOREST_WRITE_KEYS="writer",
        )


@pytest.fixture
def service(tmp_path_factory):
    return FeaturesService(tmp_path_factory.mktemp("features"))


@contextmanager
def classifying(features, home, **variables):
    with serving(home=home, FOREST_FEATURES=features, FOREST_FEATURES_TIMEOUT_S="1", **variables) as url:
        yield url


@pytest.fixture
def home(bentoml_home, tmp_path):
    return copy_of_store(bentoml_home, tmp_path / "home")


def predict(url, *ids):
    return requests.post(f"{url}/predict", json={"ids": ids}, timeout=30)


def predict_in_time(url, seconds=20):
    """Return the reply once it is a prediction."""
    deadline = time.monotonic() + seconds
    while (reply := predict(url, "a17")).status_code != 200:
        assert time.monotonic() < deadline, reply.text
        time.sleep(0.1)
    return reply


def test_a_classifier_predicts_what_another_service_has_and_goes_on_when_it_comes_back(service, home):
    with classifying(service.url, home, FOREST_FEATURES_KEY="reader") as url:
        with service.running():
            stored = requests.put(f"{service.url}/features/a17", json={"features": FLOWER}, headers=WRITER, timeout=10)
            assert stored.status_code == 201, stored.text
            assert predict_in_time(url).json() == {"predictions": [0]}
            assert predict(url, "a17", "../'").status_code == 404
        down = predict(url, "a17")
        rows = requests.post(f"{url}/predict", json={"instances": [list(FLOWER.values())]}, timeout=30)
        assert (down.status_code, down.headers["Retry-After"], rows.json()) == (503, "1", {"predictions": [0]})
        with service.running():
            assert predict_in_time(url).json() == {"predictions": [0]}


def test_a_wrong_key_is_told_to_the_log_and_not_to_clients(service, home):
    with service.running(), classifying(service.url, home, FOREST_FEATURES_KEY="wrong") as url:
        refused = predict(url, "a17")
        log = until(lambda: words if "cannot be asked" in (words := (home / "server.log").read_text()) else "", 10)
    assert (refused.status_code, "key" in refused.text) == (503, False)
    assert "answered 401" in log
    assert "set FOREST_FEATURES_KEY to a key that it takes" in log
