"""What OpenAPI says about the resources."""

from collections.abc import Mapping
from typing import Any

from forest_serving.card import Card
from forest_serving.features.source import MAX_ID_BYTES
from forest_serving.protocols.by_id import IDS
from forest_serving.protocols.endpoint import Doc, Success
from forest_serving.protocols.feature_resources.targets import DEFAULT_IDS, MOST_IDS
from forest_serving.rows.json_schema import Schema, object_schema, value_schema

_JSON, PATCH_TYPE = "application/json", "application/merge-patch+json"
_READ, _WRITE = (400, 422, 503, 504), (403, 422, 503, 504)
_SCALAR: Schema = {"type": ["number", "string", "boolean", "null"]}
_ID_WORDS = f"of up to {MAX_ID_BYTES} bytes of UTF-8"
_ID: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_ID_BYTES}
_ETAG_EXAMPLE, _TIME_EXAMPLE = '"1f0c3d5e7a9b2d4f"', "2026-11-29T16:31:12.123456Z"
_ETAG = {"ETag": {"description": "Of what is stored now.", "schema": {"type": "string"}}}
_MODIFIED = {"Last-Modified": {"description": "When it was written, if that is known.", "schema": {"type": "string"}}}
_LINK = {"Link": {"description": 'The next page, as rel="next".', "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "Its path.", "schema": {"type": "string"}}}


class Docs:
    """Describes each endpoint.

    Args:
        card: the model's; None where no model is known.
        example: features that can be stored.
    """

    def __init__(self, card: Card | None, example: Mapping[str, Any]) -> None:
        values = {feature.name: value_schema(feature) for feature in card.features} if card else {}
        scalars: Schema = {"type": "object", "additionalProperties": _SCALAR, "propertyNames": {"minLength": 1}}
        self._features = object_schema(values) if card else scalars
        self._some_features = object_schema({}, values) if card else scalars
        self._example = dict(example)
        self._shown_example = {
            "id": "a17",
            "features": self._example,
            "etag": _ETAG_EXAMPLE,
            "updated_at": _TIME_EXAMPLE,
        }

    @property
    def page(self) -> Doc:
        """GET /features."""
        last: Schema = {"type": ["string", "null"], "description": "The id to ask on after; null at the end."}
        schema = object_schema({"features": {"type": "array", "items": _shown()}, "next": last})
        reply = Success("A page", schema, {"features": [self._shown_example], "next": None}, _LINK)
        limit = {"type": "integer", "minimum": 1, "maximum": MOST_IDS, "default": DEFAULT_IDS}
        parameters = (
            _parameter("limit", "query", "The most ids; there may be fewer.", limit),
            _parameter("after", "query", f"The last id of the page before, {_ID_WORDS}.", {"type": "string"}),
        )
        summary = "What is stored under all ids, page by page, in the order of the ids' bytes"
        return Doc(summary, statuses=_READ, parameters=parameters, successes={200: reply})

    @property
    def get(self) -> Doc:
        """GET /features/{id}."""
        conditions = (*_condition("If-Match"), *_condition("If-None-Match"))
        replies = {200: self._shown("What is stored"), 304: Success("It is what If-None-Match names", headers=_ETAG)}
        statuses = (*_READ, 404, 412)
        return Doc(
            "What is stored under an id", statuses=statuses, parameters=(_path(), *conditions), successes=replies
        )

    @property
    def put(self) -> Doc:
        """PUT /features/{id}."""
        replies = {
            201: self._shown("It is stored, and new", _LOCATION),
            204: Success("It is stored in place of what was there", headers=_ETAG | _MODIFIED),
        }
        return self._changing("Store features under an id", self._features, (_JSON,), replies)

    @property
    def patch(self) -> Doc:
        """PATCH /features/{id}."""
        replies = {200: self._shown("What is stored now")}
        summary = "Change some of the features that are stored under an id (RFC 7396)"
        doc = self._changing(summary, self._some_features, (PATCH_TYPE, _JSON), replies)
        return doc._replace(statuses=(*doc.statuses, 404))

    @property
    def delete(self) -> Doc:
        """DELETE /features/{id}."""
        parameters = (_path(), *_condition("If-Match"), *_condition("If-None-Match"))
        statuses = (*_WRITE, 400, 404, 412, 428)
        replies = {204: Success("Nothing is stored there any more")}
        return Doc("Remove what is stored under an id", statuses=statuses, parameters=parameters, successes=replies)

    @property
    def post(self) -> Doc:
        """POST /features."""
        etag: Schema = {"type": ["string", "null"], "description": "Of what is there; without it, the id must be new."}
        record = object_schema({"id": _ID, "features": self._features}, {"etag": etag})
        told = object_schema({"id": _ID, "etag": {"type": "string"}})
        schema = object_schema({"features": {"type": "array", "items": told}})
        reply = {"features": [{"id": "a17", "etag": _ETAG_EXAMPLE}]}
        replies = {
            200: Success("All is stored; no id was new", schema, reply),
            201: Success("All is stored", schema, reply),
        }
        return Doc(
            "Store features under many ids, all or none",
            {_JSON: {"features": [{"id": "a17", "features": self._example}]}},
            object_schema({"features": {"type": "array", "minItems": 1, "items": record}}),
            statuses=(*_WRITE, 409),
            successes=replies,
        )

    @property
    def lookup(self) -> Doc:
        """POST /features:lookup."""
        record: Schema = {"type": ["object", "null"], "additionalProperties": True}
        schema = object_schema({"records": {"type": "array", "items": record}})
        reply = Success("In the order of the ids; null for an unknown one", schema, {"records": [self._example]})
        summary = "What is stored under many ids, for another service"
        body = object_schema({"ids": IDS})
        return Doc(summary, {_JSON: {"ids": ["a17"]}}, body, statuses=(422, 503, 504), successes={200: reply})

    def _changing(self, summary: str, features: Schema, types: tuple[str, ...], replies: Mapping[int, Success]) -> Doc:
        return Doc(
            summary,
            {each: {"features": self._example} for each in types},
            object_schema({"features": features}),
            statuses=(*_WRITE, 412, 428),
            parameters=(_path(), *_condition("If-Match"), *_condition("If-None-Match")),
            successes=replies,
        )

    def _shown(self, words: str, headers: Mapping[str, Any] = {}) -> Success:
        return Success(words, _shown(), self._shown_example, {**_ETAG, **_MODIFIED, **headers})


def _shown() -> Schema:
    """Return the schema of what is shown of a record, which others may have stored, with more in it."""
    time: Schema = {"type": ["string", "null"], "description": "When it was written here; null if elsewhere."}
    features: Schema = {"type": "object", "additionalProperties": True}
    return object_schema(
        {"id": {"type": "string"}, "features": features, "etag": {"type": "string"}, "updated_at": time}
    )


def _path() -> Schema:
    words = f"An id {_ID_WORDS}, percent-encoded as one segment: %2F for a slash in it."
    return _parameter("id", "path", words, _ID) | {"required": True, "example": "a17"}


def _condition(name: str) -> tuple[Schema, ...]:
    words = {
        "If-Match": "The ETag of what is there, or *: nothing else is changed.",
        "If-None-Match": "The ETag of what is known already, or *.",
    }
    return (_parameter(name, "header", words[name], {"type": "string"}),)


def _parameter(name: str, place: str, words: str, schema: Schema) -> Schema:
    return {"name": name, "in": place, "description": words, "schema": schema}
