"""Rows as clients send them → what the scikit-learn model's own predict takes, to compare the two."""

from collections.abc import Sequence
from math import nan
from typing import Any

import numpy as np

from forest_serving.card import UNKNOWN, Card, Feature, Value
from forest_serving.engines.fold import fold


def frame_of(model: Any, card: Card, rows: Sequence[Sequence[Value]]) -> Any:
    """Return a DataFrame, or an array if the model was fitted to one.

    Args:
        model: what is stored beside the compiled one: models.store.load_forest(card).
        card: the compiled one's.
        rows: for each feature of the card a number, a category, or None for a gap.
    """
    doubles = [[_double(feature, value) for feature, value in zip(card.features, row, strict=True)] for row in rows]
    return fold(model, card.features).frame(np.array(doubles, np.float64))


def _double(feature: Feature, value: Value) -> float:
    if value is None:
        return nan
    if not feature.categories:
        return float(value)
    is_boolean = isinstance(value, bool)  # True is equal to 1 in Python
    listed = [label if isinstance(label, bool) == is_boolean else None for label in feature.categories]
    return float(listed.index(value)) if value in listed else UNKNOWN
