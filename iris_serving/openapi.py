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
_VERSION_HEADER = {"X-Model-Version": {"description": "The served model's version.", "schema": {"type": "string"}}}


def openapi_document(predictor: Predictor) -> dict[str, Any]:
    """Return the document for a model; its examples are the model's own answers."""
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
        "paths": {
            "/predict": {
                "post": _predict("Class of each row", "Predictions", {"predictions": example["predictions"]}),
            },
            "/predict_proba": {
                "post": _predict("Class, class name and class probabilities of each row", "Probabilities", example),
            },
            "/model": {"get": _get("What is served: tag, engine, classes, features, training report", "Model")},
            "/livez": {"get": _get("200 while the process runs")},
            "/readyz": {"get": _get("200 when the model is loaded")},
        },
        "components": {
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
            }
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
    replies = {"200": {"description": summary, "headers": _VERSION_HEADER, "content": _json(reply, example)}}
    return {"summary": summary, "requestBody": request, "responses": replies | _errors()}


def _get(summary: str, reply: str = "") -> dict[str, Any]:
    content = {"content": _json(reply)} if reply else {}
    return {"summary": summary, "responses": {"200": {"description": summary, **content}}}


def _errors() -> dict[str, Any]:
    """Describe every status that an error can have by the errors that have it."""
    sentences = {500: ["The service failed; its log says why."]}
    for error in RequestError.__subclasses__():
        sentences.setdefault(error.status, []).append(error.__doc__ or "")
    return {
        str(status): {"description": " ".join(sentences[status]), "content": _json("Error")}
        for status in sorted(sentences)
    }


def _json(schema: str, example: Mapping[str, Any] | None = None) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": {"$ref": _REF.format(model=schema)}}
    return {"application/json": media | ({"example": example} if example else {})}
