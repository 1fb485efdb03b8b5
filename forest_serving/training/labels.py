"""From the texts of a label column to labels of one type, as pandas would choose it."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.errors import BadTrainingData

_TRUTHS = {"true": True, "false": False}


def labels_of(texts: Sequence[str], place: Callable[[int], str]) -> NDArray[Any]:
    """Return labels, shape (n_rows,): bool, int64, float64, or the texts themselves.

    Args:
        texts: one for each row, without spaces around them.
        place: says where a row's text stands, for the error.

    Raises:
        BadTrainingData: if a text is empty, or a number is not finite.
    """
    distinct = dict.fromkeys(texts)
    values = _values(list(distinct))
    of_text = dict(zip(distinct, values, strict=True))
    for number, text in enumerate(texts):
        if text == "" or (isinstance(of_text[text], float) and not math.isfinite(of_text[text])):
            raise BadTrainingData(f"{place(number)}: {text[:40]!r} is not a label. Fill it in or drop the line.")
    return np.array([of_text[text] for text in texts])


def _values(texts: list[str]) -> list[Any]:
    filled = [text for text in texts if text]
    if filled and all(text.lower() in _TRUTHS for text in filled):
        return [_TRUTHS.get(text.lower()) for text in texts]
    for read in (_whole, _number):
        try:
            return [read(text) if text else 0 for text in texts]
        except ValueError:
            continue
    return texts


def _whole(text: str) -> int:
    value = int(text.replace("_", "?"))  # Python reads 1_000 as a number, other programs do not
    if not -(2**63) <= value < 2**63:
        raise ValueError("does not fit")
    return value


def _number(text: str) -> float:
    if re.fullmatch(r"[+-]?\d{16,}", text):
        raise ValueError("a double would not keep its last digits")
    return float(text.replace("_", "?"))
