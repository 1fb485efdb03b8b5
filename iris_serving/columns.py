"""Rows whose numbers have names: columns in any order, in scikit-learn's spelling or the schema's."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from iris_serving.errors import InvalidInstances, Loc, TooManyRows
from iris_serving.json_body import shown
from iris_serving.parsing import parse_instances
from iris_serving.schema import FEATURES, Row
from iris_serving.settings import Settings

_POSITIONS = {name: position for position, f in enumerate(FEATURES) for name in (f.name, f.column)}
_NAMES = ", ".join(feature.name for feature in FEATURES)
_VECTOR = "features"  # SageMaker's name for a row's numbers


def is_feature(name: str) -> bool:
    """Return whether a name is a feature's, in either spelling."""
    return name in _POSITIONS


def order_of(names: Sequence[object], place: Loc = ()) -> list[int]:
    """Return where each feature stands among the names of columns.

    Raises:
        InvalidInstances: naming the first column that is unknown or comes twice, or those that are missing.
    """
    found: dict[int, int] = {}
    for column, name in enumerate(names):
        if not isinstance(name, str) or name not in _POSITIONS:
            raise InvalidInstances(f'The column "{shown(str(name))}" is unknown; send {_NAMES}.', place)
        if _POSITIONS[name] in found:
            raise InvalidInstances(f'The column "{name}" comes twice; send each of {_NAMES} once.', place)
        found[_POSITIONS[name]] = column
    if missing := [f.name for position, f in enumerate(FEATURES) if position not in found]:
        raise InvalidInstances(f"Columns are missing: {', '.join(missing)}.", place)
    return [found[position] for position in range(len(FEATURES))]


def rows_of(value: object, field: str, body: bytes, settings: Settings) -> Sequence[Row]:
    """Return the rows of a JSON value: rows of numbers, records {name: number}, or columns {name: numbers}.

    Args:
        value: the value.
        field: where it stood in the body, for errors.
        body: all that was sent, in which names are looked for that come twice.
        settings: the limit on rows.

    Raises:
        InvalidInstances: if it is none of them, or a value is not a finite number.
        TooManyRows: if there are more rows than allowed.
    """
    if isinstance(value, dict):
        _refuse_doubled_names(body, 1)
        value = _rows_of_columns(value, field)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        _refuse_doubled_names(body, len(value))
        value = _rows_of_records(value, field)
    return checked(value, field, settings)


def checked(value: object, field: str, settings: Settings) -> Sequence[Row]:
    """Return rows of numbers that were in a field; see rows_of."""
    if isinstance(value, list) and len(value) > settings.max_rows:
        raise TooManyRows(f"A request may hold {settings.max_rows:,} rows; send fewer at a time.")
    try:
        return parse_instances(value)
    except InvalidInstances as error:
        sentence = error.message.replace('"instances"', f'"{field}"' if field else "The body")
        raise InvalidInstances(sentence, (field, *error.loc[1:]) if field else error.loc[1:]) from None


def reordered(names: Sequence[object], rows: object, place: Loc) -> object:
    """Return rows with their numbers in the order of the schema; whatever is not a row of that length stays."""
    order = order_of(names, place)
    if not isinstance(rows, list):
        return rows
    n = len(order)
    return [[row[column] for column in order] if isinstance(row, list) and len(row) == n else row for row in rows]


def _rows_of_columns(columns: Mapping[str, Any], field: str) -> object:
    order = order_of(list(columns), (field,))
    lists = [[columns[name]] if not isinstance(columns[name], list) else columns[name] for name in columns]
    if len(set(map(len, lists))) != 1:
        lengths = ", ".join(f'"{name}" {len(each)}' for name, each in zip(columns, lists, strict=True))
        raise InvalidInstances(f"The columns must be equally long; there are {lengths} values.", (field,))
    flat = [[v[0] if isinstance(v, list) and len(v) == 1 else v for v in lists[column]] for column in order]
    return list(map(list, zip(*flat, strict=True)))


def _rows_of_records(records: Sequence[Any], field: str) -> list[Any]:
    rows: list[Any] = []
    known: dict[tuple[str, ...], list[str]] = {}  # a record's names, as they stand → in the schema's order
    for position, record in enumerate(records):
        if not isinstance(record, dict):
            raise InvalidInstances(f"Row {position} is not an object, as row 0 is.", (field, position))
        if len(record) == 1 and _VECTOR in record:
            rows.append(record[_VECTOR])
            continue
        names = tuple(record)
        if names not in known:
            known[names] = [names[column] for column in order_of(names, (field, position))]
        rows.append([record[name] for name in known[names]])
    return rows


def _refuse_doubled_names(body: bytes, n_objects: int) -> None:
    """Raise InvalidInstances if an object has a name twice, of which JSON readers keep only the last.

    Counting names in the body is fast; it is read again only where it has other than one of each for each object.
    """
    counts = [body.count(f'"{f.name}"'.encode()) + body.count(f'"{f.column}"'.encode()) for f in FEATURES]
    vectors = body.count(f'"{_VECTOR}"'.encode())
    aliased = any(feature.name == feature.column for feature in FEATURES)
    if b"\\" in body or aliased or any(count + vectors != n_objects for count in counts):
        json.loads(body, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        raise InvalidInstances(f'The column "{shown(name)}" comes twice; send each once.')
    return found
