"""What deploy/monitoring asks Prometheus: the queries of the dashboard's panels, and the value of each alert."""

import json
import re

import yaml

from tests.support.servers import ROOT

FOLDER = ROOT / "deploy" / "monitoring"
RULES = FOLDER / "alerts.yml"
ALERTS = {rule["alert"]: rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
VARIABLES = {each["name"]: each for each in DASHBOARD["templating"]["list"]}
COMPARED = re.compile(r"(.*) (?:==|>|<) ([\d.]+)", re.DOTALL)


def value_of(alert):
    """Return what an alert's expression compares with its limit."""
    return COMPARED.fullmatch(ALERTS[alert]["expr"])[1]


def queries():
    """Return the queries of all panels, by panel and series."""
    named = [(f"{panel['title']}: {target['legendFormat']}", target) for panel in PANELS for target in panel["targets"]]
    return [(f"{number} {name}", target["expr"]) for number, (name, target) in enumerate(named)]


def chosen(query, model=".*", instance=".*"):
    """Return a query as Grafana sends it, for these choices; the rates are of a minute."""
    values = {"$__rate_interval": "1m", "$job": ".*", "$model": model, "$instance": instance}
    for name, value in values.items():
        query = query.replace(name, value)
    return query
