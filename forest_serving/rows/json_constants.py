"""NaN and Infinity, which JSON does not have and Python's json.dumps writes: where they stand, and what to send."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from forest_serving.errors import Loc, MalformedJson
from forest_serving.rows.columns import VECTOR, Columns
from forest_serving.rows.words import shown


class _Constant(str):
    """One of them, where a number should be; no text in a body is of this type."""


_CONSTANTS = {text: _Constant(text) for text in ("NaN", "Infinity", "-Infinity")}
_decode = json.JSONDecoder(parse_constant=_CONSTANTS.__getitem__).raw_decode
_PLAIN = frozenset({int, float, str, bool, type(None)})


def explained(error: MalformedJson, body: bytes, columns: Columns) -> MalformedJson:
    """Return an error that names row and column of the first constant in a body; the error itself if there is none.

    Args:
        error: what a reader says of the body; of JSON lines, its place begins with the row.
        body: JSON, or JSON lines.
        columns: the model's.
    """
    if b"NaN" not in body and b"Infinity" not in body:
        return error
    row = error.loc[0] if error.loc else None
    try:
        document, _ = _decode((_line(body, row) if isinstance(row, int) else body).decode().lstrip())
    except (ValueError, RecursionError):
        return error
    if not (found := _first_constant(document)):
        return error
    place, constant = found
    cell = _cell(document, place, row if isinstance(row, int) else 0, columns)
    return _told(constant, (*error.loc, *place), cell, columns)


def _line(body: bytes, row: int) -> bytes:
    return next(islice(filter(None, map(bytes.strip, body.split(b"\n"))), row, None))


def _first_constant(document: Any) -> tuple[Loc, str] | None:
    """Return where the first constant stands, and which it is."""
    path: list[str | int] = [""]
    stack: list[Iterator[tuple[str | int, Any]]] = [iter([("", document)])]
    while stack:
        for key, value in stack[-1]:
            if isinstance(value, _Constant):
                return (*path, key)[2:], value
            if isinstance(value, dict | list) and not _is_plain(value):
                path.append(key)
                stack.append(iter(value.items() if isinstance(value, dict) else enumerate(value)))
                break
        else:
            path.pop()
            stack.pop()
    return None


def _is_plain(values: dict[str, Any] | list[Any]) -> bool:
    return _PLAIN.issuperset(map(type, values.values() if isinstance(values, dict) else values))


def _cell(document: Any, place: Loc, line: int, columns: Columns) -> tuple[int, int] | None:
    """Return which row and column a place in a document is, or None if it is no value of a row."""
    last = max((n for n, key in enumerate(place) if isinstance(key, str)), default=-1)
    name, numbers = place[last] if last >= 0 else "", [key for key in place[last + 1 :] if isinstance(key, int)]
    record = place[last - 1] if last > 0 else None  # a record's number, if there are records
    row = record if isinstance(record, int) else line
    if place[0:1] == ("inputs",) and last == 2 and name == "data" and isinstance(record, int):
        return _cell_of_tensor(document["inputs"][record].get("name"), numbers, columns)
    if name in columns and (last > 0 or not numbers):
        return (numbers or [row])[0], columns.position_of(str(name))
    if len(numbers) == 1 and (name in ("", VECTOR) or isinstance(record, int)):
        return row, numbers[0]
    if len(numbers) != 2:
        return None
    return numbers[0], _column_of_frame(document, numbers[1], columns)


def _cell_of_tensor(name: object, numbers: list[int], columns: Columns) -> tuple[int, int] | None:
    """Return row and column of a value in a tensor of the Open Inference Protocol, nested or flat, or None."""
    if not numbers:
        return None
    if isinstance(name, str) and name in columns:
        return numbers[0], columns.position_of(name)
    if len(numbers) == 1:
        return divmod(numbers[0], len(columns))
    return numbers[0], numbers[1]


def _column_of_frame(document: Any, position: int, columns: Columns) -> int:
    """Return which column stands at a position, where a data frame may name them in another order."""
    frame = document.get("dataframe_split") if isinstance(document, dict) else None
    names = frame.get("columns") if isinstance(frame, dict) else None
    name = names[position] if isinstance(names, list) and position < len(names) else None
    return columns.position_of(name) if isinstance(name, str) and name in columns else position


def _told(constant: str, place: Loc, cell: tuple[int, int] | None, columns: Columns) -> MalformedJson:
    """Return an error that says what to send instead."""
    place = tuple(shown(key) if isinstance(key, str) else key for key in place)
    if cell is None or cell[1] >= len(columns):
        where = ".".join(map(str, place)) or "the body"
        return MalformedJson(f"{constant}, which JSON does not have, stands at {where}; send null or a number.", place)
    column = columns.all[cell[1]]
    may_be_missing = column.feature.takes_missing
    if constant != "NaN":
        fix = f"send a finite number{', or null if it is missing' if may_be_missing else ''}"
    else:
        fix = "send null" if may_be_missing else "this column takes no gaps: fill it in, or leave the row out"
    where = f"Row {cell[0]}, {column.place(cell[1])}"
    return MalformedJson(f"{where} is {constant}, which JSON does not have; {fix}.", place)
