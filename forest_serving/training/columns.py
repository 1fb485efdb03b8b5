"""What to call the columns of a table: names for schemas and paths, made from whatever text the training data has."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from typing import NamedTuple

from forest_serving.errors import BadTrainingData
from forest_serving.few_of_many import first_of

_UNIT = re.compile(r"(.*\S)\s*(?:\(([^()]{1,20})\)|\[([^][]{1,20})\])", re.DOTALL)  # "width (cm)", "width [cm]"

Units = Mapping[str, str] | Sequence[str | None]  # by a column's name or spelling, or one for each column


class Column(NamedTuple):
    """One column of the input, before anything is known of its values.

    Attributes:
        name: letters, digits and _.
        spellings: other names that mean this column; the training data's own first.
        unit: empty for a bare number.
    """

    name: str
    spellings: tuple[str, ...] = ()
    unit: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the column."""
        return (self.name, *self.spellings)

    @property
    def text(self) -> str:
        """The name that the training data had."""
        return self.spellings[0] if self.spellings else self.name


def columns_of(texts: Sequence[str]) -> tuple[Column, ...]:
    """Return columns for distinct texts such as "age" or "width (cm)", with names that no other column has.

    A name is the text without its unit; where that would be ambiguous, the whole text; and at last a number is added.
    A column's own text never becomes another column's name.
    """
    short = [_slug(_without_unit(text)[0], number) for number, text in enumerate(texts)]
    wished = Counter(short)
    taken = set(texts)
    columns = []
    for number, text in enumerate(texts):
        whole = _slug(text, number)
        wishes = chain([short[number]] if wished[short[number]] == 1 else [], [whole])
        names = chain(wishes, (f"{whole}_{n}" for n in count(2)))
        name = next(name for name in names if name == text or name not in taken)
        taken.add(name)
        columns.append(Column(name, () if name == text else (text,), _without_unit(text)[1]))
    return tuple(columns)


def unnamed_columns(positions: Iterable[int]) -> tuple[Column, ...]:
    """Return columns for data that has no names, numbered as there."""
    return tuple(Column(f"feature_{position}") for position in positions)


def with_units(columns: Sequence[Column], units: Units | None) -> tuple[Column, ...]:
    """Return the columns with these units in place of those read from their names.

    Raises:
        BadTrainingData: if a name is unknown, or there are more or fewer units than columns.
    """
    if units is None:
        return tuple(columns)
    if not isinstance(units, Mapping):
        if isinstance(units, str) or len(units) != len(columns):
            given = "a single text" if isinstance(units, str) else f"{len(units)} units"
            raise BadTrainingData(f"units holds {given} for {len(columns)} columns; give one for each, or a dict.")
        return tuple(column._replace(unit=unit or "") for column, unit in zip(columns, units, strict=True))
    known = {name: column for column in columns for name in column.names}
    for name in units:
        if name not in known:
            raise BadTrainingData(f'units names a column "{name}" that there is not{did_you_mean(name, known)}.')
    of_column = {known[name].name: unit or "" for name, unit in units.items()}
    return tuple(column._replace(unit=of_column.get(column.name, column.unit)) for column in columns)


def did_you_mean(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    """Return a hint at the known name that is most like this one, or nothing."""
    by_folded = {text.casefold(): text for text in known}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.7)
    return f' (did you mean "{by_folded[close[0]][:60]}"?)' if close else ""


def quoted(names: Sequence[str], most: int = 8) -> str:
    """Return names to read in a sentence, the first ones of many."""
    return first_of([f'"{name[:60]}"' for name in names], most)


def _without_unit(text: str) -> tuple[str, str]:
    found = _UNIT.fullmatch(text.strip())
    unit = (found[2] or found[3]).strip() if found else ""
    return (found[1], unit) if found and unit else (text, "")


def _slug(text: str, number: int) -> str:
    letters = unicodedata.normalize("NFC", text.lower())
    return re.sub(r"[\W_]+", "_", letters).strip("_") or f"feature_{number}"
