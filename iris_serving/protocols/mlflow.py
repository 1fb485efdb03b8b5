"""MLflow's scoring server: rows or a data frame in JSON, or CSV with names, in; {"predictions": ...} out."""

from collections.abc import Callable
from typing import Any

import msgspec

from iris_serving.columns import checked, reordered, rows_of
from iris_serving.csv_rows import read_csv
from iris_serving.endpoint import Doc
from iris_serving.errors import InvalidInstances, Loc
from iris_serving.json_body import check_fields, check_parameters, check_size, only_one_of, read_object
from iris_serving.many_rows import read_rows
from iris_serving.schema import EXAMPLE_ROW, FEATURES, Predictor
from iris_serving.schemas import INSTANCES, PARAMETERS, RECORDS, ROWS, any_of, object_schema
from iris_serving.settings import Settings

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
_SPLIT = object_schema({"columns": {"const": EXAMPLE["dataframe_split"]["columns"]}, "data": ROWS})
_SCHEMAS = {"dataframe_split": _SPLIT, "dataframe_records": RECORDS, "instances": INSTANCES, "inputs": INSTANCES}
DOC = Doc(
    "Class of each row: an object as MLflow's clients send it, or a list as SageMaker's do",
    {
        "application/json": EXAMPLE,
        "text/csv": "5.1,3.5,1.4,0.2",
        "application/jsonlines": '{"features": [5.1, 3.5, 1.4, 0.2]}',
    },
    any_of(INSTANCES, *(object_schema({form: _SCHEMAS[form]}, {"params": PARAMETERS}) for form in FORMATS)),
    other_replies=("text/csv", "application/jsonlines", "application/x-npy"),
)
encode = msgspec.json.Encoder().encode


def from_json(model: Predictor, settings: Settings) -> Callable[[bytes], bytes]:
    """Return what answers a JSON object; it raises MalformedJson, InvalidInstances or TooManyRows."""

    def predict(body: bytes) -> bytes:
        check_size(body, settings)
        rows: Any = read_rows(body, settings.max_rows)
        if rows is None:
            request = read_object(body, _EXAMPLE_TEXT)
            check_fields(request, {*FORMATS, "params", "parameters"})
            check_parameters(request, "params", "parameters")
            rows = _rows(request, body, settings)
        return encode(model.predict(rows))

    return predict


def from_csv(model: Predictor, settings: Settings) -> Callable[[bytes], bytes]:
    """Return what answers CSV; it raises InvalidInstances or TooManyRows."""
    return lambda body: encode(model.predict(read_csv(body, settings)))


def _rows(request: dict[str, Any], body: bytes, settings: Settings) -> Any:
    form = only_one_of(request, FORMATS)
    if form == "dataframe_split":
        return _split(request[form], settings)
    if form == "dataframe_records" and not (isinstance(request[form], list) and _are_objects(request[form])):
        raise InvalidInstances('"dataframe_records" must be a list of objects, {column: number}.', (form,))
    return rows_of(request[form], form, body, settings)


def _are_objects(records: list[Any]) -> bool:
    return bool(records) and all(isinstance(record, dict) for record in records)


def _split(frame: Any, settings: Settings) -> Any:
    form = "dataframe_split"
    if not isinstance(frame, dict) or "data" not in frame:
        raise InvalidInstances(f'"{form}" must be an object with "columns" and "data".', (form,))
    check_fields(frame, {"columns", "data", "index"})
    rows, columns = frame["data"], frame.get("columns")
    if columns is not None:
        if not isinstance(columns, list):
            raise InvalidInstances('"columns" must be a list of names.', (form, "columns"))
        rows = reordered(columns, rows, (form, "columns"))
    return checked(rows, form, settings)


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in this protocol's shape."""
    return encode({"error_code": _CODES.get(status, "BAD_REQUEST"), "message": message})
