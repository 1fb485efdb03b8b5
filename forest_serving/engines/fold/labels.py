"""Categories as encoders keep them: labels of one kind, and what is missing among them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from forest_serving.card import Label
from forest_serving.engines.fold.columns import Values, Vocabulary
from forest_serving.engines.fold.doubles import Mask


def is_gap(value: Any) -> bool:
    """Return whether a value is None, NaN or pandas' NA."""
    return value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and bool(np.isnan(value)))


def vocabulary_of(categories: Values) -> Vocabulary:
    """Return an encoder's categories of one column."""
    labels = categories.tolist()
    return Vocabulary(
        labels=tuple(_plain(label) for label in labels if not is_gap(label)),
        missing=tuple(label for label in labels if is_gap(label)),
        in_objects=categories.dtype.kind not in "iuf",
        is_encoded=True,
    )


def _plain(label: Any) -> Label:
    found: Label = label.item() if isinstance(label, np.generic) else label
    return found


def known_among(categories: Values) -> Callable[[Values], Mask]:
    """Return a function that tells which values are among an encoder's categories; NaN and None are two."""
    labels = categories.tolist()
    listed = {label for label in labels if not is_gap(label)}
    has_nan, has_none = any(is_gap(label) and label is not None for label in labels), None in labels
    numbers = np.array([label for label in listed if isinstance(label, int | float)], np.float64)

    def knows(values: Values) -> Mask:
        if values.dtype.kind in "iufb":
            return np.isin(values.astype(np.float64), numbers) | (np.isnan(values) & has_nan)
        is_known = [has_none if v is None else has_nan if is_gap(v) else v in listed for v in values.tolist()]
        return np.array(is_known, bool)

    return knows
