"""POST /ui/regions: what the model answers wherever two features go, as the cells of a picture."""

from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any

import numpy as np

from forest_serving.card import Card, Feature
from forest_serving.errors import InvalidInstances
from forest_serving.protocols.endpoint import Doc, Endpoint, Headers, Reply
from forest_serving.protocols.predictor import Context
from forest_serving.rows.doubled_names import refuse_doubled_names
from forest_serving.rows.json_body import check_fields, read_object, text_of
from forest_serving.rows.json_schema import Schema, object_schema
from forest_serving.rows.numbers import Row
from forest_serving.rows.values import is_number
from forest_serving.web.axes import MOST_CELLS, Axis, axis_example, axis_schema, read_axis
from forest_serving.web.easel import Easel
from forest_serving.web.packing import PACKED, VARIES, packed, takes_gzip

_MEDIA_TYPE = b"application/octet-stream"
_SUMMARY = (
    "What is answered where two features vary and all others stay, row by row from y's first value on, and how many"
    " cells that is in x-columns and x-rows: of each cell {cell}"
)
_POSITION = "the position of its class in {n_bytes} bytes, the lowest first"
_NUMBER = "its number, a float32 with the lowest byte first"


def regions(context: Context) -> Endpoint:
    """Return what answers with cells.

    The rows that are asked are made up: they are not counted, or drift would be found in them.
    """
    read, cell, easel = _Reader(context).read, _cell_type(context.card), Easel()

    def respond(headers: Headers, body: bytes) -> Coroutine[Any, Any, Reply]:
        return _drawn(easel.draw(partial(context.model.answer_plane, *read(body))), cell, takes_gzip(headers))

    doc = _doc(context)
    return Endpoint(respond, intake=context.json_intake, media_type=_MEDIA_TYPE, can_stop=True, doc=doc)


async def _drawn(answering: Coroutine[Any, Any, Any], cell: Any, is_packed: bool) -> Reply:
    found = await answering
    n_rows, n_columns = found.shape
    with np.errstate(over="ignore"):  # beyond float32 is infinity
        body = found.astype(cell).tobytes()
    fields = ((b"x-columns", b"%d" % n_columns), (b"x-rows", b"%d" % n_rows), VARIES)
    if is_packed:  # a picture has large parts that are alike: 160 KB become 2
        return Reply(await packed(body), _MEDIA_TYPE, (*fields, PACKED))
    return Reply(body, _MEDIA_TYPE, fields)


def _cell_type(card: Card) -> Any:
    return np.min_scalar_type(len(card.classes) - 1).newbyteorder("<") if card.is_classifier else np.dtype("<f4")


class _Reader:
    """Reads what to draw."""

    def __init__(self, context: Context) -> None:
        self._rows, self._columns = context.rows, context.rows.columns
        self._example = text_of(_example(context))

    def read(self, body: bytes) -> tuple[Row, Axis, Axis]:
        """Return a row, and the axes that vary from it; raise RequestError if they cannot be read."""
        request = read_object(body, self._example)
        check_fields(request, {"instance", "x", "y", "columns", "rows"})
        for field in ("instance", "x", "y"):
            if field not in request:
                raise InvalidInstances(f'The field "{field}" is missing; send, for example, {self._example}.', (field,))
        refuse_doubled_names(body, [request])
        x = read_axis("x", request["x"], self._columns, _count(request, "columns"))
        y = read_axis("y", request["y"], self._columns, _count(request, "rows"))
        if x[0] == y[0]:
            raise InvalidInstances('"x" and "y" must be different features.', ("y", "feature"))
        return self._row(request["instance"]), x, y

    def _row(self, instance: Any) -> Row:
        try:
            (row,) = self._rows.instances.read([instance], "instance")
        except InvalidInstances as error:
            error.loc = (*error.loc[:1], *error.loc[2:])  # of a list of one
            raise
        return row


def _count(request: Mapping[str, Any], field: str) -> int:
    count = request.get(field, MOST_CELLS)
    if not is_number(count) or count not in range(1, MOST_CELLS + 1):
        raise InvalidInstances(f'"{field}" must be a whole number from 1 to {MOST_CELLS}.', (field,))
    return int(count)


def _example(context: Context) -> dict[str, Any]:
    x, y = map(axis_example, context.card.features[:2])
    return {"instance": context.example[0], "x": x, "y": y, "columns": 4, "rows": 3}


def _doc(context: Context) -> Doc:
    card, example = context.card, _example(context)
    cell = _POSITION.format(n_bytes=_cell_type(card).itemsize) if card.is_classifier else _NUMBER
    return Doc(_SUMMARY.format(cell=cell), {"application/json": example}, _schema(card.features) | {"example": example})


def _schema(features: tuple[Feature, ...]) -> Schema:
    row: Schema = {"anyOf": [{"$ref": f"#/components/schemas/{rows}/items"} for rows in ("Rows", "Records")]}
    axis: Schema = {"anyOf": [axis_schema(feature) for feature in features if len(feature.categories) <= MOST_CELLS]}
    count: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_CELLS, "default": MOST_CELLS}
    body = object_schema({"instance": row, "x": axis, "y": axis}, {"columns": count, "rows": count})
    return body | {"anyOf": [_differing(feature) for feature in features]}


def _differing(feature: Feature) -> Schema:
    """Return the schema of a body whose x, and no y, is a feature."""
    is_feature: Schema = {"properties": {"feature": {"enum": list(feature.names)}}}
    return {"properties": {"x": is_feature, "y": {"not": is_feature}}}
