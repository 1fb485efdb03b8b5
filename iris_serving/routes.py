"""What is at which path: the table that the gateway serves and that OpenAPI describes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from iris_serving.gateway import JSON, Endpoint, Routes
from iris_serving.openapi import openapi_document
from iris_serving.protocols import native
from iris_serving.schema import Predictor, Row

_DOCS_PAGE = Path(__file__).parent / "web" / "docs.html"


def routes_of(model: Predictor) -> Routes:
    """Return the routes that answer for a model."""
    return {
        "/predict": {"POST": _native(model.predict)},
        "/predict_proba": {"POST": _native(model.predict_proba)},
        "/model": {"GET": _page(native.encode(model.describe()))},
        "/docs.json": {"GET": _page(native.encode(openapi_document(model)))},
        "/": {"GET": _page(_DOCS_PAGE.read_bytes(), b"text/html; charset=utf-8")},
    }


def _native(method: Callable[[Sequence[Row]], Any]) -> Endpoint:
    return Endpoint(lambda body: native.encode(method(native.decode(body))))


def _page(content: bytes, media_type: bytes = JSON) -> Endpoint:
    return Endpoint(lambda body: content, media_type, takes_body=False)
