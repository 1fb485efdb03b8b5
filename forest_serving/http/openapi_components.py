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
        **({"Explanations": explanations_schema(card, by_id)} if card.explanation_sha256 else {}),
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
    return object_schema({"predictions": predictions_of(card, by_id)})


def probabilities_schema(card: Card, by_id: bool = False) -> Schema:
    """Return the schema of predictions with the classes' names and probabilities."""
    names = {"type": "array", "items": _or_null("string", by_id), "description": "The name of each row's class."}
    shares = {
        "type": "array",
        "items": _or_null("array", by_id) | {"items": {"type": "number"}},
        "description": f"For each row, the probabilities of {', '.join(card.class_names)}; they sum to 1.",
    }
    return object_schema({"predictions": predictions_of(card, by_id), "labels": names, "probabilities": shares})


def explanations_schema(card: Card, by_id: bool = False) -> Schema:
    """Return the schema of predictions with what each feature contributes to them."""
    amount: Schema = {"type": "array", "items": {"type": "number"}} if card.is_classifier else {"type": "number"}
    each = "for each class, or for the second of two, " if card.is_classifier else ""
    base = amount | {"description": f"What is expected{', ' + each[:-2] if each else ''} where no feature is known."}
    contributions = object_schema({feature.name: amount for feature in card.features}) | {
        "description": f"What each feature adds, {each}to what is expected: all together give what is explained."
    }
    value = {"type": ["number", "string", "boolean"], "description": "Of this feature, while all others stay."}
    label = {"type": _LABEL_TYPES[type(card.labels[0])] if card.is_classifier else "number"}
    nearest = object_schema(
        {
            "feature": {"enum": [feature.name for feature in card.features]},
            "value": value,
            "prediction": label | {"description": "What it would be answered then."},
        }
    )
    listed = {
        "type": "array",
        "items": nearest,
        "description": "The nearest value of each feature, or other categories, at which the class changes.",
    }
    row = object_schema({"base": base, "contributions": contributions, "counterfactuals": listed})
    explains = {
        "enum": ["probability", "raw_score", "value"],
        "description": "What they add up to: the probability, what the link makes one of, or the number.",
    }
    items = {"anyOf": [row, {"type": "null"}]} if by_id else row
    explanations = {"type": "array", "items": items, "description": "In the order of the request."}
    found = {"predictions": predictions_of(card, by_id), "explanations": explanations}
    # Where nothing is stored under any of the ids, nothing is explained.
    return object_schema(found, {"explains": explains}) if by_id else object_schema(found | {"explains": explains})


def _or_null(kind: str, may_be_null: bool) -> Schema:
    return {"type": [kind, "null"] if may_be_null else kind}


def predictions_of(card: Card, by_id: bool) -> Schema:
    """Return the schema of what predict returns."""
    kind, what = (_LABEL_TYPES[type(card.labels[0])], "class") if card.is_classifier else ("number", "number")
    words = f"The {what} of each row, in the order of the request."
    return {"type": "array", "items": _or_null(kind, by_id), "description": words}
