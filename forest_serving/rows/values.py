"""What one column takes, value by value: the readers of many rows take what is surely good by the same rules, and come
here where something is odd.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from math import isnan
from typing import Any

from forest_serving.card import Feature
from forest_serving.rows.numbers import NAN
from forest_serving.rows.words import shown

_PANDAS_GAPS = ("NAType", "NaTType")  # told by name: nothing here needs pandas


class Refused(Exception):
    """A column does not take a value. As text it says why, going on after the value's place: " is a string".

    Args:
        words: that, without a guess.
        guess: returns what was perhaps meant, or an empty text. That can take 3 ms, and is done once somebody reads it.
    """

    def __init__(self, words: str, guess: Callable[[], str] | None = None) -> None:
        super().__init__(words)
        self.words, self._guess = words, guess

    def __str__(self) -> str:
        near = self._guess() if self._guess else ""
        return f'{self.words}; did you mean "{shown(near)}"?' if near else self.words


class Column(ABC):
    """One column of the rows.

    Args:
        feature: the card's.

    Attributes:
        feature: the card's.
        json_type: the type of what JSON may hold for it, for msgspec.
        codes: what stands in rows for each category, and for None if the column takes gaps; empty for numbers.
        is_numeric: whether numbers are sent for it.
        datatype: what the Open Inference Protocol calls its values.
    """

    json_type: Any
    codes: dict[Any, float]
    is_numeric: bool
    datatype: str

    def __init__(self, feature: Feature) -> None:
        self.feature = feature

    @abstractmethod
    def place(self, position: int) -> str:
        """Return how errors call the column, which stands at a position."""

    @abstractmethod
    def parse(self, value: object) -> float:
        """Return what stands in rows for a value of JSON or Python; raise Refused if the column does not take it."""

    @abstractmethod
    def parse_text(self, text: str) -> float:
        """Return what stands in rows for a field of CSV; raise Refused if the column does not take it."""

    def missing(self) -> float:
        """Return what stands for a missing value; raise Refused if the column takes no gaps."""
        if not self.feature.takes_missing:
            raise Refused(" is missing, and this column takes no gaps; fill it in")
        return NAN


def unboxed(value: Any) -> Any:
    """Return one of NumPy's numbers, texts or booleans as Python's; any other value as it is."""
    return value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value


def is_missing(value: object) -> bool:
    """Return whether a value stands for nothing: None, NaN, or what pandas has for them."""
    return value is None or (isinstance(value, float) and isnan(value)) or type(value).__name__ in _PANDAS_GAPS


def is_number(value: object) -> bool:
    """Return whether a value is a number; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number_in(text: str) -> float | None:
    """Return a text's number; None for other texts, and for what only Python takes for a number."""
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None
