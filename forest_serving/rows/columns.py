"""Rows whose numbers have names: columns in any order, in scikit-learn's spelling or the schema's."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any

import msgspec
import numpy as np

from forest_serving.errors import InvalidInstances, Loc, TooManyRows
from forest_serving.rows.instances import parse_instances
from forest_serving.rows.json_arrays import read_list
from forest_serving.rows.json_body import read_value, shown
from forest_serving.schema import DOMAIN_LIMIT, FEATURES, Feature
from forest_serving.settings import Settings

_POSITIONS = {name: position for position, f in enumerate(FEATURES) for name in (f.name, f.column)}
_NAMES = ", ".join(feature.name for feature in FEATURES)
_FEW_BYTES, _SLOW_BYTES = 500, 100_000
_FEW_ROWS = 10  # up to so many, the model answers one by one
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


def rows_of(content: bytes, field: str, settings: Settings) -> Any:
    """Return the rows in a JSON text: rows of numbers, records {name: number}, or columns {name: numbers}.

    Args:
        content: the text.
        field: where it stood in the body, for errors.
        settings: the limit on rows.

    Returns:
        Sequences of floats, or an array of shape (n_rows, n_features) if there are many.

    Raises:
        MalformedJson: if the text is not JSON.
        InvalidInstances: if it is nothing of these, or a value is not a finite number.
        TooManyRows: if there are more rows than allowed.
    """
    if len(content) > _FEW_BYTES:
        rows = read_list(content, settings.max_rows)
        if rows is None:
            rows = _fast_records(content, settings.max_rows)
        if rows is not None:
            return rows
    value = read_value(content, "[[5.1, 3.5, 1.4, 0.2]]")
    if isinstance(value, dict):
        rows = checked(_rows_of_columns(value, field), field, settings)
        _refuse_doubled_names(content, 1)
        return rows
    if isinstance(value, list) and value and isinstance(value[0], dict):
        rows = checked(_rows_of_records(value, field), field, settings)
        _refuse_doubled_names(content, len(value))
        return rows
    return checked(value, field, settings)


def checked(value: object, field: str, settings: Settings) -> Any:
    """Return rows of numbers that were in a field, given as lists; see rows_of."""
    if isinstance(value, list) and len(value) > settings.max_rows:
        raise TooManyRows(f"A request may hold {settings.max_rows:,} rows; send fewer at a time.")
    try:
        rows = parse_instances(value)
    except InvalidInstances as error:
        sentence = error.message.replace('"instances"', f'"{field}"' if field else "The body")
        raise InvalidInstances(sentence, (field, *error.loc[1:]) if field else error.loc[1:]) from None
    return np.array(rows) if len(rows) > _FEW_ROWS else rows


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


_Number = Annotated[float, msgspec.Meta(gt=-DOMAIN_LIMIT, lt=DOMAIN_LIMIT)]
_KEYS = [f"number_{position}" for position in range(len(FEATURES))]


def _record_decoder(names: Sequence[str]) -> Any:
    fields = [(key, _Number) for key in _KEYS]
    rename = dict(zip(_KEYS, names, strict=True))
    return msgspec.json.Decoder(list[msgspec.defstruct("Record", fields, rename=rename, forbid_unknown_fields=True)])  # type: ignore[misc]


_RECORD_DECODERS = [_record_decoder([f.name for f in FEATURES]), _record_decoder([f.column for f in FEATURES])]


def _fast_records(content: bytes, max_rows: int) -> Any:
    """Return the rows of records that all spell their names in one way, or None if anything is odd."""
    for decoder in _RECORD_DECODERS:
        with suppress(msgspec.MsgspecError, ValueError, RecursionError):
            records = decoder.decode(content)
            if 0 < len(records) <= max_rows and not _has_doubled_names(content, len(records)):
                return np.array([msgspec.structs.astuple(record) for record in records])
    return None


def _refuse_doubled_names(content: bytes, n_objects: int) -> None:
    """Raise InvalidInstances if an object has a name twice, of which JSON readers keep only the last."""
    if not _has_doubled_names(content, n_objects):
        return
    if len(content) > _SLOW_BYTES:
        raise InvalidInstances("Column names come twice, or are written with escapes; send each once, without.")
    json.loads(content, object_pairs_hook=_unique)


def _has_doubled_names(content: bytes, n_objects: int) -> bool:
    """Return whether names may come twice, as they do if there is other than one of each for each object."""
    vectors = content.count(f'"{_VECTOR}"'.encode())
    return b"\\" in content or any(_count(content, feature) + vectors != n_objects for feature in FEATURES)


def _count(content: bytes, feature: Feature) -> int:
    return sum(content.count(f'"{name}"'.encode()) for name in {feature.name, feature.column})


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        raise InvalidInstances(f'The column "{shown(name)}" comes twice; send each once.')
    return found
