"""Which two features a picture shows, and between which values."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from forest_serving.card import LARGEST, Feature
from forest_serving.errors import InvalidInstances
from forest_serving.rows.columns import Columns
from forest_serving.rows.json_body import check_fields, text_of
from forest_serving.rows.json_schema import Schema, object_schema
from forest_serving.rows.numbers import Array
from forest_serving.rows.values import is_number
from forest_serving.rows.words import shown_number

MOST_CELLS = 400  # side by side

Axis = tuple[int, Array]  # the position of a feature, and its value in each cell, as rows have it


def read_axis(field: str, given: Any, columns: Columns, n_cells: int) -> Axis:
    """Return which feature varies, and its values: the centres of equal cells, or each of its categories.

    Args:
        field: where this stood in the body, for errors.
        given: {"feature": name, "from": number, "to": number}, without numbers if the feature holds categories.
        columns: the model's.
        n_cells: how many cells numbers are cut into.

    Raises:
        InvalidInstances: if it is another thing, or a number is none that the model answers.
    """
    example = text_of(axis_example(columns.features[0]))
    if not isinstance(given, dict) or not isinstance(given.get("feature"), str):
        raise InvalidInstances(f'"{field}" must be an object with a feature; send, for example, {example}.', (field,))
    if given["feature"] not in columns:
        raise InvalidInstances(f'"{field}" names no feature; send one of {columns.listed}.', (field, "feature"))
    position = columns.position_of(given["feature"])
    feature = columns.features[position]
    if feature.categories:
        check_fields(given, {"feature"})
        return position, _each_category(field, feature)
    check_fields(given, {"feature", "from", "to"})
    first, last = (_end(field, given, end, feature) for end in ("from", "to"))
    shares = (np.arange(n_cells) + 0.5) / n_cells
    # The difference of two doubles may be none.
    return position, (first * (1 - shares) + last * shares).clip(min(first, last), max(first, last))


def _each_category(field: str, feature: Feature) -> Array:
    n_categories = len(feature.categories)
    if n_categories > MOST_CELLS:
        why = f'"{feature.name}" has {n_categories:,} categories, and a picture at most {MOST_CELLS}; choose another'
        raise InvalidInstances(f"{why}.", (field, "feature"))
    return np.arange(n_categories, dtype=np.float64)


def _end(field: str, given: Mapping[str, Any], end: str, feature: Feature) -> float:
    number: Any = given.get(end)
    if is_number(number) and feature.lowest <= number <= feature.highest:
        return float(number)
    is_bound = max(-feature.lowest, feature.highest) < LARGEST
    bounds = f" from {shown_number(feature.lowest)} to {shown_number(feature.highest)}" if is_bound else ""
    raise InvalidInstances(f'"{field}" needs "{end}", which must be a number{bounds}.', (field, end))


def axis_example(feature: Feature) -> dict[str, Any]:
    """Return an axis that works."""
    if feature.categories:
        return {"feature": feature.name}
    return {"feature": feature.name, "from": feature.deciles[0], "to": feature.deciles[-1]}


def axis_schema(feature: Feature) -> Schema:
    """Return the schema of an axis that shows a feature."""
    named: Schema = {"feature": {"enum": list(feature.names)}}
    if feature.categories:
        return object_schema(named)
    number = {"type": "number", "minimum": feature.lowest, "maximum": feature.highest}
    return object_schema(named | {"from": number, "to": number})
