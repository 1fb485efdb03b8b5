"""Rows of the churn model, as clients of CSV and of the Open Inference Protocol write them."""

import csv
import io

import numpy as np

from tests.support.cards import CHURN

NAMES = [feature.name for feature in CHURN.features]
COLUMNS = [feature.column for feature in CHURN.features]
DATATYPES = ["FP64", "FP64", "BYTES", "INT64", "BOOL"]


def csv_text(rows, names=None, order=None, index=False, **options):
    """Return rows as CSV, with a line of names and an index if there are such, the columns in an order."""
    order = range(len(rows[0])) if order is None else order
    lines = [[_field(row[n]) for n in order] for row in rows]
    lines = [*([[names[n] for n in order]] if names else []), *lines]
    if index:
        lines = [[number, *line] for number, line in zip(["", *range(len(rows))], lines, strict=True)]
    text = io.StringIO()
    csv.writer(text, **({"lineterminator": "\n"} | options)).writerows(lines)
    return text.getvalue().encode()


def as_inputs(rows, binary=False, nested=False):
    """Return rows as inputs of the Open Inference Protocol, and the bytes of their tensors."""
    inputs, contents = [], []
    for name, datatype, values in zip(NAMES, DATATYPES, zip(*rows, strict=True), strict=True):
        described = {"name": name, "shape": [len(rows), *([1] if nested else [])], "datatype": datatype}
        if binary:
            described["datatype"], content = _bytes(datatype, values)
            described["parameters"] = {"binary_data_size": len(content)}
            contents.append(content)
        else:
            described["data"] = [[value] for value in values] if nested else list(values)
        inputs.append(described)
    return inputs, b"".join(contents)


def _field(value):
    return "" if value is None else repr(value) if isinstance(value, float) else value


def _bytes(datatype, values):
    """Return the datatype and the bytes of a tensor; only FP64 has a number that stands for nothing."""
    if datatype == "BYTES":
        texts = [value.encode() for value in values]
        return datatype, b"".join(len(text).to_bytes(4, "little") + text for text in texts)
    if datatype == "BOOL":
        return datatype, bytes(values)
    return "FP64", np.array(values, "<f8").tobytes()
