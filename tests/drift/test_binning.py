"""Rows are counted in the bins of their columns, each once, whatever they hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.card import UNKNOWN, Card, Feature
from forest_serving.drift.binning import Binning
from forest_serving.drift.columns import FIRST, MISSING, ODD, columns_of
from forest_serving.drift.columns import Column as Watched
from forest_serving.training.columns import Column
from forest_serving.training.features import of_numbers
from tests.drift.cards import PLANS, churn, rent, rows_like
from tests.support.cards import card
from tests.support.doubles import SPECIAL


def bin_of(column, value):
    """Return the bin that a value belongs to, by the words of the documentation."""
    if np.isnan(value):
        return MISSING
    if not column.ends:
        return ODD if value == UNKNOWN else column.bins[int(value)]
    if value < column.ends[0]:
        return ODD
    parts = [place for place, end in enumerate(column.ends[1:]) if value <= end]
    return FIRST + (parts[0] if parts else len(column.ends) - 1)


def counted(model: Card, rows, answers):
    columns = columns_of(model)
    binning = Binning(columns)
    counts = binning.count(np.asarray(rows, float), np.asarray(answers))
    return columns, [counts[place].tolist() for place in binning.slices]


@given(st.integers(0, 2**32 - 1), st.integers(0, 40))
@pytest.mark.parametrize("model", [churn(), rent()], ids=lambda model: model.name)
def test_each_value_is_in_the_bin_that_it_belongs_to(model, seed, n_rows):
    """The oracle looks at one value at a time."""
    rng = np.random.default_rng(seed)
    is_classifier = model.is_classifier
    rows = rows_like(rng, n_rows) if is_classifier else rng.choice([*SPECIAL, *model.features[0].deciles], (n_rows, 1))
    answers = rng.integers(0, 2, n_rows) if is_classifier else rng.choice([0.0, *model.answer_deciles], n_rows)
    columns, counts = counted(model, rows, answers)
    for column, values, found in zip(columns, [*rows.T, answers], counts, strict=True):
        bins = [bin_of(column, value) for value in values]
        assert found == np.bincount(np.array(bins, int), minlength=column.n_bins).tolist()


@given(st.lists(st.sampled_from([0.0, 1.0, 2.5, 1e300, -1e300, 3.0, float("nan")]), min_size=1, max_size=60))
def test_training_counts_its_rows_in_the_same_bins(values):
    """Ties, gaps and all: the training data themselves are no drift."""
    rows = np.array([*values, 1.0])[:, np.newaxis]
    model = card("any", (of_numbers(Column("x"), rows[:, 0], takes_missing=True),))
    (column, _), (found, _) = counted(model, rows, np.zeros(len(rows), int))
    assert found == list(column.training)


def test_of_many_categories_the_rarest_are_counted_as_one():
    counts = tuple(range(300))
    feature = Feature(name="place", categories=tuple(map(str, counts)), counts=counts)
    (column, _), (found, _) = counted(card("any", (feature,)), [[0.0], [150.0], [299.0]], [0, 0, 0])
    assert (len(column.labels), sum(column.training)) == (100, sum(counts))
    assert (found[-1], found[-2]) == (2, 1)


def test_a_category_that_is_too_rare_for_one_test_is_put_beside_the_rarest_other_and_has_one_of_its_own():
    column = next(each for each in columns_of(churn(200_000)) if each.name == "plan")
    rare, never = (column.groups[FIRST + PLANS.index(name)] for name in ("rare", "never"))
    assert (column.rare, column.next_to_rare) == (never, rare)
    assert len(set(column.groups[FIRST:])) == 5


def test_categories_that_were_rare_in_training_are_compared_as_one():
    column = Watched(name="plan", labels=tuple("abcd"), bins=(2, 3, 4, 5), training=(0, 0, 960, 20, 15, 5))
    assert column.groups == (0, 1, 2, 3, 3, 3)
    assert column.rare is None


def test_what_is_just_beyond_the_range_is_compared_with_the_part_beside_it():
    """New rows of the same kind may be a little beyond those of a small training set."""
    groups = columns_of(churn())[0].groups
    assert (groups[ODD], groups[-1]) == (groups[FIRST], groups[-2])
