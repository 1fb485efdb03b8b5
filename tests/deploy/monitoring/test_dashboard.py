"""The dashboard's file is what the generator makes, of metrics that the service tells, without overlaps."""

import json
import re
from itertools import combinations

import pytest

from tests.deploy.monitoring.asked import ALERTS, DASHBOARD, FOLDER, PANELS, queries
from tools import reference
from tools.dashboard.__main__ import dashboard

METRIC = re.compile(r"\b(?:forest|bentoml_service)_[a-z0-9_]+")
TOLD = set(re.findall(r"^\| `(\w+)`", reference.metrics(), re.MULTILINE))
EXPRESSIONS = dict(queries()) | {name: rule["expr"] for name, rule in ALERTS.items()}


def test_the_file_is_what_the_generator_makes():
    """After a change: python -m tools.dashboard > deploy/monitoring/dashboard.json."""
    assert (FOLDER / "dashboard.json").read_text() == json.dumps(dashboard(), indent=1) + "\n"


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_what_is_asked_for_is_what_the_reference_lists(name):
    """Also in other tests' servers it may be a name that was changed in one place."""
    asked = {re.sub("_(bucket|count|sum)$", "", metric) for metric in METRIC.findall(EXPRESSIONS[name])}
    assert asked <= TOLD


def test_panels_do_not_overlap_and_stay_on_the_grid():
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    overlaps = [
        (a, b)
        for a, b in combinations(places, 2)
        if a["x"] < b["x"] + b["w"]
        and b["x"] < a["x"] + a["w"]
        and a["y"] < b["y"] + b["h"]
        and b["y"] < a["y"] + a["h"]
    ]
    assert overlaps == []


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: f"{panel['id']} {panel['title']}")
def test_a_panel_says_what_it_shows(panel):
    assert re.fullmatch(r"[A-Z1-9].*\.", panel["description"])
    assert panel["fieldConfig"]["defaults"]["unit"]
