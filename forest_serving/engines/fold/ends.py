"""The end of the way: what the trees themselves do to a row before they compare it."""

import copy
from typing import Any

import numpy as np

from forest_serving.card import HIGHEST
from forest_serving.engines.fold.columns import Column, Step
from forest_serving.engines.fold.encoders import ordinal
from forest_serving.engines.fold.matrices import Matrix, Path
from forest_serving.engines.fold.slices import takes_nan


def to_trees(path: Path, trees: Any, matrix: Matrix) -> list[Column]:
    """Return the columns that the trees compare, in the order of their own input.

    HistGradientBoosting puts the columns of which it knows the categories first, as codes; it answers for infinities
    and gaps. All others compare numbers of float32, and answer for gaps where their kind does and the rows are dense.
    """
    encoder = _own_encoder(trees)
    columns = matrix.columns if encoder is None else _encoded(path, trees, encoder, matrix)
    path.watch(columns, _comparison(trees, matrix))
    return columns


def silent(trees: Any) -> Any:
    """Return trees that say nothing, and answer in one thread.

    With several threads scikit-learn adds the trees in the order of their arrival, so that last bits vary.
    """
    alike = copy.copy(trees)
    for name, value in (("n_jobs", 1), ("verbose", 0)):
        if hasattr(alike, name):
            setattr(alike, name, value)
    return alike


def preprocessed(trees: Any, rows: Any) -> Any:
    """Return rows as the trees compare them, before any rounding."""
    own = getattr(trees, "_preprocessor", None)
    return rows if own is None else own.transform(rows)


def is_by_histograms(trees: Any) -> bool:
    """Return whether it is a HistGradientBoosting model, which compares doubles."""
    return hasattr(trees, "_bin_mapper")


def _own_encoder(trees: Any) -> Any:
    own = getattr(trees, "_preprocessor", None)
    return None if own is None else own.named_transformers_["encoder"]


def _encoded(path: Path, trees: Any, encoder: Any, matrix: Matrix) -> list[Column]:
    is_category = np.asarray(trees.is_categorical_)
    first = [matrix.columns[i] for i in np.flatnonzero(is_category)]
    effect = ordinal(encoder, len(first))
    for column, step in zip(first, effect.steps, strict=True):
        path.watch([column], step)
    codes = [Column(first[i].source, first[i], effect.steps[i], place) for i, place in effect.made]
    return codes + [matrix.columns[i] for i in np.flatnonzero(~is_category)]


def _comparison(trees: Any, matrix: Matrix) -> Step:
    if is_by_histograms(trees):
        return Step(lambda values: values, limit=np.inf)
    one = trees.estimators_[0] if hasattr(trees, "estimators_") and not hasattr(trees, "init_") else trees
    is_sparse = any(column.form.is_sparse for column in matrix.columns)
    return Step(lambda values: values, takes_nan(one) and not is_sparse, HIGHEST)
