"""The OpenAPI document: every path, with units, ranges, examples and every status."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from iris_serving.errors import RequestError
from iris_serving.schema import (
    CLASS_NAMES,
    EXAMPLE_ROW,
    MODEL_NAME,
    Predictions,
    Predictor,
    Probabilities,
    instances_schema,
)

_REF = "#/components/schemas/{model}"
_HEADERS = {
    "X-Model-Version": {"description": "The served model's version.", "schema": {"type": "string"}},
    "X-Request-ID": {"description": "As in the request, if it had one.", "schema": {"type": "string"}},
}
_ERROR_HEADERS = {
    401: {"WWW-Authenticate": {"description": "The scheme to use.", "schema": {"const": "Bearer"}}},
    429: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}},
    503: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}},
}
_REQUEST_ID = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "Comes back in the reply and stands in the log; made up if absent, too long or of odd characters.",
    "schema": {"type": "string"},  # none is refused
}


def openapi_document(predictor: Predictor, needs_key: bool = False) -> dict[str, Any]:
    """Return the document for a model; its examples are the model's own answers.

    Args:
        predictor: the model.
        needs_key: whether the paths need an API key.
    """
    model, example = predictor.describe(), predictor.predict_proba([list(EXAMPLE_ROW)])
    instances = instances_schema({feature["name"]: feature["training_range"] for feature in model["features"]})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{MODEL_NAME.capitalize()} classifier",
            "version": model["version"],
            "description": f"Answers exactly as the trained random forest does. Classes: {', '.join(CLASS_NAMES)}.",
        },
        "servers": [{"url": "."}],
        "security": [{"key": []}] if needs_key else [],
        "paths": {
            "/predict": {
                "post": _predict("Class of each row", "Predictions", {"predictions": example["predictions"]}),
            },
            "/predict_proba": {
                "post": _predict("Class, class name and class probabilities of each row", "Probabilities", example),
            },
            "/model": {"get": _get("What is served: tag, engine, classes, features, training report", "Model")},
            "/metrics": {"get": _get("Metrics as text, for Prometheus", media_type="text/plain")},
            "/livez": {"get": _health("200 while the process runs")},
            "/readyz": {"get": _health("200 when the model is loaded", leaving=True)},
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Request": {
                    "type": "object",
                    "required": ["instances"],
                    "additionalProperties": False,
                    "properties": {"instances": instances},
                    "example": {"instances": [list(EXAMPLE_ROW)]},
                },
                "Predictions": TypeAdapter(Predictions).json_schema(ref_template=_REF),
                "Probabilities": TypeAdapter(Probabilities).json_schema(ref_template=_REF),
                "Model": {"type": "object", "example": model},
                "Error": _ERROR,
            },
        },
    }


_ERROR_SENTENCE = f"Each row needs {len(EXAMPLE_ROW)} numbers …; row 0 has {len(EXAMPLE_ROW) - 1}."
_ERROR = {
    "type": "object",
    "required": ["error", "detail"],
    "properties": {
        "error": {"type": "string", "description": "One sentence: what was wrong, where, and how to mend it."},
        "detail": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["loc", "msg"],
                "properties": {
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "msg": {"type": "string"},
                },
            },
        },
    },
    "example": {"error": _ERROR_SENTENCE, "detail": [{"loc": ["instances", 0], "msg": _ERROR_SENTENCE}]},
}


def _predict(summary: str, reply: str, example: Mapping[str, Any]) -> dict[str, Any]:
    request = {"required": True, "content": _json("Request")}
    replies = {"200": {"description": summary, "headers": _HEADERS, "content": _json(reply, example)}}
    return {
        "summary": summary,
        "parameters": [_REQUEST_ID],
        "requestBody": request,
        "responses": replies | _errors(),
    }


def _get(summary: str, reply: str = "", media_type: str = "") -> dict[str, Any]:
    content = _json(reply) if reply else {media_type: {"schema": {"type": "string"}}}
    success = {"200": {"description": summary, "headers": _HEADERS, "content": content}}
    return {"summary": summary, "parameters": [_REQUEST_ID], "responses": success | _errors(401, 406, 500)}


def _health(summary: str, leaving: bool = False) -> dict[str, Any]:
    success = {"200": {"description": summary}}
    return {"summary": summary, "security": [], "responses": success | (_errors(503) if leaving else {})}


def _errors(*only: int) -> dict[str, Any]:
    """Describe every status that an error can have, or some of them, by the errors that have it."""
    sentences = {500: ["The service failed; its log says why."]}
    for error in RequestError.__subclasses__():
        sentences.setdefault(error.status, []).append(error.__doc__ or "")
    return {
        str(status): {
            "description": " ".join(sentences[status]),
            "headers": _ERROR_HEADERS.get(status, {}),
            "content": _json("Error"),
        }
        for status in sorted(sentences)
        if status in only or not only
    }


def _json(schema: str, example: Mapping[str, Any] | None = None) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": {"$ref": _REF.format(model=schema)}}
    return {"application/json": media | ({"example": example} if example else {})}
