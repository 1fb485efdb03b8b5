"""deploy/compose.monitoring.yaml, Grafana's files, and where Prometheus finds the rules."""

import re

import pytest
import yaml

from tests.deploy.monitoring.asked import DASHBOARD, FOLDER, RULES
from tests.support.servers import ROOT

DEPLOY = ROOT / "deploy"
PROJECT = yaml.safe_load((DEPLOY / "compose.monitoring.yaml").read_text())
GRAFANA = PROJECT["services"]["grafana"]
BELOW = ["compose.yaml", "compose.microservices.yaml"]
(SOURCE,) = yaml.safe_load((FOLDER / "grafana" / "datasources.yml").read_text())["datasources"]
(PROVIDER,) = yaml.safe_load((FOLDER / "grafana" / "dashboards.yml").read_text())["providers"]


def mounts(service):
    """Return what a service's folders hold, by their path in the container."""
    triples = (mount.split(":") for mount in service["volumes"] if mount.startswith("./"))
    return {there: (here, how) for here, there, how in triples}


@pytest.mark.parametrize("file", BELOW)
def test_prometheus_has_the_rules_where_its_file_looks_for_them(file):
    """Also beside the file in this repository, so that promtool finds them."""
    prometheus = yaml.safe_load((DEPLOY / file).read_text())["services"]["prometheus"]
    found = mounts(prometheus)
    configuration = found["/etc/iris/prometheus.yml"][0]
    (rules,) = yaml.safe_load((DEPLOY / configuration).read_text())["rule_files"]
    assert (DEPLOY / found[f"/etc/iris/{rules}"][0]).resolve() == DEPLOY / rules == RULES


@pytest.mark.parametrize("file", BELOW)
def test_grafana_reaches_prometheus_and_nothing_else(file):
    """The default network is there in either project; only Prometheus is in both."""
    others = yaml.safe_load((DEPLOY / file).read_text())["services"]
    assert GRAFANA["networks"] == ["monitoring"]
    assert PROJECT["services"]["prometheus"] == {"networks": ["default", "monitoring"]}
    assert all("monitoring" not in service.get("networks", []) for service in others.values())
    assert SOURCE["url"] == "http://prometheus:9090"


def test_grafana_is_locked_down_and_bounded():
    assert (GRAFANA["cap_drop"], GRAFANA["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert GRAFANA["read_only"]
    assert GRAFANA["mem_limit"]
    assert GRAFANA["user"] != "0"
    assert re.fullmatch(r"\$\{GRAFANA_IMAGE:-grafana/grafana:\d+\.\d+\.\d+\}", GRAFANA["image"])


def test_grafana_is_for_this_machine_and_for_looking_only():
    variables = GRAFANA["environment"]
    assert all(port.startswith("127.0.0.1:") for port in GRAFANA["ports"])
    assert (variables["GF_AUTH_ANONYMOUS_ENABLED"], variables["GF_AUTH_ANONYMOUS_ORG_ROLE"]) == ("true", "Viewer")
    assert variables["GF_AUTH_BASIC_ENABLED"] == "false"
    assert variables["GF_AUTH_DISABLE_LOGIN_FORM"] == variables["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert not SOURCE["editable"]
    assert not PROVIDER["allowUiUpdates"]


def test_grafana_finds_its_files_and_none_can_be_written():
    found = mounts(GRAFANA)
    assert {how for _, how in found.values()} == {"ro"}
    assert all((DEPLOY / here).is_file() for here, _ in found.values())
    home = GRAFANA["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (DEPLOY / found[home][0]).resolve() == FOLDER / "dashboard.json"
    assert home.startswith(f"{PROVIDER['options']['path']}/")


def test_the_dashboard_asks_the_provisioned_kind_of_source_as_often_as_prometheus_asks():
    (variable,) = [each for each in DASHBOARD["templating"]["list"] if each["type"] == "datasource"]
    assert variable["query"] == SOURCE["type"] == "prometheus"
    interval = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["global"]["scrape_interval"]
    assert SOURCE["jsonData"]["timeInterval"] == interval
