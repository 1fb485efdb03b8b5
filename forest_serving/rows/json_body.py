"""Reading a body as JSON, and the objects in it, with errors that say what to send instead."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import msgspec

from forest_serving.errors import BodyTooLarge, InvalidInstances, MalformedJson, TooManyRows
from forest_serving.rows.words import shown

_decode = msgspec.json.Decoder().decode
JSON_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)  # what msgspec raises for what it does not take

_decode_raw = msgspec.json.Decoder(msgspec.Raw).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
PARAMETERS_TYPE = dict[str, Any] | None  # what check_parameters takes, for msgspec
_QUICK_BYTES = 10_000  # too few to be slow, whatever they are


class SizeLimit(NamedTuple):
    """What is too long, or holds too many values, to be read as JSON: it would be slow.

    Attributes:
        max_bytes: the longest body.
        max_rows: the most rows.
        n_commas: how many commas the numbers and names of a row have at the most.
    """

    max_bytes: int
    max_rows: int
    n_commas: int

    def check(self, body: bytes) -> None:
        """Raise BodyTooLarge or TooManyRows if a body is beyond the limit."""
        self.check_bytes(body)
        if len(body) > _QUICK_BYTES:
            # One comma more where rows have an index.
            most = self.max_rows * (self.n_commas + 1) + 1000
            if body.count(b",") > most or body.count(b"[") + body.count(b"{") > most:
                raise TooManyRows(
                    f"The body holds more values than {self.max_rows:,} rows (FOREST_MAX_ROWS); send fewer at a time."
                )

    def check_bytes(self, body: bytes) -> None:
        """Raise BodyTooLarge if a body is too long, whatever it holds."""
        if len(body) > self.max_bytes:
            raise BodyTooLarge(
                f"JSON may have {self.max_bytes:,} bytes (FOREST_MAX_BODY_BYTES); send fewer rows at a time."
            )


def read_value(body: bytes, example: str) -> Any:
    """Return a body's JSON value; raise MalformedJson with an example of what to send."""
    return _read(_decode, body, example)


def check_json(body: bytes, example: str) -> None:
    """Raise MalformedJson, as read_value does, but make no values."""
    _read(_decode_raw, body, example)


def _read(decode: Callable[[bytes], Any], body: bytes, example: str) -> Any:
    if not body:
        raise MalformedJson(f"The body is empty; send {example}.")
    try:
        return decode(body)
    except RecursionError:
        raise MalformedJson(f"The body is nested too deeply; send {example}.") from None
    except JSON_ERRORS as error:
        reason = str(error).partition(" - at ")[0][:120]
        raise MalformedJson(f"The body cannot be read as JSON: {reason}. Send, for example, {example}.") from None


def read_fields(body: bytes, example: str, known: Collection[str] | None = None) -> dict[str, bytes]:
    """Return the JSON text of each field of an object, of which only those with rows need be read number by number.

    Raises:
        MalformedJson, InvalidInstances: if the body is not JSON, not an object, or has a field that is not known.
    """
    try:
        fields = {name: bytes(raw) for name, raw in _decode_fields(body).items()}
    except JSON_ERRORS:
        read_object(body, example)  # raises, with the reason
        raise MalformedJson(f"The body cannot be read as JSON; send {example}.") from None
    check_utf8(body)
    if known is not None:
        check_fields(fields, known)
    return fields


def check_utf8(body: bytes) -> None:
    """Raise MalformedJson unless a body is UTF-8, as JSON must be; msgspec does not look at text that it skips."""
    try:
        if not body.isascii():
            body.decode()
    except UnicodeDecodeError as error:
        raise MalformedJson(f"The body cannot be read as JSON: byte {error.start} is not UTF-8; send UTF-8.") from None


def read_object(body: bytes, example: str) -> dict[str, Any]:
    """Return a body's JSON object; raise MalformedJson, or InvalidInstances if it is another value."""
    request = read_value(body, example)
    if not isinstance(request, dict):
        raise InvalidInstances(f"The body must be a JSON object; send {example}.")
    return request


def check_fields(request: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise InvalidInstances if an object has another field than the known ones."""
    for field in request:
        if field not in known:
            name, only = shown(field), ", ".join(f'"{each}"' for each in sorted(known))
            raise InvalidInstances(f"The field {name!r} is unknown; send only {only}.", (name,))


def check_parameters(request: Mapping[str, bytes], *fields: str) -> None:
    """Raise InvalidInstances if parameters are neither an object nor null; this model has none that could differ."""
    for field in fields:
        if request.get(field, b"{")[:1] not in (b"{", b"n"):
            raise InvalidInstances(f'"{field}" must be an object or null.', (field,))


def only_one_of(request: Mapping[str, Any], fields: Collection[str]) -> str:
    """Return which one of the fields an object has; raise InvalidInstances if none or several."""
    found = [field for field in fields if field in request]
    if len(found) != 1:
        names = ", ".join(f'"{field}"' for field in fields)
        there = " and ".join(f'"{field}"' for field in found) or "none"
        raise InvalidInstances(f"Send exactly one of {names}; the body has {there}.")
    return found[0]


def text_of(example: Any) -> str:
    """Return an example as JSON, for an error; of a very long one, the beginning."""
    text = msgspec.json.encode(example).decode()
    return text if len(text) <= 400 else f"{text[:300]}…"
