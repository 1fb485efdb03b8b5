"""JSON schemas that the descriptions of several protocols share; OpenAPI keeps the named ones once."""

from forest_serving.rows.json_schema import Schema

ROWS: Schema = {"$ref": "#/components/schemas/Rows"}
RECORDS: Schema = {"$ref": "#/components/schemas/Records"}
INSTANCES: Schema = {"anyOf": [ROWS, RECORDS]}
PARAMETERS: Schema = {"type": ["object", "null"], "description": "Ignored: this model has none."}


def any_of(*schemas: Schema) -> Schema:
    """Return the schema of whatever follows one of several."""
    return {"anyOf": list(schemas)}
