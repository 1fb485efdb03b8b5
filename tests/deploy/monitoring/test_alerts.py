"""Alerts: checked and tried by promtool, each with a runbook, and of refusals that the code knows."""

import re
import subprocess

import pytest
import yaml

from forest_serving.errors import RequestError
from tests.deploy.monitoring.asked import ALERTS, COMPARED, RULES
from tests.support.prometheus_servers import TOOL, program
from tests.support.servers import ROOT
from tools.dashboard.of_requests import FAILED, NO_ROOM

CASES = ROOT / "tests" / "deploy" / "monitoring" / "alerts.yml"
RUNBOOKS = ROOT / "docs" / "guides" / "alerts.md"
OWN_FAULTS = {"fault", *(kind.__name__ for kind in RequestError.__subclasses__() if kind.status >= 500)}


def promtool(*arguments):
    """Return what promtool says, which must be content."""
    done = subprocess.run([program(TOOL), *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_takes_them():
    assert f"{len(ALERTS)} rules found" in promtool("check", "rules", str(RULES))


def test_each_does_as_its_cases_say():
    assert "SUCCESS" in promtool("test", "rules", str(CASES))


def outcomes(alert):
    """Return whether the alert fires at the times at which its cases look."""
    cases = [case for case in yaml.safe_load(CASES.read_text())["tests"] if case["name"].startswith(f"{alert}: ")]
    looks = [look for case in cases for look in case["promql_expr_test"]]
    assert all(f'"{alert}"' in look["expr"] for look in looks)
    return [bool(look.get("exp_samples")) for look in looks]


@pytest.mark.parametrize("alert", ALERTS)
def test_each_has_cases_in_which_it_fires_and_in_which_it_does_not(alert):
    assert set(outcomes(alert)) == {True, False}


def test_each_has_a_runbook_that_its_link_leads_to_and_no_runbook_is_left_over():
    headings = re.findall("^## (Forest.*)$", RUNBOOKS.read_text(), re.MULTILINE)
    assert sorted(headings) == sorted(ALERTS)
    for alert, rule in ALERTS.items():
        assert rule["annotations"]["runbook_url"] == f"{RUNBOOKS.relative_to(ROOT)}#{alert.lower()}"


@pytest.mark.parametrize("alert", ALERTS)
def test_a_runbook_says_what_the_alert_says(alert):
    """Its limit, for how long, and how bad it is."""
    rule = ALERTS[alert]
    runbook = RUNBOOKS.read_text().partition(f"## {alert}\n")[2].partition("\n## ")[0]
    facts = f"{rule['labels']['severity'].capitalize()}, {'after ' + rule['for'] if 'for' in rule else 'at once'}"
    assert runbook.lstrip().startswith(facts)
    assert f"`{COMPARED.fullmatch(rule['expr'])[0].split()[-2]} {COMPARED.fullmatch(rule['expr'])[2]}`" in runbook


def reasons(text):
    """Return the refusals that a query chooses."""
    return set(re.search('reason=~"([^"]*)"', text)[1].split("|"))


def test_failing_is_every_refusal_of_5xx_but_for_a_server_that_leaves():
    assert reasons(ALERTS["ForestErrors"]["expr"]) == reasons(FAILED) == OWN_FAULTS - {"Leaving"}


def test_having_no_room_is_known_to_the_code_and_the_dashboard():
    known = {kind.__name__ for kind in RequestError.__subclasses__()}
    assert reasons(ALERTS["ForestFull"]["expr"]) == reasons(NO_ROOM) < known
