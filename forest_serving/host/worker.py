"""What one worker serves: the model, its routes, the gateway in front of BentoML's application.

Only workers import this module; the process that starts them needs neither the model nor NumPy.
"""

import os
from pathlib import Path
from typing import Any

from uvicorn.protocols.http import auto

from forest_serving.host.bentoml_service import with_layers
from forest_serving.host.malloc import keep_freed_memory
from forest_serving.host.uvicorn_connection import Protocol
from forest_serving.http.gateway import Gateway
from forest_serving.models.loaded_model import ServedModel
from forest_serving.monitoring import logs
from forest_serving.monitoring.counts import Counts, total
from forest_serving.monitoring.exposition import Exposition, Labels
from forest_serving.monitoring.monitor import Monitor
from forest_serving.monitoring.snapshots import Snapshots
from forest_serving.protocols.table import dialects_of, routes_of
from forest_serving.schema import CLASS_NAMES, FEATURES
from forest_serving.settings import Settings

SERVICE_LABELS = {"runner_name": "service_name", "service_name": "bento_name", "service_version": "bento_version"}


def make_app(app: Any, model: ServedModel, settings: Settings, context: Any) -> Any:
    """Return the application that a worker serves.

    Args:
        app: BentoML's application.
        model: the model.
        settings: the settings in force.
        context: BentoML's, which names the service.
    """
    service = {label: getattr(context, name, "") or "" for label, name in SERVICE_LABELS.items()}
    auto.AutoHTTPProtocol = Protocol  # what uvicorn, told nothing else by BentoML, uses for its connections
    logs.set_up()
    keep_freed_memory()
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")  # BentoML's, for what its workers count
    counts = Counts([0] * len(CLASS_NAMES), [0] * len(FEATURES))
    ranges = [feature["training_range"] for feature in model.describe()["features"]]
    monitor = Monitor(Snapshots(counts, Path(folder) if folder else None), ranges, settings)
    labels = Labels("forest", service, CLASS_NAMES, [feature.name for feature in FEATURES], model.facts())
    metrics = Exposition(labels, lambda: total(monitor.read()), folder)
    routes = routes_of(model, metrics.render, settings)
    model.observe = monitor.predicted
    gateway = Gateway(app, routes, dialects_of(model.version), model.version, monitor, settings)
    return with_layers(gateway, settings, service["service_name"])
