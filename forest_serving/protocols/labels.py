"""Which type labels have, in the Open Inference Protocol's words."""

from collections.abc import Sequence

from forest_serving.card import Label

_KINDS = {bool: "BOOL", int: "INT64", float: "FP64", str: "BYTES"}


def kind_of(labels: Sequence[Label]) -> str:
    """Return "INT64", "FP64", "BOOL" or, for text, "BYTES"; all are of one type. A regressor has none: "FP64"."""
    return _KINDS[type(labels[0])] if labels else "FP64"
