"""JSON schemas that several protocols' descriptions share; OpenAPI keeps the named ones once."""

from collections.abc import Mapping
from typing import Any

from forest_serving.schema import FEATURES

Schema = dict[str, Any]

ROWS: Schema = {"$ref": "#/components/schemas/Rows"}
RECORDS: Schema = {"$ref": "#/components/schemas/Records"}
INSTANCES: Schema = {"anyOf": [ROWS, RECORDS]}
PARAMETERS: Schema = {"type": ["object", "null"], "description": "Ignored: this model has none."}


def object_schema(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of an object with these fields and no others."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def any_of(*schemas: Schema) -> Schema:
    """Return the schema of whatever follows one of several."""
    return {"anyOf": list(schemas)}


def records_schema(number: Schema) -> Schema:
    """Return the schema of rows as objects {feature: number}."""
    record = object_schema({feature.name: number for feature in FEATURES})
    return {"type": "array", "minItems": 1, "items": record}
