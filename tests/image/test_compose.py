"""deploy/compose.yaml with a real engine: two replicas, HAProxy, Prometheus."""

import json
import time

import pytest
import requests

from tests.support.image.clients import Clients
from tests.support.image.compose import REPLICAS, Project, brought_up
from tests.support.image.containers import ROWS, wait_until
from tests.support.servers import ROOT

N_REQUESTS = 500
PAUSE_S = 0.005
COUNTED = 'sum(bentoml_service_request_total{endpoint="/predict"})'


@pytest.fixture(scope="module")
def project(engine, image, haproxy_image, prometheus_image, tmp_path_factory):
    images = {"IMAGE": image, "HAPROXY_IMAGE": haproxy_image, "PROMETHEUS_IMAGE": prometheus_image}
    with brought_up(engine, images, tmp_path_factory.mktemp("compose")) as project:
        wait_until(lambda: all(ready(f"http://{address}:3000") for address in REPLICAS.values()), 60)
        wait_until(lambda: ready(project.balancer), 10)
        yield project


def ready(url):
    """Return whether a server says that it is ready."""
    try:
        return requests.get(f"{url}/readyz", timeout=2).ok
    except requests.RequestException:
        return False


def asked(project, query):
    """Return the one number that Prometheus has for a query, or None."""
    try:
        reply = requests.get(f"{project.prometheus}/api/v1/query", params={"query": query}, timeout=5).json()
    except requests.RequestException:
        return None
    result = reply["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def test_prometheus_counts_what_the_client_sent(project):
    """Over both replicas, exactly."""
    wait_until(lambda: asked(project, 'sum(up{job="iris"})') == 2, 30)
    with requests.Session() as session:
        for _ in range(N_REQUESTS):
            assert session.post(f"{project.balancer}/predict", json=ROWS, timeout=10).json() == {"predictions": [0]}
    wait_until(lambda: asked(project, COUNTED) == N_REQUESTS, 30)
    assert asked(project, f"count({COUNTED[4:-1]} > 0)") == 2


def test_a_replica_is_killed_under_load_and_comes_back_and_no_request_fails(project, engine, image):
    container = project.container("iris-a")
    with Clients(project.balancer, PAUSE_S) as clients:
        wait_until(lambda: clients.answered > 100, 20)
        project.kill("iris-a", image)
        begun = time.monotonic()
        wait_until(lambda: engine.run("inspect", "--format", "{{.RestartCount}}", container) == "1", 20)
        wait_until(lambda: ready(f"http://{REPLICAS['iris-a']}:3000"), 60)
        print(f"killed, and ready again after {time.monotonic() - begun:.1f} s")
        after = clients.answered
        wait_until(lambda: clients.answered > after + 200, 20)
    assert clients.failures == []


def test_a_header_beyond_the_limit_is_refused(project):
    reply = requests.get(f"{project.balancer}/model", headers={"X-Long": "x" * 20_000}, timeout=10)
    assert reply.status_code == 400


def test_prometheus_looks_at_the_alerts(project):
    groups = requests.get(f"{project.prometheus}/api/v1/rules", timeout=5).json()["data"]["groups"]
    assert "ForestGone" in [rule["name"] for group in groups for rule in group["rules"]]


def test_compose_takes_grafana_as_shipped(project):
    """Its image cannot be had here."""
    files = [ROOT / "deploy" / name for name in ("compose.yaml", "compose.monitoring.yaml")]
    shipped = Project(project.engine, project.client, project.environment, *files)
    assert {"grafana", "prometheus", "iris-a"} <= set(shipped.compose("config", "--services").split())


@pytest.mark.parametrize("service", ["iris-a", "iris-b", "balancer", "prometheus"])
def test_no_service_has_privileges_or_a_writable_root_that_it_does_not_need(project, engine, service):
    host = json.loads(engine.run("inspect", project.container(service)))[0]["HostConfig"]
    assert (host["CapDrop"], host["SecurityOpt"]) == (["ALL"], ["no-new-privileges:true"])
    assert host["ReadonlyRootfs"] == (service != "prometheus")
