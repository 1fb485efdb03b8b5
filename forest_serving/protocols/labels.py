"""Which type a model's predictions have, in the Open Inference Protocol's words."""

from forest_serving.card import Card

_KINDS = {bool: "BOOL", int: "INT64", float: "FP64", str: "BYTES"}


def kind_of(card: Card) -> str:
    """Return "INT64", "FP64", "BOOL" or, for text, "BYTES": that of a regressor's numbers, or of all labels."""
    return _KINDS[type(card.labels[0])] if card.is_classifier else "FP64"
