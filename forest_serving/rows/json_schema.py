"""JSON schemas of rows, made from a card."""

from typing import Any

from forest_serving.card import Card, Feature

Schema = dict[str, Any]
_EXACT = 2**53  # up to there, every reader of JSON takes an integer for the same number
_UNKNOWN: dict[type, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": -_EXACT, "maximum": _EXACT},
    float: {"type": "number", "minimum": -_EXACT, "maximum": _EXACT},
}


def instances_schema(card: Card) -> Schema:
    """Return the schema of rows as lists of values."""
    values = [value_schema(feature) for feature in card.features]
    return {
        "type": "array",
        "description": f"Rows of {', '.join(feature.name for feature in card.features)}.",
        "minItems": 1,
        "items": {"type": "array", "prefixItems": values, "minItems": len(values), "maxItems": len(values)},
        "examples": [[list(card.example)]],
    }


def records_schema(card: Card) -> Schema:
    """Return the schema of rows as objects {feature: value}."""
    record = object_schema({feature.name: value_schema(feature) for feature in card.features})
    example = dict(zip((feature.name for feature in card.features), card.example, strict=True))
    return {"type": "array", "minItems": 1, "items": record, "examples": [[example]]}


def object_schema(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """Return the schema of an object with these fields and no others."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def value_schema(feature: Feature) -> Schema:
    """Return the schema of a column's value."""
    gaps = "; may be missing" if feature.takes_missing else ""
    if feature.categories:
        others = ", or others, which the training data did not have" if feature.takes_unknown else ""
        about = f"{feature.words}; one of the categories{others}{gaps}"
        return {"title": feature.name, "description": about, **_categories(feature)}
    low, high = feature.range
    unit = f" in {feature.unit}" if feature.unit else ""
    return {
        "type": ["number", "null"] if feature.takes_missing else "number",
        "title": feature.name,
        "description": f"{feature.words}{unit}; {low:g} to {high:g} in the training data{gaps}",
        "minimum": feature.lowest,
        "maximum": feature.highest,
    }


def _categories(feature: Feature) -> Schema:
    known: Schema = {"enum": [*feature.categories, *([None] if feature.takes_missing else [])]}
    return {"anyOf": [known, _UNKNOWN[type(feature.categories[0])]]} if feature.takes_unknown else known
