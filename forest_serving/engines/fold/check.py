"""A look at the whole: what single columns give is compared with what scikit-learn's own steps make of whole rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from forest_serving.card import Feature
from forest_serving.engines.fold.doubles import Floats
from forest_serving.engines.fold.ends import preprocessed, silent
from forest_serving.engines.fold.slices import in_silence
from forest_serving.errors import ProofFailed

_N_ROWS = 500  # at the most


def rows_at_edges(features: Sequence[Feature], cuts: Sequence[Floats]) -> Floats:
    """Return rows of what the features may hold: both sides of every cut, ends, gaps, categories known and unknown.

    Args:
        features: with the ends of their domains.
        cuts: of each feature, ascending.
    """
    pools = [_pool(feature, own) for feature, own in zip(features, cuts, strict=True)]
    n_rows = min(_N_ROWS, max(map(len, pools), default=1))
    shuffle = np.random.default_rng(0).permutation  # so that gaps and ends of several features meet others
    return np.stack([np.resize(shuffle(pool), n_rows) for pool in pools], axis=1)


def check(steps: Sequence[tuple[str, Any]], trees: Any, rows: Any, folded: Floats) -> None:
    """Compare what was folded with what scikit-learn makes of the same rows, to the bit.

    Args:
        steps: the transformers in front of the trees.
        trees: the fitted trees, which are asked, too.
        rows: as the whole model takes them.
        folded: the same rows as the trees are to be given them, shape (n_rows, n_columns).

    Raises:
        ProofFailed: naming the first column that differs, or what the model refuses.
    """
    try:
        given = in_silence(lambda table: _through(steps, table), rows)
        own = in_silence(lambda table: preprocessed(trees, table), given)
        in_silence(silent(trees).predict, given)
    except ValueError as error:
        raise ProofFailed(f"The model refuses what was found to be answered: {' '.join(str(error).split())}") from None
    expected = np.asarray(own.toarray() if sparse.issparse(own) else own).astype(np.float64)
    differs = ~((expected == folded) | (np.isnan(expected) & np.isnan(folded)))
    if differs.any():
        row, column = np.argwhere(differs)[0]
        hint = "; a step with copy=False may change rows that another one reads" if _changes_rows(steps) else ""
        raise ProofFailed(
            f"Column {column} in front of the trees is {float(folded[row, column])!r} by itself, and"
            f" {float(expected[row, column])!r} in the whole{hint}."
        )


def _changes_rows(steps: Sequence[tuple[str, Any]]) -> bool:
    parameters = [step.get_params() for _, step in steps if hasattr(step, "get_params")]
    return any(name.split("__")[-1] == "copy" and not value for own in parameters for name, value in own.items())


def _through(steps: Sequence[tuple[str, Any]], table: Any) -> Any:
    for _, step in steps:
        table = table if step is None or isinstance(step, str) else step.transform(table)
    return table


def _pool(feature: Feature, cuts: Floats) -> Floats:
    gap = [np.nan] * feature.takes_missing
    if feature.categories:
        return np.array([*range(len(feature.categories)), *[-1.0] * feature.takes_unknown, *gap], np.float64)
    sides = np.concatenate([cuts, np.nextafter(cuts, np.inf), np.nextafter(cuts, -np.inf)])
    inside = sides[(sides >= feature.lowest) & (sides <= feature.highest)]
    return np.concatenate([feature.deciles, inside, [feature.lowest, feature.highest], gap])
