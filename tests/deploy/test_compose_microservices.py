"""deploy/compose.microservices.yaml is in step with the code, HAProxy's and Prometheus's files; tests/image runs it."""

import re
import subprocess

import pytest
import yaml

from forest_serving.settings import SETTINGS, read_settings
from tests.support.proxies import HAPROXY
from tests.support.servers import ROOT

DEPLOY = ROOT / "deploy"
PROJECT = yaml.safe_load((DEPLOY / "compose.microservices.yaml").read_text())
SERVICES = PROJECT["services"]
BETWEEN = (DEPLOY / "haproxy.features.cfg").read_text()
CONFIGURED = yaml.safe_load((ROOT / "configuration.yaml").read_text())["services"]
PORT = CONFIGURED["Features"]["http"]["port"]
REPLICAS = ("classifier", "features")
SPARE_S = 10


def said(pattern):
    """Return what haproxy.features.cfg has where the pattern's group is, once."""
    (found,) = re.findall(pattern, BETWEEN)
    return found


def settings_of(service):
    """Return the settings that a service has, whatever its secrets are."""
    given = SERVICES[service].get("environment", {})
    own = {setting.variable for setting in SETTINGS}
    variables = {name: re.sub(r"\$\{\w+(:-(\w*)|:\?[^}]*)\}", r"\2", text) for name, text in given.items()}
    assert set(variables) <= own
    return read_settings(variables)


def test_each_balancer_finds_the_replicas_by_their_services_name_on_a_network_of_both():
    assert SERVICES["balancer"]["environment"] == {"PROXY_SERVICE": f"classifier:{PORT}"}
    assert said(r"\$\{PROXY_SERVICE-([^}]+)\}") == f"features:{PORT}"
    assert set(SERVICES["balancer"]["networks"]) & set(SERVICES["classifier"]["networks"]) == {"front"}
    assert set(SERVICES["features-balancer"]["networks"]) & set(SERVICES["features"]["networks"]) == {"behind"}


def test_classifiers_ask_the_balancer_in_front_of_features():
    port = said(r"\$\{PROXY_LISTEN-:(\d+)\}")
    assert settings_of("classifier").features == f"http://features-balancer:{port}"
    assert set(SERVICES["features-balancer"]["networks"]) & set(SERVICES["classifier"]["networks"]) == {"middle"}


def test_nobody_but_features_shares_a_network_with_redis():
    (network,) = SERVICES["redis"]["networks"]
    assert {name for name, service in SERVICES.items() if network in service["networks"]} == {"redis", "features"}


@pytest.mark.parametrize("service", ["classifier", "features", "features-balancer", "redis"])
def test_nothing_but_the_balancer_and_prometheus_can_be_reached_from_outside(service):
    assert "ports" not in SERVICES[service]
    assert all(PROJECT["networks"][name] == {"internal": True} for name in SERVICES[service]["networks"])


def test_a_hung_features_service_is_given_up_before_the_classifier_gives_up():
    """A slow store is the features service's answer; after a service that hangs, another one can answer."""
    try_s = int(said(r"\$\{PROXY_SERVER_TIMEOUT-(\d+)ms\}")) / 1000
    assert settings_of("features").features_timeout_s < try_s < settings_of("classifier").features_timeout_s / 2


def test_prometheus_asks_every_replica_by_the_services_names_on_networks_that_it_shares():
    jobs = yaml.safe_load((DEPLOY / "prometheus.microservices.yml").read_text())["scrape_configs"]
    asked = {job["job_name"]: job["dns_sd_configs"][0] for job in jobs}
    assert set(asked) == set(REPLICAS)
    for name, how in asked.items():
        assert (how["names"], how["port"]) == (
            [name],
            CONFIGURED[{"features": "Features"}.get(name, "IrisClassifier")]["http"]["port"],
        )
        assert set(SERVICES["prometheus"]["networks"]) & set(SERVICES[name]["networks"])


@pytest.mark.parametrize("name", REPLICAS)
def test_a_replica_has_time_to_drain(name):
    settings = settings_of(name)
    given_s = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    assert given_s >= settings.drain_s + settings.body_timeout_s + SPARE_S


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_locked_down_and_bounded(name):
    service = SERVICES[name]
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert service.get("read_only", False) == (name != "prometheus")
    assert service["mem_limit"]


def test_redis_has_a_password_and_keeps_what_it_is_given_within_half_of_its_memory():
    """The other half is for the copy that rewrites its file."""
    command = SERVICES["redis"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert "REDIS_PASSWORD:?" in options["--requirepass"]
    assert (options["--appendonly"], options["--maxmemory-policy"]) == ("yes", "noeviction")
    limit_mb = int(SERVICES["redis"]["mem_limit"].removesuffix("m"))
    assert int(options["--maxmemory"].removesuffix("mb")) * 2 < limit_mb


def test_every_mounted_file_is_there():
    mounts = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert all((DEPLOY / mount).exists() for mount in mounts if mount.startswith("./"))


def test_haproxy_takes_its_file_without_a_warning():
    command = [HAPROXY, "-c", "-f", DEPLOY / "haproxy.features.cfg"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
