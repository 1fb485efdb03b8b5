"""Preprocessing folded away: each column that the trees compare, as a function of one column of X."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from forest_serving.card import Feature, Label
from forest_serving.engines.fold.check import check, rows_at_edges
from forest_serving.engines.fold.columns import Column, Walk
from forest_serving.engines.fold.cuts import cuts_of
from forest_serving.engines.fold.domain import Hole, domain_of
from forest_serving.engines.fold.doubles import Floats
from forest_serving.engines.fold.frames import codes_of
from forest_serving.engines.fold.sources import Source
from forest_serving.engines.fold.ways import Way, way_of
from forest_serving.errors import BadTrainingData


class RawColumn(NamedTuple):
    """A column of X that a model uses.

    Attributes:
        position: in X.
        name: in X; None if it was an array.
        categories: that the model's encoders know, without what is missing; None: the column holds numbers.
        takes_unknown: whether the model answers for other categories, too.
        takes_missing: whether the model answers where the value is missing; whether it learned to, only its training
            rows tell.
    """

    position: int
    name: str | None
    categories: tuple[Label, ...] | None
    takes_unknown: bool
    takes_missing: bool


class Derived(NamedTuple):
    """One column as the trees see it.

    Attributes:
        feature: the position of the feature that it is made of.
        evaluate: from the feature's doubles, shape (n,), to what the trees are given, before any rounding to float32.
            Categories are codes, which round up; NaN is a missing value.
        cuts: ascending doubles; on (cuts[i], cuts[i+1]], below the first and above the last, evaluate never changes
            direction: it rises, falls, stays the same or is NaN.
    """

    feature: int
    evaluate: Callable[[Floats], Floats]
    cuts: Floats


class Inputs(NamedTuple):
    """What a model's trees see of the features.

    Attributes:
        features: as they were given, with the lowest and highest number that the model answers.
        columns: one for each column of the trees' own input, in their order.
        trees: the fitted final estimator.
        frame: from rows of the features, shape (n_rows, n_features), to what the whole model's predict takes.
    """

    features: tuple[Feature, ...]
    columns: tuple[Derived, ...]
    trees: Any
    frame: Callable[[Floats], Any]


def raw_columns(model: Any) -> list[RawColumn]:
    """Return the columns of X that a model uses, in the order of X.

    Args:
        model: fitted trees, a Pipeline in front of them, or a search that found either.

    Raises:
        NotCompilable: if it cannot be compiled, with a sentence that says what to do instead.
    """
    way = way_of(model)
    used = [way.sources[position] for position in way.used]
    return [RawColumn(s.position, s.name, s.labels, s.takes_unknown, s.takes_missing) for s in used]


def fold(model: Any, features: Sequence[Feature]) -> Inputs:
    """Return what a model's trees see of these features.

    Args:
        model: as in raw_columns.
        features: one for each of raw_columns(model), in that order; its categories are some of the column's, in any
            order, and deciles are those of the training data.

    Raises:
        NotCompilable: if the model cannot be compiled.
        BadTrainingData: if a feature promises what the model does not answer.
        ProofFailed: if scikit-learn makes something else of whole rows.
    """
    way = way_of(model)
    if len(features) != len(way.used):
        raise ValueError(f"{len(features)} features are given for {len(way.used)} columns")
    sources = list(way.sources)
    for position, feature in zip(way.used, features, strict=True):
        sources[position] = _promised(sources[position], feature)
    within = [_within(sources[i], feature, way.watched[i]) for i, feature in zip(way.used, features, strict=True)]
    tokens = {position: Walk(sources[position].tokens) for position in way.used}
    columns = [_derived(way, sources[column.source], column, tokens[column.source]) for column in way.columns]
    inputs = Inputs(tuple(within), tuple(columns), way.trees, way.frame(sources))
    _check(way, inputs)
    return inputs


def _check(way: Way, inputs: Inputs) -> None:
    own = [[column.cuts for column in inputs.columns if column.feature == i] for i in range(len(inputs.features))]
    rows = rows_at_edges(inputs.features, [np.unique(np.concatenate([np.empty(0), *cuts])) for cuts in own])
    folded = [column.evaluate(rows[:, column.feature]) for column in inputs.columns]
    check(way.steps, inputs.trees, inputs.frame(rows), np.stack(folded, axis=1))


def _promised(source: Source, feature: Feature) -> Source:
    """Return the source of a feature, no more than the feature promises."""
    unknown = set(feature.categories) - set(source.labels or ())
    if unknown or bool(feature.categories) != (source.labels is not None):
        raise BadTrainingData(f'The categories of "{feature.name}" are not those that the model knows.')
    for promised, kept, what in (
        (feature.takes_missing, source.takes_missing, "missing values"),
        (feature.takes_unknown, source.takes_unknown, "categories that it does not know"),
    ):
        if promised and not kept:
            raise BadTrainingData(f'The model refuses {what} in column "{feature.column}".')
    labels = tuple(feature.categories) if feature.categories else None
    return source._replace(labels=labels, takes_unknown=feature.takes_unknown, takes_missing=feature.takes_missing)


def _within(source: Source, feature: Feature, watched: list[Column]) -> Feature:
    """Return the feature with the ends of its domain."""
    if source.labels is not None:
        return feature
    numbers = feature.deciles or (float(source.usual),) * 2
    try:
        lowest, highest = domain_of(watched, numbers[0], numbers[-1])
    except Hole as hole:
        raise BadTrainingData(
            f'The model refuses {hole.args[0]!r} in column "{feature.column}", which is not beyond the numbers of X;'
            " fill it in, or clip it away, in front of the step that refuses it."
        ) from None
    return msgspec.structs.replace(feature, lowest=lowest, highest=highest)


def _derived(way: Way, source: Source, column: Column, tokens: Walk) -> Derived:
    feature = way.used.index(source.position)
    if source.labels is None:
        return Derived(feature, _evaluation(column), cuts_of(column))
    table, n_labels = _table(source, column, tokens), len(source.labels)
    return Derived(feature, lambda codes: table[codes_of(codes, n_labels)], np.arange(-1.0, n_labels))


def _table(source: Source, column: Column, tokens: Walk) -> Floats:
    """Return what becomes of each token, NaN for those that are not promised."""
    table = tokens.values(column).astype(np.float64)
    table[~np.array([source.takes_unknown, *[True] * (len(table) - 2), source.takes_missing])] = np.nan
    return table


def _evaluation(column: Column) -> Callable[[Floats], Floats]:
    def evaluate(numbers: Floats) -> Floats:
        if not len(numbers):  # scikit-learn refuses no rows
            return np.empty(0)
        walk = Walk(np.asarray(numbers, np.float64))
        values = walk.values(column).astype(np.float64)
        values[np.isnan(numbers) & ~walk.answered(column)] = np.nan
        return values

    return evaluate
