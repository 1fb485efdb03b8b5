"""The columns of a model's input, by all their names."""

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from forest_serving.card import Card
from forest_serving.errors import InvalidInstances, Loc

VECTOR = "features"  # SageMaker's name for all numbers of a row, in {"features": [...]}
_MOST_NAMES = 12  # of more, an error names the first ones
_SLOW_BYTES = 100_000  # Python's own reader, which tells of doubled names, takes 10 ms for more


def shown(name: str) -> str:
    """Return a stranger's text, short and fit for a terminal."""
    return name[:40] if name[:40].isprintable() else ascii(name[:40])[1:-1]


class Columns:
    """Which names mean which number of a row.

    Attributes:
        features: the card's.
        listed: their names with commas between them, for errors.
        rule: what a row must be, as the first half of a sentence.
        n_commas: how many commas the names of a record hold at the most.
    """

    def __init__(self, card: Card) -> None:
        self.features = card.features
        self.n_commas = sum(max(name.count(",") for name in f.names) for f in self.features)  # in a record's names
        self._positions = {name: position for position, f in enumerate(self.features) for name in f.names}
        self.listed = _listed([feature.name for feature in self.features])
        units = {feature.unit for feature in self.features}
        unit = f", in {self.features[0].unit}" if len(units) == 1 and units != {""} else ""
        words = _listed([feature.words for feature in self.features])
        numbers = "1 number" if len(self.features) == 1 else f"{len(self.features)} numbers"
        self.rule = f"Each row needs {numbers} ({words}{unit})"

    def __len__(self) -> int:
        return len(self.features)

    def __contains__(self, name: object) -> bool:
        return name in self._positions

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
            raise InvalidInstances(f"Columns are missing: {_listed(missing)}.", place)
        return [found[position] for position in range(len(self.features))]

    def _advice(self, name: str) -> str:
        close = get_close_matches(name[:40], self._positions, 1) if len(self) > _MOST_NAMES else []
        return f'the closest is "{close[0]}"' if close else f"send {self.listed}"


def n_colons(objects: Iterable[Iterable[str]]) -> int:
    """Return how many colons the JSON text of objects has, if each name is there once and all values are numbers."""
    return sum(1 + name.count(":") for each in objects for name in each)


def refuse_doubled_names(content: bytes, objects: Iterable[Iterable[str]]) -> None:
    """Raise InvalidInstances if an object in a JSON text has a name twice: JSON readers keep only the last.

    Args:
        content: the text; all values in it are numbers.
        objects: what a reader made of it.
    """
    if content.count(b":") == n_colons(objects):
        return
    if len(content) > _SLOW_BYTES:
        raise InvalidInstances("Column names come twice; send each once.")
    json.loads(content, object_pairs_hook=_unique)


def _listed(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[: _MOST_NAMES - 2])} and {len(names) - _MOST_NAMES + 2} more"


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        raise InvalidInstances(f'The column "{shown(name)}" comes twice; send each once.')
    return found
