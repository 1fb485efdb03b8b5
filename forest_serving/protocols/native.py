"""The service's own protocol: {"instances": rows} in, {"predictions": ...} out."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Annotated, Any

import msgspec

from forest_serving.errors import InvalidInstances, Loc, TooManyRows
from forest_serving.protocols.endpoint import Doc
from forest_serving.rows.instances import parse_instances
from forest_serving.rows.json_arrays import read_rows
from forest_serving.rows.json_body import check_fields, read_object
from forest_serving.schema import DOMAIN_LIMIT, EXAMPLE_ROW, FEATURES, Row

_FIELD = "instances"
_FEW_ROWS_BYTES = 500  # about where both fast readers take the same time
_EXAMPLE = msgspec.json.encode({_FIELD: [EXAMPLE_ROW]}).decode()


_Number = Annotated[float, msgspec.Meta(gt=-DOMAIN_LIMIT, lt=DOMAIN_LIMIT)]
_Rows = Annotated[list[tuple[(_Number,) * len(FEATURES)]], msgspec.Meta(min_length=1)]  # type: ignore[misc,valid-type]


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    instances: _Rows  # type: ignore[valid-type]  # a length that schema.py decides


_decode_request = msgspec.json.Decoder(_Request).decode
DOC = Doc("Class of each row", {"application/json": {_FIELD: [list(EXAMPLE_ROW)]}}, reply="Predictions")
PROBA_DOC = DOC._replace(summary="Class, class name and class probabilities of each row", reply="Probabilities")
MODEL_DOC = Doc("What is served: tag, engine, classes, features, training report", reply="Model")
METRICS_DOC = Doc("Metrics as text, for Prometheus")
encode = msgspec.json.Encoder().encode


def decoder(max_rows: int) -> Callable[[bytes], Any]:
    """Return what reads the rows in a request's body, as sequences or as an array.

    Fast readers take what is surely good: one made for few rows, one for many. Whatever they refuse is read again by
    the rules of parse_instances, which word the error. The reader raises

    MalformedJson: if the body cannot be read as JSON;
    InvalidInstances: if it is not an object with the one field "instances", or parse_instances refuses the rows;
    TooManyRows: if it may hold more than max_rows.
    """
    max_numbers = max_rows * len(FEATURES)

    def decode(body: bytes) -> Any:
        rows = _read_few_rows(body) if len(body) <= _FEW_ROWS_BYTES else read_rows(body, max_rows)
        if rows is not None and len(rows) <= max_rows:
            return rows
        # Bodies of a million brackets are slow to refuse: whatever has as many commas as too many rows would have is
        # not looked into.
        if body.count(b",") >= max_numbers:
            raise TooManyRows(f"The body holds more values than {max_rows:,} rows; send fewer rows at a time.")
        return _examine(body)

    return decode


def _read_few_rows(body: bytes) -> Any:
    try:
        return _decode_request(body).instances
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _examine(body: bytes) -> Sequence[Row]:
    """Return rows that may be good, or find the first fault."""
    request = read_object(body, _EXAMPLE)
    if _FIELD not in request:
        names = [key for key in islice(request, 20) if len(key) < 40 and key.isprintable()]
        guess = get_close_matches(_FIELD, names, 1)
        hint = f'did you mean "{_FIELD}" where you wrote "{guess[0]}"?' if guess else f"send {_EXAMPLE}."
        raise InvalidInstances(f'The field "{_FIELD}" is missing; {hint}', (_FIELD,))
    check_fields(request, {_FIELD})
    return parse_instances(request[_FIELD])


def refuse(status: int, message: str, loc: Loc) -> bytes:
    """Return an error in BentoML's shape, which its clients understand."""
    return encode({"error": message, "detail": [{"loc": loc, "msg": message}] if loc else []})
