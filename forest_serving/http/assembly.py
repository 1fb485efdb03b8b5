"""A gateway for one model: its protocols, pages and document, put together."""

from collections.abc import Callable
from typing import Any

import msgspec

from forest_serving.card import Card
from forest_serving.drift.page import drift_page
from forest_serving.drift.watch import Watch
from forest_serving.errors import BadSetting, RequestError
from forest_serving.http.chosen_paths import check_chosen_paths
from forest_serving.http.gateway import App, Gateway
from forest_serving.http.openapi import openapi_document
from forest_serving.http.openapi_subjects import model_subject
from forest_serving.http.pages import own_pages
from forest_serving.monitoring.monitor import Monitor
from forest_serving.protocols.endpoint import Protocol, Routes
from forest_serving.protocols.predictor import Context, Explainer, Features, Predictor
from forest_serving.protocols.routing import YIELDING, dialects_of, protocols_of, routes_of
from forest_serving.rows.reader import RowReader
from forest_serving.settings import Settings
from forest_serving.web.page import web_pages


def make_gateway(  # noqa: PLR0913, PLR0917 - all that a worker has
    app: App,
    model: Predictor,
    settings: Settings,
    monitor: Monitor,
    metrics: Callable[[], bytes],
    features: Features | None = None,
    watch: Watch | None = None,
    explainer: Explainer | None = None,
) -> Gateway:
    """Return what answers for a model.

    Args:
        app: BentoML's application, for what the gateway passes on.
        model: the model.
        settings: limits, keys and names in force.
        monitor: what counts and logs requests.
        metrics: returns the text of /metrics.
        features: where rows are stored by id; None if nowhere.
        watch: compares the latest rows with the training data; None if nobody does.
        explainer: what explains answers; None if the model was saved without what that needs.

    Raises:
        BadSetting: if a path that the operator chose means something else already, or the limits refuse every row.
    """
    context = Context(model, RowReader(model.card, settings), settings, features, explainer)
    protocols = _checked_protocols(context, metrics, lambda: document, watch)
    routes, dialects = routes_of(protocols), dialects_of(protocols, context)
    try:
        document = msgspec.json.encode(openapi_document(model_subject(context), settings, routes, dialects))
    except RequestError as error:  # of an example
        raise BadSetting(f"Not even one row of this model is within the limits: {error.message}") from None
    return Gateway(app, routes, dialects, model.version, monitor, settings)


class Described:
    """Stands for a model, and for what explains it, that need not be loaded to know its paths."""

    is_loaded, n_outputs = False, 1

    def __init__(self, card: Card, version: str) -> None:
        self.card, self.version = card, version

    def describe(self) -> dict[str, Any]:
        """Return nothing."""
        return {}


def described_routes(card: Card, version: str, settings: Settings) -> Routes:
    """Return the routes that a gateway has for a model with this card, which need not be loaded.

    Raises:
        BadSetting: as make_gateway does.
    """
    model: Any = Described(card, version)
    watch = Watch(card, settings.drift_rows, list) if settings.drift else None
    explainer = model if card.explanation_sha256 else None
    context = Context(model, RowReader(card, settings), settings, explainer=explainer)
    return routes_of(_checked_protocols(context, bytes, bytes, watch))


def _checked_protocols(
    context: Context, metrics: Callable[[], bytes], document: Callable[[], bytes], watch: Watch | None
) -> list[Protocol]:
    """Return all protocols, and what the gateway tells of itself."""
    protocols = [*protocols_of(context), own_pages(context.model.card.name, context.settings, metrics, document)]
    if watch:
        protocols.append(drift_page(watch.look, watch.n_rows))
    if context.settings.ui:
        protocols.append(web_pages(context, counts_drift=watch is not None))
    check_chosen_paths(protocols, YIELDING)
    return protocols
