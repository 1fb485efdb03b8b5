"""What is at which path: the table that the gateway serves and that OpenAPI describes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from iris_serving.gateway import JSON, Endpoint, Routes
from iris_serving.monitoring.exposition import MEDIA_TYPE
from iris_serving.openapi import openapi_document
from iris_serving.protocols import native
from iris_serving.schema import Predictor
from iris_serving.settings import Settings

_DOCS_PAGE = Path(__file__).parent / "web" / "docs.html"


def routes_of(model: Predictor, metrics: Callable[[], bytes], settings: Settings) -> Routes:
    """Return the routes that answer for a model.

    Args:
        model: the model.
        metrics: returns the text of /metrics.
        settings: the limits in force.
    """
    document = openapi_document(model, needs_key=bool(settings.api_keys or settings.api_keys_in_file))
    decode = native.decoder(settings.max_rows)
    return {
        "/predict": {"POST": _native(decode, model.predict)},
        "/predict_proba": {"POST": _native(decode, model.predict_proba)},
        "/model": {"GET": _page(native.encode(model.describe()))},
        "/metrics": {"GET": Endpoint(lambda body: metrics(), MEDIA_TYPE, takes_body=False)},
        "/docs.json": {"GET": _page(native.encode(document))},
        "/": {"GET": _page(_DOCS_PAGE.read_bytes(), b"text/html; charset=utf-8")},
    }


def _native(decode: Callable[[bytes], Any], method: Callable[[Any], Any]) -> Endpoint:
    return Endpoint(lambda body: native.encode(method(decode(body))))


def _page(content: bytes, media_type: bytes = JSON) -> Endpoint:
    return Endpoint(lambda body: content, media_type, takes_body=False)
