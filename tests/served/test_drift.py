"""GET /drift and its gauges of a real server, with one worker and with two."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from tests.served.test_metrics import metrics, poll, value
from tests.support import whole
from tests.support.servers import copy_of_store, serving

ROWS = load_iris().data
RNG = np.random.default_rng(0)


def ask(url, n_requests, n_rows=1, shift=0.0):
    """Ask for flowers, with petals that are longer by so many standard deviations."""
    for _ in range(n_requests):
        rows = ROWS[RNG.integers(0, 150, n_rows)] + [0, 0, shift * ROWS[:, 2].std(), 0]
        assert whole.post(f"{url}/predict", json={"instances": rows.tolist()}, timeout=10).ok


def drift(url, **options):
    """Return what the server tells."""
    return whole.get(f"{url}/drift", timeout=10, **options).json()


@pytest.fixture(scope="module")
def watching(bentoml_home, way, tmp_path_factory):
    """Return a server's URL, and its reply before any row."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("watching"))
    with serving(home=home, **way) as url:
        yield url, drift(url)


def test_drift_is_told_of_rows_as_they_come(watching):
    """One by one, a few or many, the same petals are found too long."""
    url, before = watching
    assert (before["drifted"], before["window"]["rows"]) == (None, 0)
    ask(url, 500)
    poll(lambda: drift(url)["verdict"].startswith("No drift: the latest "))
    ask(url, 100, shift=1.0)
    ask(url, 10, n_rows=10, shift=1.0)
    ask(url, 10, n_rows=50, shift=1.0)
    poll(lambda: [each["name"] for each in drift(url)["features"] if each["drifted"]] == ["petal_length"])
    poll(lambda: value(metrics(url), "forest_drift_detected", feature="petal_length") == 1)


def test_the_document_describes_the_reply(watching):
    url, _ = watching
    described = whole.get(f"{url}/docs.json", timeout=10).json()["paths"]["/drift"]["get"]["responses"]["200"]
    assert "verdict" in described["content"]["application/json"]["schema"]["properties"]


def test_two_workers_watch_one_window(bentoml_home, way, tmp_path):
    """Each counts the rows that it got, and either tells of all."""
    home = copy_of_store(bentoml_home, tmp_path)
    two = {"BENTOML_CONFIG_OPTIONS": "services.IrisClassifier.workers=2"}
    with serving(home=home, **two, **way) as url:
        ask(url, 120, n_rows=10)
        # Each worker keeps up to 99 rows that fill no piece, and tells the other what it counted after 0.1 s.
        poll(lambda: drift(url)["window"]["rows"] >= 1_000)
        assert not drift(url)["drifted"]
        ask(url, 50, n_rows=10, shift=1.0)
        poll(lambda: {drift(url)["features"][2]["drifted"] for _ in range(20)} == {True})


def test_it_needs_a_key_as_other_paths_do(bentoml_home, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    with serving(home=home, FOREST_API_KEYS="secret") as url:
        assert whole.get(f"{url}/drift", timeout=10).status_code == 401
        assert drift(url, headers={"Authorization": "Bearer secret"})["drifted"] is None


def test_it_can_be_switched_off(bentoml_home, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    with serving(home=home, FOREST_DRIFT="false") as url:
        ask(url, 1, n_rows=500)
        assert whole.get(f"{url}/drift", timeout=10).status_code == 404
        assert not [name for name, *_ in metrics(url) if name.startswith("forest_drift")]


def test_the_window_can_be_longer(bentoml_home, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    with serving(home=home, FOREST_DRIFT_ROWS="5000") as url:
        ask(url, 8, n_rows=1_000)
        poll(lambda: drift(url)["window"]["rows"] == 5_000)
        assert (drift(url)["window"]["of_rows"], drift(url)["window"]["recent_rows"]) == (5_000, 1_500)
