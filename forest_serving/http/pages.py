"""What the service answers about itself, beside its protocols: its documentation and its metrics."""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import msgspec

from forest_serving.card import Card
from forest_serving.monitoring.exposition import MEDIA_TYPE
from forest_serving.protocols.endpoint import Doc, Endpoint, Probe, Reply, page
from forest_serving.settings import Settings

NAME = "Documentation and metrics"
_PAGE = Path(__file__).with_name("docs.html")
_HTML = b"text/html; charset=utf-8"


def metrics_page(metrics: Callable[[], bytes], settings: Settings) -> Endpoint:
    """Return what answers GET /metrics.

    Args:
        metrics: returns the text.
        settings: whether it needs a key.
    """
    return Endpoint(
        lambda headers, body: Reply(metrics(), MEDIA_TYPE),
        media_type=MEDIA_TYPE,
        probe="open" if settings.metrics_open else "",
        doc=Doc("Metrics as text, for Prometheus"),
        protocols=(NAME,),
    )


def docs_pages(document: Any, card: Card, settings: Settings) -> dict[str, dict[str, Endpoint]]:
    """Return what answers GET / and GET /docs.json.

    Args:
        document: the OpenAPI document.
        card: the model's, which the page is named after.
        settings: whether the pages need a key; where they do not, a browser can open them, and enter one there.
    """
    probe: Probe = "open" if settings.docs_open else ""
    text = _PAGE.read_text().replace("{name}", escape(card.name))
    return {
        "/": {"GET": page(text.encode(), probe=probe, media_type=_HTML)},
        "/docs.json": {"GET": page(msgspec.json.encode(document), probe=probe)},
    }
