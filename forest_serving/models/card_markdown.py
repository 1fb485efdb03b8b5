"""A model card as a page of Markdown, made from the card alone."""

from collections.abc import Iterator

from forest_serving.card import HIGHEST, Card, Feature
from forest_serving.models.card_scores import evaluation
from forest_serving.models.words import cell, names, number, table

FILE = "MODEL_CARD.md"
_MOST_CATEGORIES = 12
_TOLD = ("data", "data_sha256")  # of the provenance, in a section of its own


def card_markdown(tag: str, card: Card) -> str:
    """Return the page.

    Args:
        tag: of the compiled model, "name:version".
        card: the model's.
    """
    sections = (
        (f"# {cell(card.name)}", _summary(tag, card)),
        ("## Data", _data(card)),
        *evaluation(card),
        ("## Features", _features(card)),
        ("## Limits", "\n".join(f"- {cell(sentence)}" for sentence in card.limits) or "Not kept with this model."),
        ("## Proof", _proof(card)),
        ("## Provenance", _provenance(card)),
    )
    return "\n\n".join(f"{heading}\n\n{text}" for heading, text in sections if text) + "\n"


def _summary(tag: str, card: Card) -> str:
    asked = f"from {len(card.features)} feature{'s' * (len(card.features) > 1)}"
    if not card.is_classifier:
        told = f"a number{f', {cell(card.label_column)},' * bool(card.label_column)}"
        return f"`{tag}` answers with {told} {asked}."
    of = f" of {cell(card.label_column)}" if card.label_column else ""
    return f"`{tag}` answers with one of {len(card.classes)} classes{of} ({cell(names(card.class_names))}) {asked}."


def _data(card: Card) -> str:
    known = card.provenance
    rows = card.report.get("rows") or sum(card.features[0].counts) + card.features[0].n_missing
    facts = {
        "source": known.get("data", ""),
        "rows": f"{rows:,}" if rows else "",
        "SHA-256 of the rows": known.get("data_sha256", ""),
        "rows kept for pictures": f"{len(card.plot_rows):,}",
    }
    return table(("", ""), facts.items()) + _answers(card)


def _answers(card: Card) -> str:
    """Return how the model answers its training data."""
    if not card.is_classifier or not card.answer_counts:
        return ""
    rows = [(category.name, f"{n:,}") for category, n in zip(card.classes, card.answer_counts, strict=True)]
    return "\n\n" + table(("answer to the training data", "rows"), rows)


def _features(card: Card) -> str:
    head = ("feature", "column", "unit", "training data", "median", "missing", "answered")
    return table(head, map(_feature, card.features))


def _feature(feature: Feature) -> tuple[str, ...]:
    missing = f"{feature.n_missing:,}"
    if feature.categories:
        known = [f"{label} ({n:,})" for label, n in zip(feature.categories, feature.counts, strict=False)]
        told = names(known or list(map(str, feature.categories)), _MOST_CATEGORIES)
        return (feature.name, feature.column, "", told, "", missing, _answered(feature))
    low, high = feature.range
    told = f"{number(low)} to {number(high)}"
    return (
        feature.name,
        feature.column,
        feature.unit,
        told,
        number(feature.deciles[5]),
        missing,
        _answered(feature),
    )


def _answered(feature: Feature) -> str:
    """Return what is answered beside what the training data had."""
    bounds = (feature.lowest > -HIGHEST and f"from {number(feature.lowest)}") or ""
    bounds += (feature.highest < HIGHEST and f" to {number(feature.highest)}") or ""
    numbers = bounds.strip() or "all numbers"
    known = "other categories, too" if feature.takes_unknown else "these"
    gaps = ", missing values, too" if feature.takes_missing else ""
    return (known if feature.categories else numbers) + gaps


def _proof(card: Card) -> str:
    facts = {
        "engine": card.engine.replace("_", " "),
        "SHA-256 of the engine": card.engine_sha256,
        "SHA-256 of what explains": card.explanation_sha256,
        "scikit-learn model": card.forest,
        "SHA-256 of its pickle": card.forest_sha256,
    }
    told = f"Equal to the scikit-learn model for every input: {cell(card.proof)}."
    again = f"To prove it again: `python -m forest_serving prove --model {card.name}`"
    return f"{told}\n{again}\n\n{table(('', ''), facts.items())}"


def _provenance(card: Card) -> str:
    return table(("", ""), _flat("", {key: card.provenance[key] for key in card.provenance if key not in _TOLD}))


def _flat(before: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield what is in a dict of dicts, line by line."""
    if not isinstance(value, dict):
        yield before, str(value)
        return
    for key, inner in sorted(value.items()):  # a stored card has no order
        yield from _flat(f"{before} {key}".strip(), inner)
