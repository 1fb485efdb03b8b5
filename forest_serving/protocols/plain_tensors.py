"""What nearly every small request of the Open Inference Protocol is: few rows of numbers in JSON, read in one step.

What a client sends differs from request to request only in the numbers. So what stands around one row is understood
once and kept, and of the next request only the row is read.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import msgspec

from forest_serving.errors import MalformedJson
from forest_serving.protocols.wanted_outputs import Outputs, Wish
from forest_serving.rows.json_body import JSON_ERRORS, check_utf8
from forest_serving.rows.reader import RowReader

_MOST_KEPT = 64
_NESTED = b"[["

Plain = tuple[Any, str | None, Wish]  # a request's rows, its id, and what it wants

_decode_outputs = msgspec.json.Decoder(Outputs).decode
_decode_parameters = msgspec.json.Decoder(dict[str, Any] | None).decode


class PlainRequests:
    """Reads plain requests.

    Args:
        reader: the model's.
        wish_of: what understands which outputs are wanted, from those that a request lists and from its parameters.
    """

    def __init__(self, reader: RowReader, wish_of: Callable[[Outputs, dict[str, Any] | None], Wish]) -> None:
        self._columns, self._few = reader.columns, reader.few
        self._max_bytes = reader.few.max_bytes if reader.columns.are_numbers else 0
        row: Any = reader.columns.row_type
        width: Any = Literal[len(reader.columns)]
        self._decode_nested = _decoder(tuple[int, width], reader.few.rows_type)
        self._decode_flat = _decoder(tuple[Literal[1], width], row)
        self._decode_row = msgspec.json.Decoder(row).decode
        features = reader.columns.features
        self._spare = [msgspec.json.encode([getattr(f, end) for f in features]) for end in ("lowest", "highest")]
        self._kept: dict[tuple[bytes, bytes], Wish] = {}
        self._wish_of = lru_cache(_MOST_KEPT)(
            lambda outputs, parameters: wish_of(_decode_outputs(outputs), _decode_parameters(parameters))
        )

    def read(self, body: bytes) -> Plain | None:
        """Return what a plain request says, or None if it is none."""
        if len(body) > self._max_bytes:
            return None
        begin = body.find(b"[", body.find(b'"data"'))  # where the first row probably begins, nested or flat
        begin += body.startswith(_NESTED, begin)
        end = body.find(b"]", begin) + 1
        around = body[:begin], body[end:]
        try:
            if wish := self._kept.get(around):
                return self._few.encoded([self._decode_row(body[begin:end])]), None, wish
            plain = self._whole(body)
        except (*JSON_ERRORS, MalformedJson):
            return None
        if plain and plain[1] is None and self._is_row_between(*around):
            self._keep(around, plain[2])
        return plain

    def _whole(self, body: bytes) -> Plain | None:
        """Return what a request says that may be plain; raise one of JSON_ERRORS if it is not."""
        check_utf8(body)  # what stands around the row is not decoded
        is_nested = _NESTED in body
        request = (self._decode_nested if is_nested else self._decode_flat)(body)
        (tensor,) = request.inputs
        rows = self._few.encoded(tensor.data if is_nested else [tensor.data])
        if rows is None or len(rows) != tensor.shape[0] or tensor.name in self._columns:
            return None
        return rows, request.id, self._wish_of(bytes(request.outputs), bytes(request.parameters))

    def _is_row_between(self, before: bytes, after: bytes) -> bool:
        """Return whether what stands between is the request's one row: another one in its place is read as that."""
        try:
            found = [self._whole(before + row + after) for row in self._spare]
        except JSON_ERRORS:
            return False
        return [plain and plain[0] for plain in found] == [[self._decode_row(row)] for row in self._spare]

    def _keep(self, around: tuple[bytes, bytes], wish: Wish) -> None:
        if len(self._kept) >= _MOST_KEPT:  # a client may send another one each time
            self._kept.clear()
        self._kept[around] = wish


def _decoder(shape: Any, data: Any) -> Callable[[bytes], Any]:
    of_tensor = [("name", str), ("shape", shape), ("datatype", Literal["FP32", "FP64"]), ("data", data)]
    tensor: Any = msgspec.defstruct("PlainInput", of_tensor, forbid_unknown_fields=True)
    nothing = msgspec.Raw(b"null")
    of_request: Any = [
        ("inputs", tuple[tensor]),
        ("id", str | None, None),
        ("outputs", msgspec.Raw, nothing),
        ("parameters", msgspec.Raw, nothing),
    ]
    request: Any = msgspec.defstruct("PlainRequest", of_request, forbid_unknown_fields=True)
    return msgspec.json.Decoder(request).decode
