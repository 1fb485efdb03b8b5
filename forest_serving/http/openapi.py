"""The OpenAPI document: every path, with units, ranges, examples and every status."""

from collections.abc import Mapping
from typing import Any

import msgspec
from pydantic import TypeAdapter

from forest_serving.errors import RequestError
from forest_serving.protocols.endpoint import Dialects, Doc, Endpoint, Refuse, Routes, dialect_of
from forest_serving.protocols.schemas import object_schema, records_schema
from forest_serving.schema import (
    CLASS_NAMES,
    DOMAIN_LIMIT,
    EXAMPLE_ROW,
    MODEL_NAME,
    Predictions,
    Predictor,
    Probabilities,
    instances_schema,
)

Object = dict[str, Any]

_JSON = "application/json"
_JSON_TYPES = {dict: "object", list: "array", str: "string", int: "integer"}
_CSV_ROW = rf"^[1-9]\.[0-9](,[1-9]\.[0-9]){{{len(EXAMPLE_ROW) - 1}}}$"  # one of the forms, enough to show it
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


def openapi_document(predictor: Predictor, routes: Routes, dialects: Dialects, needs_key: bool = False) -> Object:
    """Return the document for a model; its examples are the endpoints' own answers.

    Args:
        predictor: the model.
        routes: what is described, where it has a Doc.
        dialects: how errors are told.
        needs_key: whether the paths need an API key.
    """
    model = predictor.describe()
    instances = instances_schema({feature["name"]: feature["training_range"] for feature in model["features"]})
    number = {"type": "number", "exclusiveMinimum": -DOMAIN_LIMIT, "exclusiveMaximum": DOMAIN_LIMIT}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{MODEL_NAME.capitalize()} classifier",
            "version": model["version"],
            "description": f"Answers exactly as the trained random forest does. Classes: {', '.join(CLASS_NAMES)}.",
        },
        "servers": [{"url": "."}],
        "security": [{"key": []}] if needs_key else [],
        "paths": {path: described for path, methods in routes.items() if (described := _path(path, methods, dialects))}
        | {
            "/livez": {"get": _health("200 while the process runs")},
            "/readyz": {"get": _health("200 when the model is loaded", leaving=True)},
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Request": object_schema({"instances": instances}) | {"example": {"instances": [list(EXAMPLE_ROW)]}},
                "Rows": instances,
                "Records": records_schema(number),
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


def _path(path: str, methods: Mapping[str, Endpoint], dialects: Dialects) -> Object:
    refuse = dialect_of(dialects, path).refuse
    return {
        method.lower(): _operation(endpoint, endpoint.doc, _error_schema(refuse))
        for method, endpoint in methods.items()
        if endpoint.doc
    }


def _operation(endpoint: Endpoint, doc: Doc, error: Object) -> Object:
    """Describe an endpoint: what it reads, what it answers to the first example, how it refuses."""
    success = {"200": {"description": doc.summary, "headers": _HEADERS, "content": _replies(endpoint, doc)}}
    operation: Object = {"summary": doc.summary, "parameters": [_REQUEST_ID]}
    if endpoint.intake:
        content = {name: {"schema": _body(doc, name), "example": value} for name, value in doc.examples.items()}
        operation["requestBody"] = {"required": doc.needs_body, "content": content}
    if endpoint.probe:
        operation["security"] = []
    statuses = () if endpoint.intake else (406, 500, *([] if endpoint.probe else [401]))
    if endpoint.probe == "ready":
        statuses = (*statuses, 503)
    return operation | {"responses": success | _errors(*statuses, schema=error)}


def _body(doc: Doc, media_type: str) -> Object:
    if media_type != _JSON:
        return {"type": "string", "pattern": _CSV_ROW}
    return dict(doc.schema or {"$ref": _REF.format(model="Request")})


def _replies(endpoint: Endpoint, doc: Doc) -> Object:
    """Return the forms of the reply; the JSON one with the endpoint's own answer as an example."""
    media_type = endpoint.media_type.decode().partition(";")[0]
    if media_type != _JSON:
        return {media_type: {"schema": {"type": "string"}}}
    sent = msgspec.json.encode(doc.examples[_JSON]) if endpoint.intake else b""
    answer = msgspec.json.decode(endpoint.answer(sent))
    schema: Object = {"$ref": _REF.format(model=doc.reply)} if doc.reply else {"type": _JSON_TYPES[type(answer)]}
    if doc.other_replies:
        schema = {"type": ["object", "array"]}
    others = {name: {"schema": {"type": "string", "format": "binary"}} for name in doc.other_replies}
    return {_JSON: {"schema": schema, "example": answer}} | others


def _error_schema(refuse: Refuse) -> Object:
    """Return the schema of errors, made from one."""
    example = msgspec.json.decode(refuse(400, _ERROR_SENTENCE, ("instances", 0)))
    if "detail" in example:
        return {"$ref": _REF.format(model="Error")}
    properties = {name: {"type": _JSON_TYPES[type(value)]} for name, value in example.items()}
    return {"type": "object", "required": list(example), "properties": properties, "example": example}


def _health(summary: str, leaving: bool = False) -> Object:
    success = {"200": {"description": summary}}
    return {
        "summary": summary,
        "security": [],
        "responses": success | (_errors(503, schema={"$ref": _REF.format(model="Error")}) if leaving else {}),
    }


def _errors(*only: int, schema: Object) -> Object:
    """Describe every status that an error can have, or some of them, by the errors that have it."""
    sentences = {500: ["The service failed; its log says why."]}
    for error in RequestError.__subclasses__():
        sentences.setdefault(error.status, []).append(error.__doc__ or "")
    return {
        str(status): {
            "description": " ".join(sentences[status]),
            "headers": _ERROR_HEADERS.get(status, {}),
            "content": {_JSON: {"schema": schema}},
        }
        for status in sorted(sentences)
        if status in only or not only
    }
