"""What the service answers about itself, beside its protocols: its documentation and its metrics."""

from collections.abc import Callable
from html import escape
from pathlib import Path

from forest_serving.monitoring.exposition import MEDIA_TYPE
from forest_serving.protocols.endpoint import JSON, Doc, Endpoint, Headers, Probe, Protocol, Reply, page
from forest_serving.protocols.negotiation import best_of
from forest_serving.settings import Settings

NAME = "Documentation and metrics"
_PAGE = Path(__file__).with_name("docs.html")
_HTML = b"text/html; charset=utf-8"


def own_pages(name: str, settings: Settings, metrics: Callable[[], bytes], document: Callable[[], bytes]) -> Protocol:
    """Return the documentation's page and document, and the metrics.

    Args:
        name: of the model, or of the service, which the page is named after.
        settings: which of them need no key. The page is open to whoever sees that the server is alive, at the same
            path; it says nothing of a model whose document needs a key.
        metrics: returns the text of /metrics.
        document: returns the OpenAPI document.
    """
    docs: Probe = "open" if settings.docs_open else ""
    text = _PAGE.read_text().replace("{name}", escape(name if settings.docs_open else "The"))
    about = Doc("The documentation, for a browser", other_replies=("text/html",))
    table = {
        "GET /": page(text.encode(), about, media_type=_HTML)._replace(claims=_wants_html),
        "GET /docs.json": Endpoint(lambda headers, body: Reply(document()), probe=docs),
        "GET /metrics": Endpoint(
            lambda headers, body: Reply(metrics(), MEDIA_TYPE),
            media_type=MEDIA_TYPE,
            probe="open" if settings.metrics_open else "",
            doc=Doc("Metrics as text, for Prometheus"),
        ),
    }
    return Protocol(NAME, table)


def _wants_html(headers: Headers, body: bytes) -> bool:
    """Return whether a request is a browser's; it raises NotAcceptable if it wants neither HTML nor JSON."""
    return best_of(headers.get(b"accept", b"*/*"), (JSON, _HTML), JSON) == _HTML
