"""What one worker serves: the gateway of a service, in front of BentoML's application.

Only workers import this module; the process that starts them needs neither a model nor NumPy.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from forest_serving.card import Card
from forest_serving.drift.gauges import DriftGauges
from forest_serving.drift.watch import Watch
from forest_serving.drift.window import Window
from forest_serving.features.choice import open_features
from forest_serving.host import signs_of_life, uvicorn_connection, uvicorn_tls
from forest_serving.host.freed_memory import keep_freed_memory
from forest_serving.host.layers import with_layers
from forest_serving.host.lifespan import Lifespan
from forest_serving.host.prediction_logging import attach, make_log
from forest_serving.host.stopping import arm
from forest_serving.host.uvicorn_connection import Connection
from forest_serving.host.uvicorn_lane import lane_connection
from forest_serving.http.gateway import App, Gateway
from forest_serving.http.lane import Lane
from forest_serving.monitoring import logs
from forest_serving.monitoring.counts import Piece
from forest_serving.monitoring.exposition import Exposition
from forest_serving.monitoring.monitor import Monitor
from forest_serving.settings import Settings

if TYPE_CHECKING:  # the service of features has no engine
    from forest_serving.models.loaded_model import LoadedModel

SERVICE_LABELS = {"runner_name": "service_name", "service_name": "bento_name", "service_version": "bento_version"}


class Served(NamedTuple):
    """What a service answers with.

    Attributes:
        make_gateway: from the application behind the gateway, what counts, what tells metrics, where rows are
            stored, what looks for drift, and the settings in force, to the gateway.
        card: the model's; None without one.
        facts: about the model, for metrics.
        model: whose answers may be logged; None without one.
    """

    make_gateway: Callable[[App, Monitor, Callable[[], bytes], Any, Watch | None, Settings], Gateway]
    card: Card | None = None
    facts: Mapping[str, str] = {}
    model: "LoadedModel | None" = None


def make_app(app: Any, served: Served, settings: Settings, context: Any) -> Any:
    """Return the application that a worker serves.

    Args:
        app: BentoML's application.
        served: what the service answers with.
        settings: the settings in force.
        context: BentoML's, which names the service.
    """
    service = {label: getattr(context, name, "") or "" for label, name in SERVICE_LABELS.items()}
    uvicorn_tls.install()
    logs.set_up()
    keep_freed_memory()
    counted = os.environ.get("PROMETHEUS_MULTIPROC_DIR")  # BentoML's, for what its workers count
    folder = Path(counted) if counted else None
    features = open_features(settings)
    watch = _watch(served.card, settings, lambda: monitor.read().pieces)
    window = Window(watch.columns, watch.n_rows) if watch else None
    monitor = Monitor(served.card, settings, folder, features.tally if features else None, window)
    metrics = Exposition(served.card, service, served.facts, monitor.read, folder)
    if watch and served.card:
        metrics.registry.register(DriftGauges(watch.look, served.card.class_names))
    life = Lifespan(app)
    gateway = served.make_gateway(life, monitor, metrics.render, features, watch, settings)
    life.at_start = partial(_start, gateway, monitor, settings)
    life.at_ready = partial(signs_of_life.send, is_serving=True)  # in time, even for one that is killed at once
    life.at_end = monitor.write
    if features:
        life.close = features.close
    if served.model and (log := make_log(served.model, settings, service["service_name"])):
        attach(log, monitor, life)
    # Where traces are asked for, there is one of each request, which the layer for it makes.
    with_lane = settings.lane and not settings.otlp_endpoint
    lane = Lane(gateway, left_alone=frozenset({b"origin"} if settings.cors_origins else ()))
    uvicorn_connection.install(lane_connection(lane) if with_lane else Connection)
    return with_layers(gateway, settings, service["service_name"])


def _start(gateway: Gateway, monitor: Monitor, settings: Settings) -> None:
    arm(gateway.drain, settings.body_timeout_s)
    monitor.soon()  # so that a worker that nobody asks is counted among the workers


def _watch(card: Card | None, settings: Settings, read: Callable[[], Sequence[Piece]]) -> Watch | None:
    """Return what looks for drift; None where there is no model, or nobody is to look."""
    return Watch(card, settings.drift_rows, read) if card and settings.drift else None
