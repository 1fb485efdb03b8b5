"""GET /ui/card.json: all that the page needs to know of the model."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from forest_serving.card import UNKNOWN, Card, Category, Feature, Label, Value
from forest_serving.protocols.endpoint import Doc, Success
from forest_serving.protocols.predictor import Context
from forest_serving.protocols.schemas import schema_of


class ToldFeature(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One column; see card.Feature."""

    name: str
    words: str
    column: str
    spellings: tuple[str, ...]
    unit: str
    deciles: tuple[float, ...]
    categories: tuple[Label, ...]
    counts: tuple[int, ...]
    n_missing: int
    takes_missing: bool
    takes_unknown: bool
    lowest: float | None = None
    highest: float | None = None


class ToldCard(msgspec.Struct, kw_only=True):
    """What the page knows; see card.Card.

    Attributes:
        plot_rows: values as a client sends them, null where a category was not kept; then the position of the class,
            or the target.
        explains: whether /explain answers.
        counts_drift: whether /drift answers.
        max_rows: the most in one request.
        max_body_bytes: the longest request.
    """

    name: str
    tag: str
    version: str
    task: str
    engine: str
    engine_sha256: str
    forest: str
    forest_sha256: str
    proof: str
    label_column: str
    classes: tuple[Category, ...]
    features: list[ToldFeature]
    example: tuple[Value, ...]
    plot_rows: list[list[Value]]
    answer_deciles: tuple[float, ...]
    answer_counts: tuple[int, ...]
    report: dict[str, Any]
    limits: tuple[str, ...]
    provenance: dict[str, Any]
    explains: bool
    counts_drift: bool
    max_rows: int
    max_body_bytes: int


# What is told as it stands in the model's card.
_OF_CARD = frozenset(ToldCard.__struct_fields__) & frozenset(Card.__struct_fields__) - {"features", "plot_rows"}
_OF_FEATURE = frozenset(ToldFeature.__struct_fields__) - {"lowest", "highest"}


def told_card(context: Context, counts_drift: bool) -> ToldCard:
    """Return what the page knows of a model.

    Args:
        context: what answers.
        counts_drift: whether the server answers /drift.
    """
    card, settings = context.card, context.settings
    return ToldCard(
        tag=context.model.describe().get("tag", card.name),
        version=context.model.version,
        task="classification" if card.is_classifier else "regression",
        features=list(map(_told_feature, card.features)),
        plot_rows=[_as_sent(row, card.features) for row in card.plot_rows],
        explains=context.explainer is not None,
        counts_drift=counts_drift,
        max_rows=settings.max_rows,
        max_body_bytes=settings.max_body_bytes,
        **_told(card, _OF_CARD),
    )


def card_doc(card: ToldCard) -> Doc:
    """Return what OpenAPI says. The document may be open where the card is not: its example lacks what that guards."""
    words, example = "What the page knows of the model", replace(card, plot_rows=[], provenance={})
    return Doc(words, successes={200: Success(words, schema_of(ToldCard), msgspec.to_builtins(example))})


def _told_feature(feature: Feature) -> ToldFeature:
    bounds: dict[str, Any] = dict(feature.bounds)
    return ToldFeature(**_told(feature, _OF_FEATURE), **bounds)


def _told(source: Card | Feature, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in names}


def _as_sent(row: tuple[float | None, ...], features: tuple[Feature, ...]) -> list[Value]:
    values = [_value(number, feature) for number, feature in zip(row, features, strict=False)]
    return [*values, row[-1]]


def _value(number: float | None, feature: Feature) -> Value:
    if not feature.categories or number is None:
        return number
    return None if number == UNKNOWN else feature.categories[int(number)]
