"""deploy/swarm.yaml is in step with the code, the image, HAProxy's file and Compose's; tests/image deploys it."""

import re
import shutil

import pytest
import yaml

from forest_serving.settings import SETTINGS, read_settings
from tests.support.image.swarm import shorten_times
from tests.support.servers import ROOT

DEPLOY = ROOT / "deploy"
STACK = yaml.safe_load((DEPLOY / "swarm.yaml").read_text())
KEYS = yaml.safe_load((DEPLOY / "swarm-keys.yaml").read_text())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
HAPROXY = (DEPLOY / "haproxy.cfg").read_text()
REPLICA, BALANCER = STACK["services"]["iris"], STACK["services"]["balancer"]
PORT = yaml.safe_load((ROOT / "configuration.yaml").read_text())["services"]["IrisClassifier"]["http"]["port"]
(UID,) = re.findall(r"^USER (\d+):0$", (DEPLOY / "image" / "Dockerfile").read_text(), re.MULTILINE)
SPARE_S = 10


def seconds(text):
    """Return a time such as 500ms or 30s in seconds."""
    number, unit = re.fullmatch(r"(\d+)(ms|s)", text).groups()
    return int(number) / {"ms": 1000, "s": 1}[unit]


def said(pattern):
    """Return what haproxy.cfg has where the pattern's group is, once."""
    (found,) = re.findall(pattern, HAPROXY)
    return found


def test_the_balancer_finds_the_replicas_by_the_services_name_on_a_network_of_both():
    assert BALANCER["environment"] == {"PROXY_SERVICE": f"tasks.iris:{PORT}"}
    assert set(REPLICA["networks"]) & set(BALANCER["networks"]) == {"inside"}


def test_the_nodes_port_leads_to_where_haproxy_listens():
    (port,) = BALANCER["ports"]
    assert (str(port["target"]), port["mode"]) == (said(r'bind "\$\{PROXY_LISTEN-:(\d+)\}"'), "host")


def test_a_replica_has_time_to_drain():
    settings = read_settings({})
    assert seconds(REPLICA["stop_grace_period"]) >= settings.drain_s + settings.body_timeout_s + SPARE_S


def test_haproxy_knows_a_new_replica_before_the_old_one_is_out_and_that_before_it_stops_answering():
    """A replica that drains fails its checks; the one that replaces it has its name by then."""
    every, failures = seconds(said(r"check inter (\w+)")), int(said(r"fall (\d+) rise 1"))
    known = max(seconds(said(r"hold valid (\w+)")), seconds(said(r"timeout resolve (\w+)")))
    assert known < (failures - 1) * every
    assert failures * every < read_settings({}).drain_s


@pytest.mark.parametrize("change", ["update_config", "rollback_config"])
def test_a_change_starts_the_new_replica_first(change):
    assert REPLICA["deploy"][change]["order"] == "start-first"


def test_what_fails_is_rolled_back():
    assert REPLICA["deploy"]["update_config"]["failure_action"] == "rollback"


def test_a_replica_is_locked_down_as_in_compose():
    other, limits = COMPOSE["services"]["iris-a"], REPLICA["deploy"]["resources"]["limits"]
    assert (REPLICA["read_only"], REPLICA["cap_drop"]) == (other["read_only"], other["cap_drop"])
    assert (limits["memory"].lower(), limits["pids"]) == (other["mem_limit"], other["pids_limit"])
    assert [mount["target"] for mount in REPLICA["volumes"]] == other["tmpfs"]


def test_the_keys_are_where_the_service_looks_for_them_and_its_user_may_read_them():
    service = KEYS["services"]["iris"]
    ((variable, path),) = service["environment"].items()
    (secret,) = service["secrets"]
    assert variable in {setting.variable for setting in SETTINGS}
    assert path == f"/run/secrets/{secret['target']}"
    assert (secret["uid"], secret["mode"]) == (UID, 0o400)


def test_every_config_is_there():
    assert all((DEPLOY / config["file"]).is_file() for config in STACK["configs"].values())


def test_what_the_test_deploys_differs_in_times_only(tmp_path):
    shutil.copy(DEPLOY / "swarm.yaml", tmp_path)
    shorten_times(tmp_path / "swarm.yaml")
    changed = yaml.safe_load((tmp_path / "swarm.yaml").read_text())
    replica = changed["services"]["iris"]
    replica["healthcheck"] |= {"start_period": REPLICA["healthcheck"]["start_period"]}
    for change in ("update_config", "rollback_config"):
        shipped = REPLICA["deploy"][change]
        replica["deploy"][change] |= {"delay": shipped["delay"], "monitor": shipped["monitor"]}
    assert changed == STACK
