"""The fold gives to the trees what scikit-learn gives to them, to the bit, for whatever rows there may be."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forest_serving.card import LARGEST
from forest_serving.engines.fold.doubles import doubles_at, positions_of
from forest_serving.engines.fold.slices import in_silence
from tests.engines.fold.pipelines import fitted, folded, given_to_trees, rows_of, same
from tests.support.examples import dear

pytestmark = pytest.mark.once


def evenly(first, last):
    """Return doubles from first to last, as many small ones as large ones, and some that are even as numbers are."""
    low, high = positions_of(np.array([first, last])).tolist()
    of_all = doubles_at(np.array([low + (high - low) * i // 99 for i in range(100)]))
    return np.unique(np.concatenate([of_all, np.clip((np.linspace(first / 4, last / 4, 50) * 4), first, last)]))


@dear(10)
@given(fitted(), st.integers(0, 99))
def test_columns_are_evaluated_as_the_pipeline_transforms_whole_rows(model, seed):
    assume(model is not None)
    rows = rows_of(model.inputs, seed)
    assert same(folded(model.inputs, rows), given_to_trees(model.model, model.inputs.frame(rows)))
    in_silence(model.model.predict, model.inputs.frame(rows))  # the domain is answered


@dear(10)
@given(fitted())
def test_between_its_cuts_a_column_never_turns(model):
    assume(model is not None)
    for column in model.inputs.columns:
        feature = model.inputs.features[column.feature]
        if feature.categories:
            continue
        ends = np.concatenate([[-LARGEST], column.cuts, [LARGEST]])
        for low, high in pairwise(ends):
            first, last = max(np.nextafter(low, np.inf), feature.lowest), min(high, feature.highest)
            if first > last:
                continue
            within = evenly(first, last)
            values = column.evaluate(within)
            rises, falls = (values[1:] >= values[:-1]).all(), (values[1:] <= values[:-1]).all()
            assert rises or falls or np.isnan(values).all(), (low, high)


@dear(10)
@given(fitted())
def test_beyond_the_domain_the_model_refuses(model):
    """But for arrays of objects, in which scikit-learn does not look for infinities."""
    assume(model is not None and isinstance(model.table, pd.DataFrame))
    usual = rows_of(model.inputs)[:1]
    for i, feature in enumerate(model.inputs.features):
        for end, side in ((feature.lowest, -np.inf), (feature.highest, np.inf)):
            if feature.categories or abs(end) == LARGEST:
                continue
            row = usual.copy()
            row[0, i] = np.nextafter(end, side)
            try:
                in_silence(model.model.predict, model.inputs.frame(row))
            except ValueError:
                continue
            raise AssertionError(f"{row[0, i]!r} in {feature} is answered")
