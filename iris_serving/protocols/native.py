"""The service's own protocol: {"instances": rows} in, {"predictions": ...} out."""

from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from itertools import islice
from typing import Any

import msgspec

from iris_serving.errors import InvalidInstances, MalformedJson
from iris_serving.parsing import in_domain, parse_instances
from iris_serving.schema import EXAMPLE_ROW, FEATURES, Row

_FIELD = "instances"
_EXAMPLE = msgspec.json.encode({_FIELD: [EXAMPLE_ROW]}).decode()


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    instances: list[tuple[(float,) * len(FEATURES)]]  # type: ignore[valid-type]  # a length that schema.py decides


_decode_request = msgspec.json.Decoder(_Request).decode
_decode_anything = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


def decode(body: bytes) -> Sequence[Row]:
    """Return the rows in a request's body.

    A typed decoder reads what is surely good; whatever it refuses is read again by the rules of parse_instances, which
    word the error.

    Raises:
        MalformedJson: if the body cannot be read as JSON.
        InvalidInstances: if it is not an object with the one field "instances", or parse_instances refuses the rows.
    """
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):
        rows = _decode_request(body).instances
        if rows and all(map(in_domain, rows)):
            return rows
    return _examine(body)


def _examine(body: bytes) -> Sequence[Row]:
    """Return rows that may be good, or find the first fault."""
    request = _object(body)
    if _FIELD not in request:
        guess = get_close_matches(_FIELD, [key for key in islice(request, 20) if len(key) < 40], 1)
        hint = f'did you mean "{_FIELD}" where you wrote "{guess[0]}"?' if guess else f"send {_EXAMPLE}."
        raise InvalidInstances(f'The field "{_FIELD}" is missing; {hint}', (_FIELD,))
    if len(request) > 1:
        name = next(key for key in request if key != _FIELD)[:40]
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
