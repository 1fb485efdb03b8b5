"""The named schemas of the OpenAPI document, made from a card."""

from forest_serving.card import Card
from forest_serving.rows.json_schema import Schema, instances_schema, object_schema, records_schema

REF = "#/components/schemas/{model}"
ERROR_SENTENCE = "Each row needs as many numbers as the model has features; row 0 has another number."
_LABEL_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}
_ERROR: Schema = {
    "type": "object",
    "required": ["error", "detail"],
    "properties": {
        "error": {"type": "string", "description": "One sentence: what was wrong, where, and how to fix it."},
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
    "example": {"error": ERROR_SENTENCE, "detail": [{"loc": ["instances", 0], "msg": ERROR_SENTENCE}]},
}


def components(card: Card, model: Schema, by_id: bool = False) -> Schema:
    """Return the document's components.

    Args:
        card: the model's.
        model: what GET /model answers.
        by_id: whether rows can be asked for by id, and null be asked for where there is none.
    """
    schemas = {
        "Rows": instances_schema(card),
        "Records": records_schema(card),
        "Predictions": predictions_schema(card, by_id),
        **({"Probabilities": probabilities_schema(card, by_id)} if card.is_classifier else {}),
        "Model": {"type": "object", "example": model},
    }
    return own_components(schemas)


def own_components(schemas: Schema) -> Schema:
    """Return components with these schemas and, as every service has them, errors and keys."""
    return {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        "schemas": schemas | {"Error": _ERROR},
    }


def predictions_schema(card: Card, by_id: bool = False) -> Schema:
    """Return the schema of {"predictions": labels or numbers}."""
    return object_schema({"predictions": _predictions(card, by_id)})


def probabilities_schema(card: Card, by_id: bool = False) -> Schema:
    """Return the schema of predictions with the classes' names and probabilities."""
    names = {"type": "array", "items": _or_null("string", by_id), "description": "The name of each row's class."}
    shares = {
        "type": "array",
        "items": _or_null("array", by_id) | {"items": {"type": "number"}},
        "description": f"For each row, the probabilities of {', '.join(card.class_names)}; they sum to 1.",
    }
    return object_schema({"predictions": _predictions(card, by_id), "labels": names, "probabilities": shares})


def _or_null(kind: str, may_be_null: bool) -> Schema:
    return {"type": [kind, "null"] if may_be_null else kind}


def _predictions(card: Card, by_id: bool) -> Schema:
    kind, what = (_LABEL_TYPES[type(card.labels[0])], "class") if card.is_classifier else ("number", "number")
    words = f"The {what} of each row, in the order of the request."
    return {"type": "array", "items": _or_null(kind, by_id), "description": words}
