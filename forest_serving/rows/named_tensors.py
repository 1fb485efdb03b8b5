"""The inputs of the Open Inference Protocol as rows: one matrix of numbers, or a tensor for each column."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from forest_serving.errors import InvalidInstances
from forest_serving.rows.columns import Columns
from forest_serving.rows.json_arrays import JsonArrayReader
from forest_serving.rows.numbers import FEW_BYTES, FEW_ROWS, Rows
from forest_serving.rows.tensor_values import TYPES, Input, json_values, label_bytes, n_bytes_of, number_bytes
from forest_serving.rows.tensors import NumberArrays, check_n_rows
from forest_serving.rows.values import Refused
from forest_serving.rows.words import shown
from forest_serving.settings import Settings

ID_INPUT = "id"


class TensorReader:
    """Reads the rows of one tensor, or of a column for each feature.

    Args:
        columns: the model's.
        arrays: reads many rows in JSON.
        numbers: takes arrays of numbers.
        settings: the limits on rows.
    """

    def __init__(self, columns: Columns, arrays: JsonArrayReader, numbers: NumberArrays, settings: Settings) -> None:
        self.columns = columns
        self.arrays = arrays
        self.numbers = numbers
        self.max_rows, self.max_tensor_rows = settings.max_rows, settings.max_tensor_rows

    def read(self, inputs: Sequence[Input], tensors: memoryview) -> Rows:
        """Return the rows.

        Args:
            inputs: the tensors, as they are described.
            tensors: the bytes of those that are not JSON, one after the other.

        Raises:
            InvalidInstances: if a tensor is not what its shape and datatype say, or a column does not take a value.
            TooManyRows: if there are more than allowed.
        """
        contents = _contents(inputs, tensors)
        if len(inputs) == 1 and inputs[0].name not in self.columns:
            return self._matrix(inputs[0], contents[0])
        order = self.columns.order_of([tensor.name for tensor in inputs], ("inputs",))
        lengths = {tensor.shape[0] for tensor in inputs if tensor.shape}
        if len(lengths) > 1:
            raise InvalidInstances(
                f"The columns must be equally long; their shapes begin with {_sizes(sorted(lengths))}."
            )
        columns = [self._column(inputs[place], contents[place], position) for position, place in enumerate(order)]
        if len(columns[0]) <= FEW_ROWS:
            return list(map(list, zip(*map(_listed, columns), strict=True)))
        return np.column_stack(columns)

    def read_ids(self, inputs: Sequence[Input], tensors: memoryview) -> list[str] | None:
        """Return the ids that rows are asked for by, or None if they are not; raises what read does."""
        tensor = inputs[0]
        if len(inputs) > 1 or tensor.name != ID_INPUT or tensor.datatype != "BYTES" or tensor.name in self.columns:
            return None
        (content,) = _contents(inputs, tensors)
        self._check_shape(tensor, 1)
        return json_values(tensor, 1, False) if content is None else label_bytes(tensor, content)

    def _matrix(self, tensor: Input, content: memoryview | None) -> Rows:
        """Return the rows of a tensor of numbers."""
        n_columns = len(self.columns)
        self._check(tensor, n_columns, None)
        if content is not None:
            return self.numbers.rows(number_bytes(tensor, n_columns, content), tensor.place)
        n_rows, raw = tensor.shape[0], bytes(tensor.data)
        if tensor.datatype[0] == "F" and len(raw) > FEW_BYTES:
            rows = self.arrays.read_list(raw, n_rows)
            rows = self.arrays.read_flat(raw, n_rows) if rows is None else rows
            if rows is not None and len(rows) == n_rows:
                return rows
        values = json_values(tensor, n_columns, not self.columns.are_plain)
        if n_rows <= FEW_ROWS:
            with suppress(Refused):
                return [self._row(values[start : start + n_columns]) for start in range(0, len(values), n_columns)]
        return self.numbers.rows(np.array(values, np.float64).reshape(-1, n_columns), tensor.place)

    def _row(self, values: Sequence[Any]) -> list[float]:
        return [column.parse(value) for column, value in zip(self.columns.all, values, strict=True)]

    def _column(self, tensor: Input, content: memoryview | None, position: int) -> Any:
        """Return a column: a list of few rows' doubles, or an array, shape (n_rows,)."""
        column = self.columns.all[position]
        self._check(tensor, 1, position)
        if content is not None and column.is_numeric:
            return self.numbers.column(number_bytes(tensor, 1, content), position, tensor.place).ravel()
        if content is not None:
            return self._looked_up(label_bytes(tensor, content), position)
        values = json_values(tensor, 1, not self.columns.are_plain)
        if not column.is_numeric:
            return self._looked_up(values, position)
        if len(values) <= FEW_ROWS:
            with suppress(Refused):
                return [column.parse(value) for value in values]
        return self.numbers.column(np.array(values, np.float64).reshape(-1, 1), position, tensor.place).ravel()

    def _looked_up(self, values: list[Any], position: int) -> list[float]:
        """Return what stands in rows for a column's values; each that comes often is looked at once."""
        parse = self.columns.all[position].parse
        try:
            found = {value: parse(value) for value in set(values)}
            return [found[value] for value in values]
        except Refused:
            return [self._parsed(value, row, position) for row, value in enumerate(values)]

    def _parsed(self, value: Any, row: int, position: int) -> float:
        try:
            return self.columns.all[position].parse(value)
        except Refused as refused:
            raise self.columns.refusal(refused, row, position) from None

    def _check(self, tensor: Input, n_columns: int, position: int | None) -> None:
        """Raise InvalidInstances or TooManyRows unless a tensor's datatype and shape are right."""
        types = self._types_of(position)
        if tensor.datatype not in types:
            fault = f'The datatype "{shown(tensor.datatype)}" is not'
            raise InvalidInstances(
                f"{fault} a number's; use {', '.join(types)}."
                if self.columns.are_numeric
                else f'{fault} that of the input "{shown(tensor.name)}"; use {", ".join(types)}.'
            )
        self._check_shape(tensor, n_columns)

    def _check_shape(self, tensor: Input, n_columns: int) -> None:
        if tensor.shape[1:] != [n_columns] and not (n_columns == 1 and len(tensor.shape) == 1):
            columns = f"[n, {n_columns}], or a column for each of {self.columns.listed}"
            wanted = "[n] or [n, 1]" if n_columns == 1 else columns
            there = _sizes(tensor.shape)
            raise InvalidInstances(f'The input "{shown(tensor.name)}" has the shape {there}; it must be {wanted}.')
        if tensor.data:
            check_n_rows(tensor.shape[0], self.max_rows, "FOREST_MAX_ROWS")
        else:
            check_n_rows(tensor.shape[0], self.max_tensor_rows)

    def _types_of(self, position: int | None) -> Sequence[str]:
        """Return the datatypes that a column, or a matrix, may have."""
        if position is not None:
            column = self.columns.all[position]
            return tuple(TYPES) if column.is_numeric else (column.datatype,)
        if self.columns.are_numeric:
            return tuple(TYPES)
        raise InvalidInstances(
            f"The model has columns of categories; send an input for each of {self.columns.listed}, called by its name."
        )


def _contents(inputs: Sequence[Input], tensors: memoryview) -> list[memoryview | None]:
    """Return each tensor's bytes, or None for those in JSON."""
    contents: list[memoryview | None] = []
    start = 0
    for tensor in inputs:
        n_bytes = n_bytes_of(tensor)
        contents.append(None if n_bytes is None else tensors[start : start + n_bytes])
        start += n_bytes or 0
    if start != len(tensors):
        raise InvalidInstances(f"The inputs account for {start:,} bytes of tensors; the body has {len(tensors):,}.")
    return contents


def _sizes(shape: Sequence[int]) -> list[Any]:
    return [size if abs(size) < 10**9 else "…" for size in shape[:5]]


def _listed(column: Any) -> list[float]:
    return column if isinstance(column, list) else column.tolist()
