"""The OpenAPI document: every path, with units, ranges, examples and every status."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec

from forest_serving.errors import RequestError
from forest_serving.http.openapi_components import ERROR_SENTENCE, REF
from forest_serving.protocols.endpoint import Dialects, Doc, Endpoint, Refuse, Reply, Routes, Success
from forest_serving.rows.json_schema import Schema
from forest_serving.settings import Settings

_JSON = "application/json"
_JSON_TYPES = {dict: "object", list: "array", str: "string", int: "integer"}
_HEALTH = "Health"
_HEADERS = {"X-Request-ID": {"description": "As in the request, if it had one.", "schema": {"type": "string"}}}
_WAIT = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
_SCHEME = {"WWW-Authenticate": {"description": "The scheme to use.", "schema": {"const": "Bearer"}}}
_ERROR_HEADERS: Mapping[int, Schema] = {401: _SCHEME, 429: _WAIT, 503: _WAIT}
_REQUEST_ID = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "Comes back in the reply and stands in the log; made up if absent, too long or of odd characters.",
    "schema": {"type": "string"},  # none is refused
}


class Subject(NamedTuple):
    """What a document is about: a service.

    Attributes:
        info: OpenAPI's title, version and description.
        components: OpenAPI's.
        ready: when the service is ready.
        headers: of every reply, besides X-Request-ID.
        csv_pattern: which lines of CSV are rows, where any are read.
    """

    info: Mapping[str, str]
    components: Schema
    ready: str
    headers: Mapping[str, Schema] = {}
    csv_pattern: str = ""


def openapi_document(subject: Subject, settings: Settings, routes: Routes, dialects: Dialects) -> Schema:
    """Return the document of a service; its examples are the endpoints' own answers.

    Args:
        subject: the service.
        settings: the settings in force.
        routes: what is described, where it has a Doc.
        dialects: how errors are told.
    """
    needs_key = bool(settings.api_keys or settings.api_keys_in_file)
    paths = {path: found for path, methods in routes.items() if (found := _path(path, methods, dialects, subject))}
    probes = {
        "/livez": {"get": _health("200 while the process runs")},
        "/readyz": {"get": _health(f"200 when {subject.ready}", leaving=True)},
    }
    names = dict.fromkeys(
        e.protocols[0] for methods in routes.values() for e in methods.values() if e.protocols and e.doc
    )
    return {
        "openapi": "3.1.0",
        "info": dict(subject.info),
        "servers": [{"url": "."}],
        "tags": [{"name": name} for name in (*names, _HEALTH)],
        "security": [{"key": []}] if needs_key else [],
        "paths": paths | probes,
        "components": subject.components,
    }


def _path(path: str, methods: Mapping[str, Endpoint], dialects: Dialects, subject: Subject) -> Schema:
    error = _error_schema(dialects.at(path).refuse)
    return {
        method.lower(): _operation(endpoint, endpoint.doc, error, subject)
        for method, endpoint in methods.items()
        if endpoint.doc
    }


def _operation(endpoint: Endpoint, doc: Doc, error: Schema, subject: Subject) -> Schema:
    """Describe an endpoint: what it reads, what it answers to the first example, how it refuses."""
    headers = {**subject.headers, **_HEADERS}
    success = {str(status): _success(each, headers) for status, each in doc.successes.items()} or {
        "200": {"description": doc.summary, "headers": headers, "content": _replies(endpoint, doc)}
    }
    operation: Schema = {"summary": doc.summary, "tags": list(endpoint.protocols)}
    operation["parameters"] = [*doc.parameters, _REQUEST_ID]
    if endpoint.intake:
        content = {
            name: {"schema": _body(doc, name, subject), "example": value} for name, value in doc.examples.items()
        }
        operation["requestBody"] = {"required": doc.needs_body, "content": content}
    if endpoint.probe:
        operation["security"] = []
    if endpoint.writes:
        operation["security"] = [{"key": []}]
    statuses = () if endpoint.intake else (406, 500, *([] if endpoint.probe else [401]))
    if endpoint.probe == "ready":
        statuses = (*statuses, 503)
    return operation | {"responses": success | _errors(*statuses, schema=error, special=doc.statuses)}


def _body(doc: Doc, media_type: str, subject: Subject) -> Schema:
    if media_type == _JSON or media_type.endswith("+json"):
        return dict(doc.schema)
    return {"type": "string", "pattern": subject.csv_pattern}


def _success(success: Success, headers: Mapping[str, Schema]) -> Schema:
    described: Schema = {"description": success.words, "headers": {**headers, **success.headers}}
    if not success.schema:
        return described
    return described | {"content": {_JSON: {"schema": success.schema, "example": success.example}}}


def _replies(endpoint: Endpoint, doc: Doc) -> Schema:
    """Return the forms of the reply; the JSON one with the endpoint's own answer as an example."""
    media_type = endpoint.media_type.decode().partition(";")[0]
    if media_type != _JSON:
        return {media_type: {"schema": {"type": "string"}}}
    if not doc.shows_reply:
        return {_JSON: {"schema": {"$ref": REF.format(model=doc.reply)}}}
    sent = msgspec.json.encode(doc.examples[_JSON]) if endpoint.intake else b""
    reply = endpoint.respond({}, sent)
    if not isinstance(reply, Reply):
        raise TypeError("an example takes no turns")
    if not reply.body:
        return {}
    answer = msgspec.json.decode(reply.body)
    schema: Schema = dict(doc.reply_schema) or {"type": _JSON_TYPES[type(answer)]}
    if doc.reply:
        schema = {"$ref": REF.format(model=doc.reply)}
    if doc.other_replies:
        schema = {"type": ["object", "array"]}
    others = {name: {"schema": {"type": "string", "format": "binary"}} for name in doc.other_replies}
    return {_JSON: {"schema": schema, "example": answer}} | others


def _error_schema(refuse: Refuse) -> Schema:
    """Return the schema of errors, made from one."""
    example = msgspec.json.decode(refuse(400, ERROR_SENTENCE, ("instances", 0)))
    if "detail" in example:
        return {"$ref": REF.format(model="Error")}
    properties = {name: {"type": _JSON_TYPES[type(value)]} for name, value in example.items()}
    return {"type": "object", "required": list(example), "properties": properties, "example": example}


def _health(summary: str, leaving: bool = False) -> Schema:
    success = {"200": {"description": summary}}
    refusals = _errors(503, schema={"$ref": REF.format(model="Error")}) if leaving else {}
    return {"summary": summary, "tags": [_HEALTH], "security": [], "responses": success | refusals}


def _errors(*only: int, schema: Schema, special: Collection[int] = ()) -> Schema:
    """Describe every status that an error can have, or some of them, by the errors that have it.

    Args:
        only: which; all, if none is given.
        schema: of an error's body.
        special: those of errors that not every path has.
    """
    sentences = {500: ["The service failed; its log says why."]}
    for error in RequestError.__subclasses__():
        if error.is_general or error.status in special:
            sentences.setdefault(error.status, []).append(error.__doc__ or "")
    return {
        str(status): {
            "description": " ".join(sentences[status]),
            "headers": _ERROR_HEADERS.get(status, {}),
            "content": {_JSON: {"schema": schema}},
        }
        for status in sorted(sentences)
        if status in only or status in special or not only
    }
