"""What a body means, by Python's own readers: slow, plain, and written without looking at the service's.

Every function raises Refused where no service may understand the body.
"""

import csv
import json
import re
from io import BytesIO

import numpy as np

LIMIT = 3.4028235677973366e38  # the first double that is infinite in float32
NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII)
DTYPES = {f"FP{8 * n}": f"<f{n}" for n in (2, 4, 8)}
DTYPES |= {f"{sign}INT{8 * n}": f"<{kind}{n}" for sign, kind in (("", "i"), ("U", "u")) for n in (1, 2, 4, 8)}


class Refused(Exception):
    """The body means nothing."""


class Unsure(Exception):
    """Python's own reader cannot tell."""


class Object(dict):
    """A JSON object that knows whether a name came twice."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self.has_doubles = len(self) < len(pairs)


def _no_constant(text):
    raise Refused(text)


DECODER = json.JSONDecoder(
    object_pairs_hook=Object,
    parse_constant=_no_constant,
    parse_int=lambda text: int(text) if len(text) < 400 else float(text),  # Python reads 4,300 digits at the most
)


def json_of(text):
    """Return a JSON value."""
    try:
        return DECODER.decode(text.decode())
    except RecursionError:
        raise Unsure from None
    except ValueError as error:
        raise Refused(error) from None


def number(value):
    """Return a JSON number that a model can be asked."""
    if type(value) not in (int, float) or not -LIMIT < value < LIMIT:
        raise Refused(value)
    return float(value)


def ordered(names, card):
    """Return where each feature stands among names."""
    found = [next((f for f, each in enumerate(card.features) if name in each.names), None) for name in map(str, names)]
    if sorted(found, key=str) != sorted(range(len(card.features)), key=str):
        raise Refused(names)
    return [found.index(f) for f in range(len(card.features))]


def rows_of(value, card):
    """Return the rows in a JSON value: lists, records, or columns."""
    if isinstance(value, dict):
        value = _rows_of_columns(value)
    if not isinstance(value, list) or not value:
        raise Refused(value)
    if isinstance(value[0], dict):
        value = [_row_of_record(record, card) for record in value]
    if not all(isinstance(row, list) and len(row) == len(card.features) for row in value):
        raise Refused(value)
    return [[number(cell) for cell in row] for row in value]


def _rows_of_columns(columns):
    """Return records; a value by itself is a column, and in a column a list of one value is that value."""
    values = [each if isinstance(each, list) else [each] for each in columns.values()]
    values = [[v[0] if isinstance(v, list) and len(v) == 1 else v for v in each] for each in values]
    if columns.has_doubles or len(set(map(len, values))) != 1:
        raise Refused(columns)
    return [Object(list(zip(columns, row, strict=True))) for row in zip(*values, strict=True)]


def _row_of_record(record, card):
    if not isinstance(record, Object) or record.has_doubles:
        raise Refused(record)
    is_column = any("features" in feature.names for feature in card.features)
    if list(record) == ["features"] and (isinstance(record["features"], list) or not is_column):
        return record["features"]
    values = list(record.values())
    return [values[place] for place in ordered(record, card)]


def instances(body, card):
    """Return the rows of {"instances": rows}."""
    value = json_of(body)
    if not isinstance(value, dict) or list(value) != ["instances"] or not isinstance(value["instances"], list):
        raise Refused(value)
    return rows_of(value["instances"], card)


def platforms(body, card):
    """Return the rows in a body of any of the platforms' forms, wherever they stand; a list of numbers is one row."""
    value = json_of(body)
    if isinstance(value, list):
        return rows_of([value] if value and not isinstance(value[0], list | dict) else value, card)
    if not isinstance(value, dict):
        raise Refused(value)
    forms = [n for n in ("instances", "inputs", "data", "dataframe_records", "dataframe_split") if n in value]
    if len(forms) != 1:
        raise Refused(value)
    return _frame(value[forms[0]], card) if forms == ["dataframe_split"] else rows_of(value[forms[0]], card)


def _frame(frame, card):
    if not isinstance(frame, dict):
        raise Refused(frame)
    names = frame.get("columns")
    rows = rows_of(frame.get("data"), card)
    if names is None or names == list(range(len(card.features))):
        return rows
    if not isinstance(names, list):
        raise Refused(names)
    order = ordered(names, card)
    return [[row[place] for place in order] for row in rows]


def json_lines(body, card):
    """Return the rows of JSON values with white space between."""
    values, text = [], _text(body).strip(" \t\r\n")
    try:
        while text:
            value, end = DECODER.raw_decode(text)
            values.append(value)
            text = text[end:].lstrip(" \t\r\n")
    except RecursionError:
        raise Unsure from None
    except ValueError as error:
        raise Refused(error) from None
    return rows_of(values, card)


def csv_lines(body, card):
    """Return the rows of comma-separated values, with or without names, and with names perhaps an index."""
    text = _text(body).removeprefix("\ufeff").replace("\r\n", "\n").strip()
    try:
        lines = [line for line in csv.reader(text.split("\n"), strict=True) if line]
    except csv.Error as error:
        raise Refused(error) from None
    first = [cell.strip() for cell in lines[0]] if lines else []
    order, known = None, {name for feature in card.features for name in feature.names}
    if set(first) <= known or not all(map(NUMBER.fullmatch, first)):
        start = not first[0] and len(first) > 1
        order, lines = ordered(first[start:], card), [line[start:] for line in lines[1:]]
    rows = [[number(_cell(cell)) for cell in line] for line in lines]
    if not rows or any(len(row) != len(card.features) for row in rows):
        raise Refused(body)
    return rows if order is None else [[row[place] for place in order] for row in rows]


def _cell(text):
    if not NUMBER.fullmatch(text):
        raise Refused(text)
    return float(text)


def _text(body):
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Refused(error) from None


def npy(body, card):
    """Return the rows of NumPy's file format."""
    try:
        array = np.load(BytesIO(body), allow_pickle=False)
    except (ValueError, OSError, SyntaxError, TypeError) as error:
        raise Refused(error) from None
    return array.astype(np.float64).reshape(-1, len(card.features)).tolist()


def tensors(head, tail, card):
    """Return the rows of the Open Inference Protocol's tensors: JSON, and the bytes behind it."""
    request, columns, start = json_of(head), {}, 0
    for tensor in request["inputs"]:
        size = (tensor.get("parameters") or {}).get("binary_data_size")
        dtype = np.dtype(DTYPES[tensor["datatype"]])
        if size is None:
            values = np.array(_flat(tensor["data"]), np.float64 if dtype.kind == "f" else dtype)
        else:
            values, start = np.frombuffer(tail[start : start + size], dtype), start + size
        columns[tensor["name"]] = values.astype(np.float64).reshape(tensor["shape"])
    if start != len(tail):
        raise Refused(tail)
    names = {name for feature in card.features for name in feature.names}
    if len(columns) == 1 and not names & columns.keys():
        return next(iter(columns.values())).reshape(-1, len(card.features)).tolist()
    values = [column.ravel() for column in columns.values()]
    return np.column_stack([values[place] for place in ordered(columns, card)]).tolist()


def _flat(data):
    """Return numbers, nested or not."""
    return [cell for each in data for cell in (each if isinstance(each, list) else [each])]
