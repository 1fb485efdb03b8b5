"""The service's own protocol: {"instances": rows} in, {"predictions": ...} out."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Annotated, Any

import msgspec

from iris_serving.errors import InvalidInstances, MalformedJson, TooManyRows
from iris_serving.many_rows import read_rows
from iris_serving.parsing import parse_instances
from iris_serving.schema import DOMAIN_LIMIT, EXAMPLE_ROW, FEATURES, Row

_FIELD = "instances"
_FEW_ROWS_BYTES = 500  # about where both fast readers take the same time
_EXAMPLE = msgspec.json.encode({_FIELD: [EXAMPLE_ROW]}).decode()


_Number = Annotated[float, msgspec.Meta(gt=-DOMAIN_LIMIT, lt=DOMAIN_LIMIT)]
_Rows = Annotated[list[tuple[(_Number,) * len(FEATURES)]], msgspec.Meta(min_length=1)]  # type: ignore[misc,valid-type]


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    instances: _Rows  # type: ignore[valid-type]  # a length that schema.py decides


_decode_request = msgspec.json.Decoder(_Request).decode
_decode_anything = msgspec.json.Decoder().decode
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
        if len(body) <= _FEW_ROWS_BYTES:
            try:
                return _decode_request(body).instances
            except (msgspec.MsgspecError, ValueError, RecursionError):
                return _examine(body)
        rows = read_rows(body, max_rows)
        # Bodies of a million brackets are slow to refuse: whatever has as many commas as too many rows would have is
        # not looked into.
        if rows is None and body.count(b",") >= max_numbers:
            raise TooManyRows(f"The body holds more values than {max_rows:,} rows; send fewer rows at a time.")
        return _examine(body) if rows is None else rows

    return decode


def _examine(body: bytes) -> Sequence[Row]:
    """Return rows that may be good, or find the first fault."""
    request = _object(body)
    if _FIELD not in request:
        names = [key for key in islice(request, 20) if len(key) < 40 and key.isprintable()]
        guess = get_close_matches(_FIELD, names, 1)
        hint = f'did you mean "{_FIELD}" where you wrote "{guess[0]}"?' if guess else f"send {_EXAMPLE}."
        raise InvalidInstances(f'The field "{_FIELD}" is missing; {hint}', (_FIELD,))
    if len(request) > 1:
        name = next(key for key in request if key != _FIELD)[:40]
        name = name if name.isprintable() else ascii(name)[1:-1]  # it may end up in a terminal
        raise InvalidInstances(f'The field {name!r} is unknown; send only "{_FIELD}".', (name,))
    return parse_instances(request[_FIELD])


def _object(body: bytes) -> dict[str, Any]:
    if not body:
        raise MalformedJson(f"The body is empty; send {_EXAMPLE}.")
    try:
        request = _decode_anything(body)
    except RecursionError:
        raise MalformedJson(f"The body is nested too deeply; send {_EXAMPLE}.") from None
    except (msgspec.DecodeError, ValueError) as error:
        reason = str(error).partition(" - at ")[0][:120]
        raise MalformedJson(f"The body cannot be read as JSON: {reason}. Send, for example, {_EXAMPLE}.") from None
    if not isinstance(request, dict):
        raise InvalidInstances(f"The body must be a JSON object; send {_EXAMPLE}.")
    return request
