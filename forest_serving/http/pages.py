"""What the service answers about itself, beside its protocols: its documentation and its metrics."""

from collections.abc import Callable
from html import escape
from pathlib import Path

from forest_serving.card import Card
from forest_serving.monitoring.exposition import MEDIA_TYPE
from forest_serving.protocols.endpoint import Doc, Endpoint, Probe, Protocol, Reply, page
from forest_serving.settings import Settings

NAME = "Documentation and metrics"
_PAGE = Path(__file__).with_name("docs.html")
_HTML = b"text/html; charset=utf-8"


def own_pages(card: Card, settings: Settings, metrics: Callable[[], bytes], document: Callable[[], bytes]) -> Protocol:
    """Return the documentation's page and document, and the metrics.

    Args:
        card: the model's, which the page is named after.
        settings: which of them need no key. A browser can open the page without one, and enter one there.
        metrics: returns the text of /metrics.
        document: returns the OpenAPI document.
    """
    docs: Probe = "open" if settings.docs_open else ""
    text = _PAGE.read_text().replace("{name}", escape(card.name))
    table = {
        "GET /": page(text.encode(), probe=docs, media_type=_HTML),
        "GET /docs.json": Endpoint(lambda headers, body: Reply(document()), probe=docs),
        "GET /metrics": Endpoint(
            lambda headers, body: Reply(metrics(), MEDIA_TYPE),
            media_type=MEDIA_TYPE,
            probe="open" if settings.metrics_open else "",
            doc=Doc("Metrics as text, for Prometheus"),
        ),
    }
    return Protocol(NAME, table)
