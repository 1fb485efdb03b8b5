"""The one place that decides whether a value is rows of numbers that the model can answer for."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import msgspec

from forest_serving.errors import InvalidInstances
from forest_serving.schema import DOMAIN_LIMIT, FEATURES, Row

_NAMES = ", ".join(feature.name.replace("_", " ") for feature in FEATURES)
_UNITS = {feature.unit for feature in FEATURES}
_COMMON_UNIT = f", in {FEATURES[0].unit}" if len(_UNITS) == 1 and FEATURES[0].unit else ""
_ROW_RULE = f"Each row needs {len(FEATURES)} numbers ({_NAMES}{_COMMON_UNIT})"
_NUMBER = Annotated[float, msgspec.Meta(gt=-DOMAIN_LIMIT, lt=DOMAIN_LIMIT)]
_ROWS = list[Annotated[list[_NUMBER], msgspec.Meta(min_length=len(FEATURES), max_length=len(FEATURES))]]
_KINDS = {bool: "a boolean", str: "a string", list: "a list", tuple: "a list", dict: "an object", type(None): "null"}


def parse_instances(instances: object) -> list[Row]:
    """Return the rows as plain lists of finite floats.

    Args:
        instances: a list of rows, or anything with NumPy's array interface, of shape (n_rows, n_features); each value
            an int or a float with an absolute value below DOMAIN_LIMIT. Integers are rounded to the nearest double, as
            JSON readers do.

    Raises:
        InvalidInstances: naming the first fault's position; booleans, strings, NaN, infinities, ragged and empty rows
            and an empty list are faults.
    """
    if hasattr(instances, "__array__"):
        instances = _from_array(instances)
    if not isinstance(instances, list | tuple):
        raise InvalidInstances(f'"instances" must be a list of rows, not {_kind(instances)}.', ("instances",))
    if not instances:
        raise InvalidInstances('"instances" is empty; send at least one row.', ("instances",))
    first = _first_odd_row(instances)
    odd = [_examine_row(row, position) for position, row in enumerate(instances[first:], first)]
    return [*msgspec.convert(instances[:first], _ROWS), *odd]


def _first_odd_row(instances: Sequence[object]) -> int:
    """Return the position of the first row that is not surely good; looking closely at every row would be slow."""
    if not {list, tuple}.issuperset(map(type, instances)):
        return 0  # msgspec would take a set for a row
    try:
        return len(msgspec.convert(instances, _ROWS))
    except msgspec.ValidationError as error:
        place = re.search(r"at `\$\[([0-9]+)\]", str(error))
        return int(place[1]) if place else 0


def _from_array(array: Any) -> object:
    import numpy as np  # only callers in Python pass arrays; a server's supervisor need not load NumPy

    return np.asarray(array).tolist()


def _examine_row(row: object, position: int) -> Row:
    """Return a row that may be good, or find its first fault."""
    if not isinstance(row, list | tuple):
        raise _fault(f"row {position} is {_kind(row)}; write it as a list", position)
    if len(row) != len(FEATURES):
        raise _fault(f"row {position} has {len(row)}", position)
    return [_parse_number(value, position, column) for column, value in enumerate(row)]


def _parse_number(value: object, position: int, column: int) -> float:
    place = f"row {position}, number {column} ({FEATURES[column].name})"
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _fault(f"{place} is {_kind(value)}", position, column)
    with suppress(OverflowError):
        if -DOMAIN_LIMIT < float(value) < DOMAIN_LIMIT:  # after rounding to a double, which can reach the limit
            return float(value)
    raise _fault(f"{place} is NaN, infinite or beyond ±3.4e38", position, column)


def _fault(fault: str, *place: int) -> InvalidInstances:
    return InvalidInstances(f"{_ROW_RULE}; {fault}.", ("instances", *place))


def _kind(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number"
    return _KINDS.get(type(value), f"a {type(value).__name__}")
