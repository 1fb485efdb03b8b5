"""A gateway for features alone, without a model: what is stored by id, as resources and for other services."""

from collections.abc import Callable, Sequence

import msgspec

from forest_serving import __version__
from forest_serving.errors import Loc
from forest_serving.http.gateway import App, Gateway
from forest_serving.http.openapi import Subject, openapi_document
from forest_serving.http.openapi_components import own_components
from forest_serving.http.pages import own_pages
from forest_serving.monitoring.monitor import Monitor
from forest_serving.protocols import feature_resources
from forest_serving.protocols.endpoint import Dialect, Dialects, Endpoint, Protocol, encode
from forest_serving.protocols.predictor import Features
from forest_serving.settings import Settings

_MISSING = "Nothing is at this path; features are at /features, and GET /docs.json lists all paths."
_SUBJECT = Subject(
    {"title": "Features", "version": __version__, "description": "Rows by id, for services that predict."},
    own_components({}),
    "the service answers, whether or not its store does",
)


def make_features_gateway(
    app: App, features: Features, settings: Settings, monitor: Monitor, metrics: Callable[[], bytes]
) -> Gateway:
    """Return what answers for features alone.

    Args:
        app: BentoML's application, for what the gateway passes on.
        features: where rows are stored by id.
        settings: limits, keys and names in force.
        monitor: what counts and logs requests.
        metrics: returns the text of /metrics.
    """
    pages = own_pages("Features", settings, metrics, lambda: document)
    routes = _routes([feature_resources.protocol(features, settings, None, None), pages])
    dialects = Dialects({"": Dialect(_refuse, _MISSING)})
    document = msgspec.json.encode(openapi_document(_SUBJECT, settings, routes, dialects))
    return Gateway(app, routes, dialects, "", monitor, settings)


def _routes(protocols: Sequence[Protocol]) -> dict[str, dict[str, Endpoint]]:
    """Return the routes of protocols that share no path, so that none claims only a part of what comes to one."""
    routes: dict[str, dict[str, Endpoint]] = {}
    for protocol in protocols:
        for place, endpoint in protocol.table.items():
            method, _, path = place.partition(" ")
            routes.setdefault(path, {})[method] = endpoint._replace(claims=None, protocols=(protocol.name,))
    return routes


def _refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in BentoML's shape, as the service of a model does."""
    return encode({"error": message, "detail": [{"loc": loc, "msg": message}] if loc else []})
