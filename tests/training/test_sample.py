"""Rows of the training data that a card keeps for pictures."""

import numpy as np
import pytest

from forest_serving.card import Feature
from forest_serving.errors import BadTrainingData
from forest_serving.training.sample import Sample

NUMBER = Feature(name="x", deciles=tuple(map(float, range(11))))
TEXT = Feature(name="kind", categories=("a", "b"), takes_unknown=True)


def test_no_more_rows_are_kept_than_a_start_can_read():
    sample = Sample(np.zeros((30_000, 1)), (NUMBER,), "here", answers=np.zeros(30_000, int))
    assert len(sample.plotted(10_000)) == 10_000
    with pytest.raises(BadTrainingData, match="keep from 0 to 10000 rows for pictures"):
        sample.plotted(10_001)


def test_a_kept_row_has_positions_of_categories_none_for_gaps_and_its_answer_last():
    rows = np.array([[0.5, 1.0], [np.nan, -1.0]])
    sample = Sample(rows, (NUMBER, TEXT), "here", answers=np.array([2.5, -3.0]))
    assert sample.plotted(5) == ((0.5, 1.0, 2.5), (None, -1.0, -3.0))


@pytest.mark.parametrize(
    ("column", "sent"),
    [([1.0, 2.0], 1), ([1.0, 2.5], 1.0), ([1e300, 1.0], 1e300), ([2.0**60, 1.0], 2.0**60), ([3.0, np.nan], 3)],
    ids=["whole numbers", "fractions", "huge", "beyond 2**53", "whole, with gaps"],
)
def test_a_number_of_a_whole_column_is_sent_whole(column, sent):
    (value,) = Sample(np.array(column)[:, np.newaxis], (NUMBER,), "here").example()
    assert (value, type(value)) == (sent, type(sent))


def test_the_example_is_the_first_row_with_the_fewest_gaps_and_unknown_categories():
    rows = np.array([[np.nan, 0.0], [1.5, -1.0], [2.5, 1.0], [3.5, 0.0]])
    assert Sample(rows, (NUMBER, TEXT), "here").example() == (2.5, "b")
    assert Sample(rows[:1], (NUMBER, TEXT), "here").example() == (None, "a")
    assert Sample(rows[1:2], (NUMBER, TEXT), "here").example() == (1.5, "a")
