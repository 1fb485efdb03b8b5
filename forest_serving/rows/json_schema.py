"""JSON schemas of rows, made from a card."""

from typing import Any

from forest_serving.card import Card, Feature
from forest_serving.rows.numbers import DOMAIN_LIMIT

Schema = dict[str, Any]


def instances_schema(card: Card) -> Schema:
    """Return the schema of rows as lists of numbers."""
    numbers = [_number_schema(feature) for feature in card.features]
    return {
        "type": "array",
        "description": f"Rows of {', '.join(feature.name for feature in card.features)}.",
        "minItems": 1,
        "items": {"type": "array", "prefixItems": numbers, "minItems": len(numbers), "maxItems": len(numbers)},
        "examples": [[list(card.example)]],
    }


def records_schema(card: Card) -> Schema:
    """Return the schema of rows as objects {feature: number}."""
    record = object_schema({feature.name: _number_schema(feature) for feature in card.features})
    example = dict(zip((feature.name for feature in card.features), card.example, strict=True))
    return {"type": "array", "minItems": 1, "items": record, "examples": [[example]]}


def object_schema(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """Return the schema of an object with these fields and no others."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def _number_schema(feature: Feature) -> Schema:
    low, high = feature.range
    unit = f" in {feature.unit}" if feature.unit else ""
    return {
        "type": "number",
        "title": feature.name,
        "description": f"{feature.words}{unit}; {low:g} to {high:g} in the training data",
        "exclusiveMinimum": -DOMAIN_LIMIT,
        "exclusiveMaximum": DOMAIN_LIMIT,
    }
