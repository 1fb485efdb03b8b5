"""A data set that is known beforehand: which columns it has, and what its classes are called."""

from collections.abc import Sequence
from typing import NamedTuple

from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import Column, did_you_mean, quoted


class Layout(NamedTuple):
    """What a known data set looks like.

    Attributes:
        name: of the model trained on it.
        columns: the features, in the model's order.
        class_names: of the labels 0, 1, 2 …
        label_columns: the names that the label column may have; the first is the one to show.
        min_accuracy: nothing is saved below it, unless the command says otherwise.
        plot_rows: how many of its rows are kept for pictures.
    """

    name: str
    columns: tuple[Column, ...]
    class_names: tuple[str, ...]
    label_columns: tuple[str, ...]
    min_accuracy: float = 0.0
    plot_rows: int = 0

    @property
    def must_name(self) -> str:
        """What the first line of a CSV file has to name."""
        names = [*(column.name for column in self.columns), self.label_columns[0]]
        return f"the columns {', '.join(names)}; for other data, say which column holds the classes with --label"

    def label_position(self, header: Sequence[str], path: str) -> int:
        """Return which column of a header is the label's.

        Raises:
            BadTrainingData: if the header lacks a column, has one that is unknown, or names one twice.
        """
        known = {spelling: name for name, *spellings in self._spellings() for spelling in spellings}
        names = [known.get(text, text) for text in header]
        wanted = list(dict.fromkeys(known.values()))
        faults = {
            "lacks the": [name for name in wanted if name not in names],
            "has an unknown": [name for name in names if name not in wanted],
            "has twice the": [name for name in wanted if names.count(name) > 1],
        }
        for fault, wrong in faults.items():
            if wrong:
                candidates = [text for text in header if text not in known] if fault == "lacks the" else wanted
                hint = did_you_mean(wrong[0], candidates) if fault != "has twice the" else ""
                raise BadTrainingData(
                    f"{path}, line 1 {fault} column {quoted(wrong)}{hint}. It must name {self.must_name}."
                )
        return names.index(self.label_columns[0])

    def order(self, header: Sequence[str]) -> list[int]:
        """Return the positions of the features in a header without its label column."""
        return [next(i for i, text in enumerate(header) if text in column.names) for column in self.columns]

    def label(self, text: str, place: str) -> int:
        """Return the number of a class given by its name or number."""
        names = {name.casefold(): number for number, name in enumerate(self.class_names)}
        numbers = {str(number): number for number in range(len(self.class_names))}
        try:
            return (numbers | names)[text.casefold()]
        except KeyError:
            known = ", ".join(f"{name} ({number})" for number, name in enumerate(self.class_names))
            raise BadTrainingData(
                f"{place}: {text[:40]!r} is not one of {known}. Write a name or its number."
            ) from None

    def _spellings(self) -> list[tuple[str, ...]]:
        """Return, for each column and the label, the name to show, and all names that are taken for it."""
        columns = [(column.name, *column.names) for column in self.columns]
        return [*columns, (self.label_columns[0], *self.label_columns)]
