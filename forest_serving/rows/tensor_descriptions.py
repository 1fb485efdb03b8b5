"""How the Open Inference Protocol describes a model's inputs: one matrix of numbers, or where there are categories, one
tensor for each column.
"""

from collections.abc import Sequence
from typing import Any

from forest_serving.card import Value
from forest_serving.rows.columns import Columns
from forest_serving.rows.json_schema import Schema, value_schema

_MATRIX = "input-0"


def metadata_of(columns: Columns) -> list[dict[str, Any]]:
    """Return the metadata of the inputs."""
    if columns.are_numbers:
        return [{"name": _MATRIX, "datatype": "FP64", "shape": [-1, len(columns)]}]
    return [{"name": c.feature.name, "datatype": c.datatype, "shape": [-1]} for c in columns.all]


def example_of(columns: Columns, example: Sequence[Value]) -> list[dict[str, Any]]:
    """Return the inputs of one row."""
    if columns.are_numbers:
        return [{"name": _MATRIX, "shape": [1, len(columns)], "datatype": "FP64", "data": [list(example)]}]
    return [
        {"name": column.feature.name, "shape": [1], "datatype": column.datatype, "data": [value]}
        for column, value in zip(columns.all, example, strict=True)
    ]


def schema_of(columns: Columns, rows: Schema, parameters: Schema) -> Schema:
    """Return the schema of inputs of one row: no schema can say that data are as many as a shape says.

    Args:
        columns: the model's.
        rows: the schema of rows.
        parameters: the schema of parameters.
    """
    if columns.are_numbers:
        data = {"allOf": [rows, {"maxItems": 1}]}
        tensors = [_tensor({"type": "string"}, [1, len(columns)], ["FP32", "FP64"], data)]
    else:
        tensors = [
            _tensor({"const": c.feature.name}, [1], [c.datatype], _one(value_schema(c.feature))) for c in columns.all
        ]
    for tensor in tensors:
        tensor["properties"]["parameters"] = parameters
    items = {"items": tensors[0]} if len(tensors) == 1 else {"prefixItems": tensors}
    return {"type": "array", "minItems": len(tensors), "maxItems": len(tensors), **items}


def _tensor(name: Schema, shape: list[int], datatypes: list[str], data: Schema) -> Schema:
    properties = {"name": name, "shape": {"const": shape}, "datatype": {"enum": datatypes}, "data": data}
    return {"type": "object", "required": list(properties), "properties": properties}


def _one(value: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": 1, "prefixItems": [value]}
