"""The proof fails for a decision table that is wrong anywhere, and says where."""

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier

from forest_serving.engines.compile import compile_forest, tabulate
from forest_serving.engines.oracle import oracle_of
from tests.support.damage import changed, flipped, rebuilt, verdict
from tests.support.forests import trained_forests


def boundaries_in(table):
    """Return every boundary's feature and place."""
    return [(feature, place) for feature, grid in enumerate(table.boundaries) for place in range(len(grid))]


def with_grid(table, feature, grid, answers):
    """Return a table with another grid for one feature."""
    return rebuilt(
        table, boundaries=[*table.boundaries[:feature], grid, *table.boundaries[feature + 1 :]], answers=answers
    )


def without_boundary(table, feature, place, dropped):
    """Return a table with two slices of cells merged into one, which keeps the answers of one of them.

    Args:
        table: the table.
        feature: whose boundary to delete.
        place: which of its boundaries.
        dropped: 0 to drop the answers below the boundary, 1 those above.
    """
    answers = np.delete(table.answers.reshape(table.shape), place + dropped, axis=feature)
    return with_grid(table, feature, np.delete(table.boundaries[feature], place), answers.ravel())


@pytest.mark.parametrize("dropped", [0, 1])
def test_a_table_without_any_one_boundary_fails(forest, table, dropped):
    for feature, place in boundaries_in(table):
        assert re.search(
            r"cell \d+ is cut by a split", verdict(without_boundary(table, feature, place, dropped), forest)
        )


@settings(max_examples=50, deadline=None)
@given(trained_forests(max_cells=5_000, may_plant=False), st.data())
def test_any_forests_table_fails_without_any_one_boundary(trained, data):
    table = compile_forest(trained.forest, "decision_table").engine
    assume(boundaries_in(table))
    feature, place = data.draw(st.sampled_from(boundaries_in(table)))
    damaged = without_boundary(table, feature, place, data.draw(st.integers(0, 1)))
    assert "is cut by a split" in verdict(damaged, trained.forest)


def test_a_table_filled_in_by_the_forest_itself_fails_without_some_boundaries(forest, table):
    """Such a table answers as the forest does in one corner of every cell, so only the other corners tell."""
    thinned = tabulate(oracle_of(forest), [grid[::2] for grid in table.boundaries])
    assert "is cut by a split" in verdict(thinned, forest)


@pytest.mark.parametrize("towards", [-np.inf, np.inf])
def test_any_one_boundary_displaced_by_the_smallest_step_fails(forest, table, towards):
    for feature, place in boundaries_in(table):
        grid = table.boundaries[feature]
        displaced = changed(grid, place, np.nextafter(grid[place], towards))
        assert "is cut by a split" in verdict(with_grid(table, feature, displaced, table.answers), forest)


def test_any_two_neighbouring_answers_swapped_fail_at_the_first(forest, table):
    for cell in np.flatnonzero(table.answers[1:] != table.answers[:-1]):
        answers = changed(table.answers, [cell, cell + 1], table.answers[[cell + 1, cell]])
        assert f"cell {cell} holds another answer than the forest's" in verdict(rebuilt(table, answers=answers), forest)


@pytest.mark.parametrize("bit", [0, 63], ids=["lowest", "sign"])
def test_one_bit_of_any_probability_fails_at_the_first_cell_that_uses_it(forest, table, bit):
    for answer, label in np.ndindex(table.probabilities.shape):
        damaged = rebuilt(table, probabilities=flipped(table.probabilities, (answer, label), bit))
        first_cell = np.argmax(table.answers == answer)
        assert f"cell {first_cell} holds another answer than the forest's" in verdict(damaged, forest)


def test_a_table_without_its_last_cell_fails(forest, table):
    assert verdict(rebuilt(table, answers=table.answers[:-1]), forest) != ""


def test_a_table_with_a_cell_too_many_fails(forest, table):
    assert verdict(rebuilt(table, answers=np.append(table.answers, table.answers[-1:])), forest) != ""


@pytest.mark.parametrize("grid", [[5.0, 3.0], [3.0, 3.0], [np.nan, 3.0], [-np.inf, 3.0], [3.0, np.inf]])
def test_boundaries_in_an_order_that_no_search_expects_fail_even_where_nothing_is_split(grid):
    """The corners of such cells agree, but they no longer cover the rows as the search divides them."""
    forest = RandomForestClassifier(3, random_state=0).fit([[0.0, 1.0], [1.0, 1.0]] * 5, [0, 1] * 5)
    table = compile_forest(forest, "decision_table").engine
    damaged = with_grid(table, 1, np.array(grid), np.repeat(table.answers, 3))
    assert "The boundaries of feature 1 do not ascend" in verdict(damaged, forest)
