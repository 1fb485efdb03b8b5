"""The dashboard is what Grafana's own types say: those of its SDK, as no Grafana is to be had where tests run."""

import json

import pytest

from tests.deploy.monitoring.asked import FOLDER
from tests.support.clients import said

WRONG = {
    "/panels/1/titel is unknown": lambda made: made["panels"][1].update(titel="x"),
    "/panels/1/targets/0/exp is unknown": lambda made: made["panels"][1]["targets"][0].update(exp="up"),
    "/panels/1/options/color_mode is no <enum 'BigValueColorMode'>": lambda made: made["panels"][1]["options"].update(
        colorMode="blue"
    ),
    "/refresh is no <class 'str'>": lambda made: made.update(refresh=10),
    "/templating/list_val/1/type_val is no <enum 'VariableType'>": lambda made: made["templating"]["list"][1].update(
        type="querry"
    ),
}


def faults(dashboard, folder):
    """Return what is wrong with a dashboard."""
    file = folder / "dashboard.json"
    file.write_text(json.dumps(dashboard))
    return said("grafana", "grafana_client.py", str(file))


@pytest.fixture
def dashboard():
    return json.loads((FOLDER / "dashboard.json").read_text())


def test_the_dashboard_is_of_grafanas_types(dashboard, tmp_path):
    assert faults(dashboard, tmp_path) == []


@pytest.mark.parametrize("fault", WRONG)
def test_what_is_not_is_found_out(dashboard, tmp_path, fault):
    """The test of the test above."""
    WRONG[fault](dashboard)
    assert faults(dashboard, tmp_path) == [fault]
