"""deploy/compose.yaml is in step with the code, HAProxy's and Prometheus's files; tests/image brings it up."""

import yaml

from forest_serving.settings import read_settings
from tests.support.servers import ROOT

SERVICES = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
PORT = yaml.safe_load((ROOT / "configuration.yaml").read_text())["services"]["IrisClassifier"]["http"]["port"]
REPLICAS = {name: service for name, service in SERVICES.items() if service["image"].startswith("${IMAGE:?")}
ADDRESSES = {f"{name}:{PORT}" for name in REPLICAS}
SPARE_S = 10


def test_the_balancer_knows_every_replica():
    variables = SERVICES["balancer"]["environment"]
    assert {variables["PROXY_SERVER_A"], variables["PROXY_SERVER_B"]} == ADDRESSES
    assert len(ADDRESSES) == 2


def test_prometheus_scrapes_every_replica():
    (job,) = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text())["scrape_configs"]
    assert set(job["static_configs"][0]["targets"]) == ADDRESSES


def test_a_replica_has_time_to_drain():
    settings = read_settings({})
    for replica in REPLICAS.values():
        assert (
            int(replica["stop_grace_period"].removesuffix("s")) >= settings.drain_s + settings.body_timeout_s + SPARE_S
        )


def test_every_mounted_file_is_there():
    mounts = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert all((ROOT / "deploy" / mount).exists() for mount in mounts if mount.startswith("./"))
