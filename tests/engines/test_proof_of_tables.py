"""The proof fails for a decision table that is wrong anywhere, and says where."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier

from tests.support.compiled import compiled
from tests.support.damage import changed, flipped, rebuilt, verdict
from tests.support.examples import dear
from tests.support.forests import trained_forests

pytestmark = pytest.mark.once
OTHER = "The boundaries of feature {} are not those of the model."


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
        assert OTHER.format(feature) in verdict(without_boundary(table, feature, place, dropped), forest)


@dear(15)
@given(trained_forests(max_cells=5_000, may_plant=False), st.data())
def test_any_forests_table_fails_without_any_one_boundary(trained, data):
    table = compiled(trained.forest, "decision_table")
    assume(boundaries_in(table))
    feature, place = data.draw(st.sampled_from(boundaries_in(table)))
    damaged = without_boundary(table, feature, place, data.draw(st.integers(0, 1)))
    assert OTHER.format(feature) in verdict(damaged, trained.forest)


@pytest.mark.parametrize("towards", [-np.inf, np.inf])
def test_any_one_boundary_displaced_by_the_smallest_step_fails(forest, table, towards):
    for feature, place in boundaries_in(table):
        grid = table.boundaries[feature]
        displaced = changed(grid, place, np.nextafter(grid[place], towards))
        assert OTHER.format(feature) in verdict(with_grid(table, feature, displaced, table.answers), forest)


def test_any_two_neighbouring_answers_swapped_fail_at_the_first(forest, table):
    for cell in np.flatnonzero(table.answers[1:] != table.answers[:-1]):
        answers = changed(table.answers, [cell, cell + 1], table.answers[[cell + 1, cell]])
        assert f"cell 0 + {cell} has another answer" in verdict(rebuilt(table, answers=answers), forest)


@pytest.mark.parametrize("bit", [0, 63], ids=["lowest", "sign"])
def test_one_bit_of_any_probability_fails_at_the_first_cell_that_uses_it(forest, table, bit):
    for answer, label in np.ndindex(table.outputs.shape):
        damaged = rebuilt(table, outputs=flipped(table.outputs, (answer, label), bit))
        first_cell = np.argmax(table.answers == answer)
        assert f"cell 0 + {first_cell} has another answer" in verdict(damaged, forest)


def test_another_class_of_any_answer_fails(forest, table):
    for answer, position in enumerate(table.positions):
        damaged = rebuilt(table, positions=changed(table.positions, answer, (position + 1) % 3))
        assert "has another answer" in verdict(damaged, forest)


def test_a_table_without_its_last_cell_fails(forest, table):
    assert verdict(rebuilt(table, answers=table.answers[:-1]), forest) != ""


def test_a_table_with_a_cell_too_many_fails(forest, table):
    assert verdict(rebuilt(table, answers=np.append(table.answers, table.answers[-1:])), forest) != ""


@pytest.mark.parametrize("grid", [[5.0, 3.0], [3.0, 3.0], [np.nan, 3.0], [-np.inf, 3.0], [3.0, np.inf]])
def test_boundaries_in_an_order_that_no_search_expects_fail_even_where_nothing_is_split(grid):
    """No corner of such a cell could tell, but the search would divide the rows otherwise."""
    forest = RandomForestClassifier(3, random_state=0).fit([[0.0, 1.0], [1.0, 1.0]] * 5, [0, 1] * 5)
    table = compiled(forest, "decision_table")
    damaged = with_grid(table, 1, np.array(grid), np.repeat(table.answers, 3))
    assert OTHER.format(1) in verdict(damaged, forest)
