"""A gateway for one model: its protocols, pages and document, put together."""

from collections.abc import Callable

from forest_serving.http.gateway import App, Gateway
from forest_serving.http.openapi import openapi_document
from forest_serving.http.pages import docs_pages, metrics_page
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
    protocols = protocols_of(context)
    dialects = dialects_of(protocols, context)
    routes = routes_of(protocols) | {"/metrics": {"GET": metrics_page(metrics, settings)}}
    routes |= docs_pages(openapi_document(context, routes, dialects), model.card, settings)
    return Gateway(app, routes, dialects, model.version, monitor, settings)
