"""JSON schemas that the descriptions of several protocols share; OpenAPI keeps the named ones once."""

from typing import Any

import msgspec

from forest_serving.rows.json_schema import Schema

ROWS: Schema = {"$ref": "#/components/schemas/Rows"}
RECORDS: Schema = {"$ref": "#/components/schemas/Records"}
INSTANCES: Schema = {"anyOf": [ROWS, RECORDS]}
PARAMETERS: Schema = {"type": ["object", "null"], "description": "Ignored: this model has none."}


def any_of(*schemas: Schema) -> Schema:
    """Return the schema of whatever follows one of several."""
    return {"anyOf": list(schemas)}


def schema_of(kind: type[msgspec.Struct]) -> Schema:
    """Return the schema of a struct, without references, which would have to stand elsewhere in a document."""
    schema, parts = msgspec.json.schema_components([kind], ref_template="{name}")
    found: Schema = _resolved(schema[0], parts)
    return found


def _resolved(schema: Any, parts: Schema) -> Any:
    if isinstance(schema, list):
        return [_resolved(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(parts[schema["$ref"]], parts)
    return {key: _resolved(value, parts) for key, value in schema.items()}
