"""A gateway for one model: its protocols, pages and document, put together."""

from collections.abc import Callable

import msgspec

from forest_serving.http.gateway import App, Gateway
from forest_serving.http.openapi import openapi_document
from forest_serving.http.pages import own_pages
from forest_serving.monitoring.monitor import Monitor
from forest_serving.protocols.predictor import Context, Predictor
from forest_serving.protocols.routing import dialects_of, protocols_of, routes_of
from forest_serving.rows.reader import RowReader
from forest_serving.settings import Settings


def make_gateway(
    app: App, model: Predictor, settings: Settings, monitor: Monitor, metrics: Callable[[], bytes]
) -> Gateway:
    """Return what answers for a model.

    Args:
        app: BentoML's application, for what the gateway passes on.
        model: the model.
        settings: limits, keys and names in force.
        monitor: what counts and logs requests.
        metrics: returns the text of /metrics.
    """
    context = Context(model, RowReader(model.card, settings), settings)
    pages = own_pages(model.card, settings, metrics, lambda: document)
    protocols = [*protocols_of(context), pages]
    routes, dialects = routes_of(protocols), dialects_of(protocols, context)
    document = msgspec.json.encode(openapi_document(context, routes, dialects))
    return Gateway(app, routes, dialects, model.version, monitor, settings)
