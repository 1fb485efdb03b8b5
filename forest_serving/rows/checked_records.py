"""Records {feature: value} before they are stored: only what will be a row of the model."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from forest_serving.errors import Loc, UnfitRecord
from forest_serving.rows.columns import Columns
from forest_serving.rows.values import Refused, is_number
from forest_serving.rows.words import kind_of, listed, shown

OURS = "_updated_at"  # stands in what is stored, and says when we wrote it
_LONGEST_INTEGER = 2**63


class RecordChecker:
    """Checks records, and gives their features the model's own names.

    Args:
        columns: the model's; None where no model is known: any scalar may be stored under any name, then.
    """

    def __init__(self, columns: Columns | None) -> None:
        self.columns = columns

    def checked(self, features: Any, place: Loc) -> dict[str, Any]:
        """Return features as they are stored.

        Args:
            features: what a client sent.
            place: where it stands in the body.

        Raises:
            UnfitRecord: naming the first fault, with its place.
        """
        found = self.partly_checked(features, place)
        if self.columns is None:
            return found
        if missing := [feature.name for feature in self.columns.features if feature.name not in found]:
            raise UnfitRecord(f"Features are missing: {listed(missing)}; send all, of a gap null.", place)
        return {feature.name: found[feature.name] for feature in self.columns.features}

    def partly_checked(self, features: Any, place: Loc) -> dict[str, Any]:
        """Return the same, though features may be missing."""
        if not isinstance(features, dict):
            raise UnfitRecord(f"Features are an object {{name: value}}, not {kind_of(features)}.", place)
        found: dict[str, Any] = {}
        for name, value in features.items():
            own_name = self._own_name(name, (*place, name))
            if own_name in found:
                raise UnfitRecord(f'The feature "{shown(own_name)}" comes twice; send it once.', (*place, name))
            found[own_name] = self._value(own_name, value, (*place, name))
        return found

    def named(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored by the model's own names; others stay as they are, but for ours.

        Where a feature stands under two of its names, the one counts that whoever reads the row takes.
        """
        found = {self._known(name) or name: value for name, value in record.items() if name != OURS}
        for feature in self.columns.features if self.columns else ():
            if name := next((name for name in feature.names if name in record), None):
                found[feature.name] = record[name]
        return found

    def _known(self, name: str) -> str | None:
        if self.columns is None:
            return name or None
        return self.columns.features[self.columns.position_of(name)].name if name in self.columns else None

    def _own_name(self, name: str, place: Loc) -> str:
        if name == OURS:
            raise UnfitRecord(f'"{OURS}" is set by the server; leave it out.', place)
        if own_name := self._known(name):
            return own_name
        if self.columns is None:
            raise UnfitRecord("A feature has an empty name; give it one.", place)
        names = [each for feature in self.columns.features for each in feature.names]
        close = get_close_matches(name[:40], names, 1)
        hint = f'did you mean "{close[0]}"?' if close else f"send {self.columns.listed}."
        raise UnfitRecord(f'The feature "{shown(name)}" is unknown; {hint}', place)

    def _value(self, name: str, value: Any, place: Loc) -> Any:
        if self.columns is not None:
            column = self.columns.all[self.columns.position_of(name)]
            try:
                column.parse(value)
            except Refused as refused:
                raise UnfitRecord(_sentence(name, str(refused)), place) from None
        elif isinstance(value, list | dict):
            fix = "send a number, text, true, false or null"
            raise UnfitRecord(f'The feature "{shown(name)}" is {kind_of(value)}; {fix}.', place)
        return _storable(name, value, place)


def _sentence(name: str, words: str) -> str:
    """Return what is wrong with a value, and what would be right; a column of plain numbers leaves that out."""
    fix = "" if ";" in words else "; send a number"
    return f'The feature "{name}"{words}{fix}{"" if words.endswith("?") else "."}'


def _storable(name: str, value: Any, place: Loc) -> Any:
    """Return a value that every reader of JSON reads: of integers beyond 64 bits, the double next to it."""
    if not is_number(value) or not isinstance(value, int) or -_LONGEST_INTEGER <= value < _LONGEST_INTEGER:
        return value
    try:
        return float(value)
    except ArithmeticError:
        raise UnfitRecord(f'The feature "{shown(name)}" is beyond all doubles; send a smaller number.', place) from None
