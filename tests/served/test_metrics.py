"""/metrics: right, for one worker and for several, and through a worker's death."""

import contextlib
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.support import whole
from tests.support.servers import copy_of_store, serving
from tests.support.workers import folder_of_counts, workers_of
from tools import reference

ROWS = {"instances": [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3], [50, 3.5, 1.4, 0.2]]}
REQUESTS = "bentoml_service_request_total"


def metrics(url, get=whole.get):
    """Return every sample by its name, with what its labels are."""
    text = get(f"{url}/metrics", timeout=10).text
    families = text_string_to_metric_families(text)
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


def value(samples, name, **labels):
    """Return the sum of the samples of a name that have these labels."""
    return sum(
        number for (each, *pairs), number in samples.items() if each == name and labels.items() <= dict(pairs).items()
    )


@pytest.fixture(scope="module")
def counted(bentoml_home, way, tmp_path_factory):
    """Return the samples after a known set of requests."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("counted"))
    with serving(home=home, **way) as url:
        for path, body in (("/predict", ROWS), ("/predict", {"instances": [[1, 2, 3, 4]]}), ("/predict_proba", {})):
            whole.post(f"{url}{path}", json=body, timeout=10)
        for number, method in enumerate(["PUT", "DELETE", "PATCH", "PROPFIND"] * 5):
            whole.get(f"{url}/unknown/{number}", timeout=10)
            whole.request(method, f"{url}/predict", timeout=10)
        yield metrics(url)


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        (REQUESTS, {"endpoint": "/predict", "http_response_code": "200"}, 2),
        (REQUESTS, {"endpoint": "/predict_proba", "http_response_code": "400"}, 1),
        (REQUESTS, {"endpoint": "/predict", "http_response_code": "405"}, 20),
        (REQUESTS, {"endpoint": "unknown", "http_response_code": "404"}, 20),
        ("bentoml_service_request_duration_seconds_count", {"endpoint": "/predict", "http_response_code": "200"}, 2),
        ("bentoml_service_request_duration_seconds_bucket", {"endpoint": "unknown", "le": "+Inf"}, 20),
        ("forest_request_rows_sum", {}, 4),
        ("forest_request_rows_bucket", {"le": "1.0"}, 1),
        ("forest_predictions_total", {"class": "setosa"}, 2),
        ("forest_predictions_total", {}, 4),
        ("forest_out_of_range_values_total", {"feature": "sepal_length"}, 2),
        ("forest_out_of_range_values_total", {"feature": "petal_width"}, 1),
        ("forest_refusals_total", {"reason": "InvalidInstances"}, 1),
        ("forest_refusals_total", {"reason": "UnknownPath"}, 20),
        ("forest_model_info", {}, 1),
    ],
)
def test_everything_is_counted_once(counted, name, labels, expected):
    """And nothing else is: the examples of /docs.json are answered without a request."""
    assert value(counted, name, **labels) == expected


def test_a_stranger_cannot_make_series(counted):
    assert sum(name == REQUESTS for name, *_ in counted) == 4


def test_each_metric_is_documented_with_its_labels(counted):
    documented = {line.split(" | ")[0].strip("| `"): line.split(" | ")[2] for line in reference.metrics().splitlines()}
    for name, *labels in counted:
        metric = re.sub("_(bucket|count|sum)$", "", name)
        assert set(re.findall("[a-z_0-9]+", documented[metric])) == {label for label, _ in labels} - {"le"}


def test_the_model_is_named_with_its_hash_and_accuracy(counted):
    (info,) = (dict(labels) for name, *labels in counted if name == "forest_model_info")
    assert info["tag"].startswith("iris_compiled:")
    assert len(info["sha256"]) == 64
    assert float(info["accuracy"]) > 0.9


def test_several_workers_are_counted_together_and_a_dead_one_is_not_forgotten(bentoml_home, way, tmp_path):
    home = copy_of_store(bentoml_home, tmp_path)
    with serving(home=home, BENTOML_CONFIG_OPTIONS="services.IrisClassifier.workers=2", **way) as url:
        with ThreadPoolExecutor(8) as pool:
            replies = pool.map(lambda _: whole.post(f"{url}/predict", json=ROWS, timeout=10).ok, range(200))
        assert all(replies)
        poll(lambda: value(metrics(url), REQUESTS, endpoint="/predict") == 200)
        poll(lambda: n_flushed(url) == 200)
        workers_of(url)[0].kill()
        poll(lambda: value(metrics(url), REQUESTS, endpoint="/predict") == 200)
        poll(lambda: value(metrics(url), "forest_predictions_total") == 600)


def n_flushed(url):
    """Return how many answers to /predict the workers' files hold; the worker that is asked knows more of itself."""
    snapshots = [json.loads(path.read_bytes()) for path in folder_of_counts(url).glob("forest-*.json")]
    return sum(sum(each["durations_s"].get("/predict", {}).get("200", [0])[:-1]) for each in snapshots)


def poll(condition, timeout_s=30):
    """Return once a condition holds; a killed worker resets the connections that it had taken."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException):
            if condition():
                return
        time.sleep(0.05)
    raise AssertionError("it did not come true")


def test_a_worker_that_nobody_asks_is_counted_too(bentoml_home, tmp_path):
    """One connection leads to one worker, which is the only one that is asked."""
    home = copy_of_store(bentoml_home, tmp_path)
    with (
        serving(home=home, BENTOML_CONFIG_OPTIONS="services.IrisClassifier.workers=2") as url,
        requests.Session() as one,
    ):
        poll(lambda: value(metrics(url, one.get), "forest_workers") == 2)
        found = metrics(url, one.get)
        assert value(found, "forest_worker_memory_bytes") > 2 * 2**25
        assert value(found, "forest_worker_cpu_seconds_total") > 0
