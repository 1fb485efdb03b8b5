"""The one place that decides whether a value is rows of numbers that the model can answer for."""

from typing import Any, NoReturn

from iris_serving.errors import InvalidInstances
from iris_serving.schema import DOMAIN_LIMIT, FEATURES, Row

_NAMES = ", ".join(feature.name.replace("_", " ") for feature in FEATURES)
_UNITS = {feature.unit for feature in FEATURES}
_COMMON_UNIT = f", in {FEATURES[0].unit}" if len(_UNITS) == 1 and FEATURES[0].unit else ""
_ROW_RULE = f"Each row needs {len(FEATURES)} numbers ({_NAMES}{_COMMON_UNIT})"
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
    return [_parse_row(row, position) for position, row in enumerate(instances)]


def _from_array(array: Any) -> object:
    import numpy as np  # only callers in Python pass arrays; a server's supervisor need not load NumPy

    return np.asarray(array).tolist()


def _parse_row(row: object, position: int) -> Row:
    if not isinstance(row, list | tuple):
        _refuse(f"row {position} is {_kind(row)}; write it as a list", position)
    if len(row) != len(FEATURES):
        _refuse(f"row {position} has {len(row)}", position)
    for column, value in enumerate(row):
        if not isinstance(value, int | float) or isinstance(value, bool):
            _refuse(f"row {position}, number {column} ({FEATURES[column].name}) is {_kind(value)}", position, column)
        if not -DOMAIN_LIMIT < value < DOMAIN_LIMIT:  # NaN compares false, too
            _refuse(
                f"row {position}, number {column} ({FEATURES[column].name}) is NaN, infinite or beyond ±3.4e38",
                position,
                column,
            )
    return [float(value) for value in row]


def _refuse(fault: str, *place: int) -> NoReturn:
    raise InvalidInstances(f"{_ROW_RULE}; {fault}.", ("instances", *place))


def _kind(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number"
    return _KINDS.get(type(value), f"a {type(value).__name__}")
