"""A boundary is the last raw double that scikit-learn sends left of a threshold, however it was transformed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forest_serving.card import HIGHEST as LARGEST
from forest_serving.card import Feature
from forest_serving.engines.columns import MOST_BOUNDARIES
from forest_serving.engines.fold import Derived
from forest_serving.engines.questions import Question, ask, parts_of
from tests.support.doubles import BEYOND_FLOAT32, SPECIAL, around

EDGES = np.concatenate([around(SPECIAL), BEYOND_FLOAT32])
THRESHOLDS = st.lists(st.sampled_from(EDGES.tolist()) | st.floats(-1e39, 1e39), min_size=1, max_size=20, unique=True)
DOMAIN = {"lowest": -LARGEST, "highest": LARGEST}
TRANSFORMATIONS = {
    "none": (lambda x: x, []),
    "scaled": (lambda x: (x - 0.1) / 3.7, []),
    "turned round": (lambda x: 1.5 - x, []),
    "cut off": (lambda x: np.clip(x, -1, 2), []),
    "constant": (lambda x: np.full_like(x, 7.0), []),
    "a valley": (np.abs, [0.0]),
    "not a number below zero": (lambda x: np.where(x < 0, np.nan, x), [float(np.nextafter(0, -1))]),
}


def question(transformation, thresholds, missing_left=True, rounds=True):
    evaluate, cuts = TRANSFORMATIONS[transformation]
    return Question(Derived(0, evaluate, np.array(cuts)), rounds, np.unique(thresholds), missing_left)


def feature(**options):
    return Feature(name="x", deciles=(0.0,) * 11, **(DOMAIN | options))


@pytest.mark.parametrize("transformation", TRANSFORMATIONS)
@settings(max_examples=60, deadline=None)
@given(THRESHOLDS, st.booleans(), st.booleans(), st.booleans())
def test_every_difficult_double_goes_where_the_definition_sends_it(transformation, thresholds, left, rounds, gaps):
    asking = question(transformation, thresholds, left, rounds)
    asked = ask(asking, feature(takes_missing=gaps))
    raw = np.concatenate([around(np.array(thresholds)), np.clip(EDGES, -LARGEST, LARGEST), asked.column.boundaries[1:]])
    raw = np.append(raw, np.nan) if gaps else raw
    given_values = asking.given(raw)
    goes_left = np.where(np.isnan(given_values), left, given_values <= asking.thresholds[:, np.newaxis])
    assert np.array_equal(asked.column.rank(raw) <= asked.ranks[:, np.newaxis], goes_left)


def test_between_two_boundaries_no_answer_changes_and_at_each_one_does():
    asked = ask(question("scaled", [0.5, -3.0, 1e30]), feature())
    boundaries = asked.column.boundaries[1:]
    ranks = asked.column.rank(np.sort(np.concatenate([boundaries, np.nextafter(boundaries, np.inf)])))
    assert ranks.tolist() == [1, 2, 2, 3, 3, 4]


def test_thresholds_outside_of_the_domain_have_no_boundary():
    asked = ask(question("none", [-5.0, 0.5, 5.0], rounds=False), feature(lowest=0.0, highest=1.0))
    assert asked.column.boundaries.tolist() == [-np.inf, 0.5]
    assert (asked.column.rank(np.array([0.0])) <= asked.ranks).tolist() == [False, True, True]


def test_categories_that_go_left_are_told_from_the_others():
    group = np.zeros(257, np.bool_)
    group[[1, 3]] = True
    asking = Question(Derived(0, np.ceil, np.arange(-1.0, 5.0)), False, np.zeros(1), False, group)
    asked = ask(asking, Feature(name="x", categories=tuple("abcde"), takes_unknown=True, takes_missing=True))
    codes = np.array([-1.0, 0, 1, 2, 3, 4, np.nan])
    assert (asked.column.rank(codes) <= asked.ranks[0]).tolist() == [False, False, True, False, True, False, False]


def test_more_thresholds_than_a_column_can_have_are_divided():
    asking = question("none", np.arange(150_000.0))
    parts = parts_of(asking)
    assert np.array_equal(np.concatenate([part.thresholds for part in parts]), asking.thresholds)
    assert all(len(ask(part, feature()).column.boundaries) <= MOST_BOUNDARIES for part in parts)
