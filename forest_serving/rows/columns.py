"""The columns of a model's input, by all their names."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from forest_serving.card import Card, Feature, Label
from forest_serving.errors import InvalidInstances, Loc
from forest_serving.rows.category_column import CategoryColumn
from forest_serving.rows.number_column import NumberColumn, is_plain
from forest_serving.rows.values import Column, Refused
from forest_serving.rows.words import MOST_NAMES, listed, shown

VECTOR = "features"  # SageMaker's name for all numbers of a row, in {"features": [...]}
OF_NUMBERS = b"0123456789+-.eE, \t\r"  # characters of a line of them
_LONG_TEXT = 60  # bytes; of longer ones, fewer rows fit into a body
_UNKNOWN_MARKS = 10  # commas and brackets, of a category that nobody knows, on an average


class Columns:
    """What the values of a row are, and which names mean which.

    Args:
        card: the model's.

    Attributes:
        features: the card's.
        all: what each takes, in the same order.
        are_plain: whether all are numbers that float32 holds, and never missing; errors are then about all numbers.
        are_numbers: whether none holds categories.
        are_numeric: whether numbers are sent for all of them.
        take_gaps: whether a value may be missing.
        stand_as_sent: whether what JSON holds for all of them stands in rows as it is.
        are_called_by_numbers: whether a name has only characters that numbers have.
        listed: their names with commas between them, for errors.
        rule: what a row must be, as the first half of a sentence.
        values: "4 numbers", or "4 values".
    """

    def __init__(self, card: Card) -> None:
        self.features = card.features
        self.are_plain = all(map(is_plain, self.features))
        self.all = tuple(self._column_of(feature) for feature in self.features)
        self.are_numbers = not any(feature.categories for feature in self.features)
        self.are_numeric = all(column.is_numeric for column in self.all)
        self.take_gaps = any(feature.takes_missing for feature in self.features)
        self.stand_as_sent = self.are_numbers and not self.take_gaps
        self._positions = {name: position for position, f in enumerate(self.features) for name in f.names}
        self.are_called_by_numbers = not all(name.encode().translate(None, OF_NUMBERS) for name in self._positions)
        self.listed = listed([feature.name for feature in self.features])
        units = {feature.unit for feature in self.features}
        unit = f", in {self.features[0].unit}" if len(units) == 1 and units != {""} else ""
        words = listed([feature.words for feature in self.features])
        n_values = len(self.features)
        self.values = f"{n_values} {'number' if self.are_numbers else 'value'}{'' if n_values == 1 else 's'}"
        self.rule = f"Each row needs {self.values} ({words}{unit})"

    def _column_of(self, feature: Feature) -> Column:
        return CategoryColumn(feature) if feature.categories else NumberColumn(feature, self.are_plain)

    @cached_property
    def row_type(self) -> Any:
        """The type of a row of JSON, for msgspec."""
        return tuple[tuple(column.json_type for column in self.all)]  # type: ignore[misc]  # as many as there are

    @property
    def n_bytes(self) -> int:
        """How many bytes a row has in binary tensors: a number 8, a text its length in 4 more, if it is no long one."""
        return sum(max([8, *map(_n_bytes, feature.categories)]) for feature in self.features)

    def most(self, marks: str) -> int:
        """Return how many of these characters a row's names, and the texts in it, have at the most."""
        in_categories = sum(_most_in_categories(f, marks) for f in self.features if f.categories)
        if not _count("".join(self._positions), marks):  # as it mostly is
            return in_categories
        return in_categories + sum(max(_count(name, marks) for name in f.names) for f in self.features)

    def fault(self, words: str, place: Loc) -> InvalidInstances:
        """Return an error that says what is wrong with a row.

        Args:
            words: what, as the second half of a sentence.
            place: where the row is.
        """
        return InvalidInstances(f"{self.rule}; {words}.", place)

    def refusal(self, refused: Refused, row: int, position: int, place: Loc = ()) -> InvalidInstances:
        """Return an error that says what is wrong with a value.

        Args:
            refused: what its column says of it.
            row: which row it is in.
            position: which of the row's values it is.
            place: where the row is, if it is not the body's part that is called by its position.
        """
        words = f"row {row}, {self.all[position].place(position)}{refused}"
        place = (*(place or (row,)), position)
        if self.are_plain:
            return self.fault(words, place)
        return InvalidInstances(f"R{words[1:]}{'' if words.endswith('?') else '.'}", place)

    def __len__(self) -> int:
        return len(self.features)

    def __contains__(self, name: object) -> bool:
        return name in self._positions

    def position_of(self, name: str) -> int:
        """Return which column a name means; raise KeyError if none."""
        return self._positions[name]

    def order_of(self, names: Sequence[object], place: Loc = ()) -> list[int]:
        """Return where each feature stands among the names of columns.

        Raises:
            InvalidInstances: naming the first column that is unknown or comes twice, or those that are missing.
        """
        found: dict[int, int] = {}
        for column, name in enumerate(map(str, names)):  # numbers name columns, too
            if name not in self._positions:
                raise InvalidInstances(f'The column "{shown(name)}" is unknown; {self._advice(name)}.', place)
            if self._positions[name] in found:
                raise InvalidInstances(f'The column "{name}" comes twice; send each of {self.listed} once.', place)
            found[self._positions[name]] = column
        if missing := [f.name for position, f in enumerate(self.features) if position not in found]:
            raise InvalidInstances(f"Columns are missing: {listed(missing)}.", place)
        return [found[position] for position in range(len(self.features))]

    def _advice(self, name: str) -> str:
        close = get_close_matches(name[:40], self._positions, 1) if len(self) > MOST_NAMES else []
        return f'the closest is "{close[0]}"' if close else f"send {self.listed}"


def _n_bytes(label: Label) -> int:
    return 4 + min(_LONG_TEXT, len(label.encode())) if isinstance(label, str) else 8


def _count(text: str, marks: str) -> int:
    return sum(map(text.count, marks))


def _most_in_categories(feature: Feature, marks: str) -> int:
    texts = [label for label in feature.categories if isinstance(label, str)]
    unknown = _UNKNOWN_MARKS if texts and feature.takes_unknown else 0
    return max([unknown, *(_count(text, marks) for text in texts)])
