"""What a model says of itself, out of its card: to people, in JSON, and to Prometheus, in labels."""

from typing import Any

from forest_serving.card import Card, Feature


def describe(tag: str, card: Card, walk: str = "") -> dict[str, Any]:
    """Return what a model is, in JSON types, as GET /model answers it.

    Args:
        tag: its tag in the store, "name:version".
        card: its card.
        walk: which code walks its trees, "native" or "numpy"; left out where that is no question.
    """
    name, _, version = tag.partition(":")
    return {
        "name": name,
        "tag": tag,
        "version": version,
        "task": "classification" if card.is_classifier else "regression",
        "engine": card.engine,
        **({"walk": walk} if walk else {}),
        **_classes(card),
        "features": list(map(_feature, card.features)),
        "training": card.report,
    }


def facts(tag: str, card: Card) -> dict[str, str]:
    """Return what the metrics say about a model."""
    told = {"tag": tag, "engine": card.engine, "sha256": card.engine_sha256}
    return told | ({"accuracy": f"{card.report.get('accuracy', '')}"} if card.is_classifier else {})


def _classes(card: Card) -> dict[str, Any]:
    """Return the names of the classes, and their labels, which are what predictions hold; nothing for a regressor."""
    return {"classes": card.class_names, "class_labels": card.labels} if card.is_classifier else {}


def _feature(feature: Feature) -> dict[str, Any]:
    """Return which values of a column are answered: its categories, or its numbers' unit and range."""
    named = {"name": feature.name, "column": feature.column}
    if feature.categories:
        known = {"categories": list(feature.categories), "takes_unknown": feature.takes_unknown}
        return named | known | {"takes_missing": feature.takes_missing}
    numbers = {"unit": feature.unit, "training_range": list(feature.range), "takes_missing": feature.takes_missing}
    return named | numbers | feature.bounds
