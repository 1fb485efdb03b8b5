"""Print Grafana's view of any served model: python -m tools.dashboard > deploy/monitoring/dashboard.json."""

import json

from forest_serving.command_line import run
from tools.dashboard.of_models import answers, drift, models, rows_by_id
from tools.dashboard.of_requests import latest, saturation, stages, traffic
from tools.dashboard.parts import Part, laid_out, variable

# The servers of models, and those of features alone, which have no tag: only "all models" matches them.
SERVERS = '{__name__=~"forest_model_info|forest_feature_source_up", job=~"$job", tag=~"$model"}'


def dashboard() -> Part:
    """Return the dashboard."""
    rows = {
        "Now": latest(),
        "Traffic": traffic(),
        "Where the time goes": stages(),
        "Saturation": saturation(),
        "Answers": answers(),
        "Drift": drift(),
        "Rows by id": rows_by_id(),
        "Models and logs": models(),
    }
    source = {"type": "datasource", "name": "source", "label": "Prometheus", "query": "prometheus"}
    variables = [
        source,
        variable("job", "Service", "label_values(forest_workers, job)"),
        variable("model", "Model", 'label_values(forest_model_info{job=~"$job"}, tag)'),
        variable("instance", "Instance", f"label_values({SERVERS}, instance)"),
    ]
    described = {"uid": "forest", "title": "Forest serving", "tags": ["forest"], "schemaVersion": 41, "editable": True}
    times = {"time": {"from": "now-1h", "to": "now"}, "refresh": "10s", "timezone": "browser", "graphTooltip": 1}
    return described | times | {"templating": {"list": variables}, "panels": list(laid_out(rows))}


def main() -> int:
    """Print it; return the exit code."""
    print(json.dumps(dashboard(), indent=1))
    return 0


if __name__ == "__main__":
    run(main)
