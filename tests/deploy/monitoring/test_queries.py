"""A real Prometheus asks two real servers, and every query of the dashboard and of the alerts returns data.

One serves a classifier with rows in a folder and logs predictions; the other a regressor, whose rows are in Redis.
"""

import subprocess
import sys
from math import isfinite
from types import SimpleNamespace
from urllib.parse import urlsplit

import msgspec
import pytest

from tests.deploy.monitoring.asked import ALERTS, RULES, VARIABLES, chosen, queries, value_of
from tests.served.test_metrics import poll
from tests.support import whole
from tests.support.churn import customers
from tests.support.prometheus_servers import watching
from tests.support.redis_servers import running_redis
from tests.support.servers import ROOT, copy_of_store, environment, serving

SPENT = """
from sklearn.ensemble import RandomForestRegressor
import forest_serving
from tests.support.churn import customers, pipeline, spent
table = customers().drop(columns="customer")
fitted = pipeline(RandomForestRegressor(4, max_depth=4, random_state=0)).fit(table, spent(table))
forest_serving.save("spent", fitted, table, spent(table))
"""
FLOWER = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
CUSTOMERS = customers(n_rows=250, gaps=False).drop(columns="customer").to_dict("records")
REFUSED = "forest_refusals_total{reason='InvalidInstances'}"
WRITER = {"FOREST_WRITE_KEYS": "writer"}
IN_REDIS = {"FOREST_MODEL": "spent", "FOREST_FEATURES_TIMEOUT_S": "5", "FOREST_FEATURES_CACHE_S": "60"}


@pytest.fixture(scope="module")
def home(bentoml_home, tmp_path_factory):
    """Return a store with both models."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp("both"))
    subprocess.run([sys.executable, "-c", SPENT], cwd=ROOT, env=environment(home), check=True, timeout=120)
    return home


@pytest.fixture(scope="module")
def servers(home, tmp_path_factory):
    """Yield the URLs of the classifier and of the regressor."""
    folder = tmp_path_factory.mktemp("stores")
    in_folder = {"FOREST_FEATURES": str(folder / "features"), "FOREST_PREDICTION_LOG": str(folder / "log")}
    with running_redis(folder) as redis, serving(home=home, **WRITER, **in_folder) as classifier:
        redis.store({f"c{n}": msgspec.json.encode(CUSTOMERS[n]) for n in (1, 2)})
        with serving(home=home, FOREST_FEATURES=redis.url, **IN_REDIS) as regressor:
            yield classifier, regressor


def drive(servers, n):
    """Ask for what makes every metric, the n-th time: rows, an id, the same one again, something that is refused."""
    classifier, regressor = servers
    key = {"Authorization": "Bearer writer"}
    whole.request("PUT", f"{classifier}/features/f{n}", json={"features": FLOWER}, headers=key, timeout=10)
    for url, rows, id in ((classifier, [list(FLOWER.values())] * 250, f"f{n}"), (regressor, CUSTOMERS, f"c{n}")):
        for body in ({"instances": rows}, {"ids": [id]}, {"ids": [id, id]}):
            assert whole.post(f"{url}/predict", json=body, timeout=10).ok, (url, body)
        assert whole.post(f"{url}/predict", json={"instances": "none"}, timeout=10).status_code == 400


@pytest.fixture(scope="module")
def watched(servers, tmp_path_factory):
    """Yield a Prometheus that has seen the servers' counts grow."""
    with watching(servers[0], tmp_path_factory.mktemp("watched"), servers[1], rules=[RULES]) as prometheus:
        poll(lambda: len(prometheus.ask(REFUSED)) == 2)
        drive(servers, 1)
        poll(lambda: sorted(prometheus.ask(REFUSED).values()) == [1, 1])
        drive(servers, 2)
        poll(lambda: sorted(prometheus.ask(REFUSED).values()) == [2, 2])
        poll(lambda: len(prometheus.ask("forest_drift_psi{feature='prediction'}")) == 2)
        poll(lambda: min(prometheus.ask("rate(forest_prediction_log_rows_total[1m]) > 0").values(), default=0))
        yield SimpleNamespace(prometheus=prometheus, instances=[urlsplit(url).netloc for url in servers])


def numbers(prometheus, query):
    """Return the values of a query, of which one at least must be a number."""
    found = prometheus.ask(query)
    assert any(map(isfinite, found.values())), found
    return found


@pytest.mark.parametrize(("name", "query"), queries(), ids=[name for name, _ in queries()])
def test_every_query_of_the_dashboard_returns_data(watched, name, query):
    numbers(watched.prometheus, chosen(query))


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_compares_data(watched, alert):
    numbers(watched.prometheus, value_of(alert))


def test_every_rule_is_evaluated_without_an_error(watched):
    poll(lambda: {rule["health"] for rule in rules(watched)} == {"ok"})
    assert {rule["name"] for rule in rules(watched)} == set(ALERTS)


def rules(watched):
    return [rule for group in watched.prometheus.get("rules")["groups"] for rule in group["rules"]]


def test_an_alert_says_in_words_what_is_wrong(watched):
    """This job's instances serve two models, and the rows that were asked for are all the same."""
    said = {alert["annotations"]["summary"] for alert in watched.prometheus.get("alerts")["alerts"]}
    assert "The instances of forest serve 2 models." in said
    assert "petal_length of forest does not look like the training data." in said


def choices(watched, variable, **chosen_before):
    """Return what a reader can choose of a variable."""
    query = chosen(VARIABLES[variable]["query"], **chosen_before)
    series, _, label = query.removeprefix("label_values(").removesuffix(")").rpartition(", ")
    return watched.prometheus.get(f"label/{label}/values", **{"match[]": series})


def test_a_reader_chooses_from_services_models_and_instances(watched):
    assert choices(watched, "job") == ["forest"]
    assert [tag.partition(":")[0] for tag in choices(watched, "model")] == ["iris_compiled", "spent_compiled"]
    assert choices(watched, "instance") == sorted(watched.instances)


def test_a_model_chooses_the_instances_that_serve_it(watched):
    iris, spent = choices(watched, "model")
    assert [choices(watched, "instance", model=tag) for tag in (iris, spent)] == [[each] for each in watched.instances]
