"""MLflow's scoring server: rows or a data frame in JSON, or CSV with names, in; {"predictions": ...} out."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np

from forest_serving.errors import InvalidInstances, Loc
from forest_serving.protocols.endpoint import Doc
from forest_serving.protocols.schemas import INSTANCES, PARAMETERS, RECORDS, ROWS, any_of, object_schema
from forest_serving.rows.columns import order_of, rows_of
from forest_serving.rows.csv_rows import read_csv
from forest_serving.rows.json_body import check_parameters, check_size, only_one_of, read_fields, read_value
from forest_serving.schema import EXAMPLE_ROW, FEATURES, Predictor
from forest_serving.settings import Settings

FORMATS = ("dataframe_split", "dataframe_records", "instances", "inputs")
EXAMPLE = {"dataframe_split": {"columns": [f.column for f in FEATURES], "data": [list(EXAMPLE_ROW)]}}
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    404: "ENDPOINT_NOT_FOUND",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
_EXAMPLE_TEXT = '{"inputs": [[5.1, 3.5, 1.4, 0.2]]}'
_UNNAMED = list(range(len(FEATURES)))  # what pandas calls the columns of a frame that was given no names
_COLUMNS = {
    "enum": [EXAMPLE["dataframe_split"]["columns"], _UNNAMED, None],
    "description": "In any order; numbered, or null: in the schema's.",
}
_INDEX = {"type": "null", "description": "Or a list with a label for each row, which no schema can count."}
_SPLIT = object_schema({"data": ROWS}, {"columns": _COLUMNS, "index": _INDEX})
_SCHEMAS = {"dataframe_split": _SPLIT, "dataframe_records": RECORDS, "instances": INSTANCES, "inputs": INSTANCES}
DOC = Doc(
    "Class of each row: an object or CSV with names as MLflow's clients send them, or a list, CSV without names, "
    "application/jsonlines or application/x-npy as SageMaker's do",
    {"application/json": EXAMPLE, "text/csv": "5.1,3.5,1.4,0.2"},
    any_of(INSTANCES, *(object_schema({form: _SCHEMAS[form]}, {"params": PARAMETERS}) for form in FORMATS)),
    other_replies=("text/csv", "application/jsonlines", "application/x-npy"),
)
_RECORDS = re.compile(rb"\[\s*\{").match
encode = msgspec.json.Encoder().encode


def from_json(model: Predictor, settings: Settings) -> Callable[[bytes], bytes]:
    """Return what answers a JSON object; it raises MalformedJson, InvalidInstances or TooManyRows."""

    def predict(body: bytes) -> bytes:
        check_size(body, settings)
        request = read_fields(body, _EXAMPLE_TEXT, (*FORMATS, "params", "parameters"))
        check_parameters(request, "params", "parameters")
        return encode(model.predict(_rows(request, settings)))

    return predict


def from_csv(model: Predictor, settings: Settings) -> Callable[[bytes], bytes]:
    """Return what answers CSV; it raises InvalidInstances or TooManyRows."""
    return lambda body: encode(model.predict(read_csv(body, settings)))


def _rows(request: Mapping[str, bytes], settings: Settings) -> Any:
    form = only_one_of(request, FORMATS)
    if form == "dataframe_split":
        return _split(request[form], settings)
    if form == "dataframe_records" and not _RECORDS(request[form]):
        raise InvalidInstances('"dataframe_records" must be a list of objects, {column: number}.', (form,))
    return rows_of(request[form], form, settings)


def _split(content: bytes, settings: Settings) -> Any:
    form, example = "dataframe_split", '{"columns": names, "data": rows}'
    if content[:1] != b"{":
        raise InvalidInstances(f'"{form}" must be {example}.', (form,))
    frame = read_fields(content, example, ("columns", "data", "index"))
    if "data" not in frame:
        raise InvalidInstances(f'"{form}" has no "data"; send {example}.', (form, "data"))
    rows = _framed(frame, form, settings)
    index = read_value(frame.get("index", b"null"), example)
    if index is not None and (not isinstance(index, list) or len(index) != len(rows)):
        raise InvalidInstances(f'"index" must be a list with a label for each of {len(rows):,} rows.', (form, "index"))
    return rows


def _framed(frame: Mapping[str, bytes], form: str, settings: Settings) -> Any:
    """Return the rows of a data frame, in the schema's order."""
    columns = read_value(frame.get("columns", b"null"), _EXAMPLE_TEXT)
    if columns is None or columns == _UNNAMED:
        return rows_of(frame["data"], form, settings)
    if not isinstance(columns, list):
        raise InvalidInstances('"columns" must be a list of names.', (form, "columns"))
    order, rows = order_of(columns, (form, "columns")), rows_of(frame["data"], form, settings)
    return rows[:, order] if isinstance(rows, np.ndarray) else [[row[column] for column in order] for row in rows]


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in this protocol's shape."""
    return encode({"error_code": _CODES.get(status, "BAD_REQUEST"), "message": message})
