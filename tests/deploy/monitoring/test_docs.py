"""What docs/guides/dashboards-and-alerts.md says of the Prometheus operator, and of the dashboard's rows."""

import os
import re
import subprocess

import yaml

from tests.deploy.monitoring.asked import DASHBOARD, RULES
from tests.support.servers import ROOT

GUIDE = (ROOT / "docs" / "guides" / "dashboards-and-alerts.md").read_text()


def test_the_operators_object_has_the_same_rules(tmp_path):
    (command,) = re.findall(r"```bash\n(\(printf.*?)```", GUIDE, re.DOTALL)
    kubectl = tmp_path / "kubectl"
    kubectl.write_text('#!/bin/sh\n[ "$*" = "apply --filename -" ] && cat\n')
    kubectl.chmod(0o700)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    said = subprocess.run(["sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, check=True, timeout=20)
    made = yaml.safe_load(said.stdout)
    assert (made["kind"], made["spec"]) == ("PrometheusRule", yaml.safe_load(RULES.read_text()))


def test_the_guide_lists_the_rows_of_the_dashboard():
    rows = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert re.findall(r"^\| ([A-Z][^|]*) \|", GUIDE, re.MULTILINE) == rows
