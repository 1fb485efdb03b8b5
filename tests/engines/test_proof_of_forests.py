"""The proof fails for a forest that is wrong anywhere, and says where."""

from itertools import pairwise

import numpy as np
import pytest

from forest_serving.engines.columns import LEAF, Columns
from tests.support.damage import changed, flipped, rebuilt, verdict

BOUNDARY = "a boundary of x{} is missing or displaced"


def inner_nodes_of(walked):
    return np.flatnonzero(walked.trees.nodes["rank"] != LEAF).tolist()


def with_nodes(walked, node, **fields):
    """Return the forest with other fields in one node."""
    nodes = walked.trees.nodes.copy()
    for name, value in fields.items():
        nodes[name][node] = value
    return rebuilt(walked, trees=walked.trees._replace(nodes=nodes))


def with_boundaries(walked, boundaries):
    return rebuilt(walked, columns=walked.columns._replace(boundaries=boundaries))


def test_any_two_neighbouring_leaves_swapped_fail(forest, walked):
    value_of, leaves = walked.trees.value_of, np.flatnonzero(walked.trees.nodes["rank"] == LEAF)
    for first, second in pairwise(leaves):
        if value_of[first] != value_of[second]:
            swapped = changed(value_of, [first, second], value_of[[second, first]])
            damaged = rebuilt(walked, trees=walked.trees._replace(value_of=swapped))
            assert "has another value" in verdict(damaged, forest)


def test_the_children_of_any_one_node_exchanged_for_anothers_fail(forest, walked):
    left = walked.trees.nodes["left"]
    for node, other in zip(inner_nodes_of(walked)[:-1], inner_nodes_of(walked)[1:], strict=True):
        assert verdict(with_nodes(walked, node, left=left[other]), forest) != ""


def test_any_one_other_feature_fails(forest, walked):
    columns = walked.trees.nodes["column"]
    for node in inner_nodes_of(walked):
        assert verdict(with_nodes(walked, node, column=(columns[node] + 1) % len(walked.columns.feature)), forest) != ""


@pytest.mark.parametrize("step", [-1, 1])
def test_any_one_rank_displaced_by_one_fails(forest, walked, step):
    ranks = walked.trees.nodes["rank"].astype(int)
    assert ranks.min() > 0
    for node in inner_nodes_of(walked):
        assert "missing or displaced" in verdict(with_nodes(walked, node, rank=ranks[node] + step), forest)


@pytest.mark.parametrize("towards", [-np.inf, np.inf])
def test_any_one_boundary_displaced_by_the_smallest_step_fails_there(forest, walked, towards):
    boundaries = walked.columns.boundaries
    for place in np.flatnonzero(np.isfinite(boundaries)).tolist():
        feature = walked.columns.feature[np.searchsorted(walked.columns.begin, place, side="right") - 1]
        damaged = with_boundaries(walked, changed(boundaries, place, np.nextafter(boundaries[place], towards)))
        assert BOUNDARY.format(feature) in verdict(damaged, forest)


def test_a_column_without_any_one_of_its_boundaries_fails(forest, walked):
    listed = walked.columns.listed()
    for number, column in enumerate(listed):
        for place in range(1, len(column.boundaries)):
            thinned = column._replace(boundaries=np.delete(column.boundaries, place))
            damaged = rebuilt(walked, columns=Columns.of([*listed[:number], thinned, *listed[number + 1 :]]))
            assert BOUNDARY.format(column.feature) in verdict(damaged, forest)


@pytest.mark.parametrize("bit", [0, 63], ids=["lowest", "sign"])
def test_one_bit_of_any_value_fails(forest, walked, bit):
    for place in np.ndindex(walked.trees.values.shape):
        values = flipped(walked.trees.values, place, bit)
        assert "has another value" in verdict(rebuilt(walked, trees=walked.trees._replace(values=values)), forest)


def test_one_bit_of_a_first_sum_fails(forest, walked):
    base = flipped(walked.trees.base, 1, 0)
    damaged = rebuilt(walked, trees=walked.trees._replace(base=base))
    assert verdict(damaged, forest) == "The engine has other first sums than the model."


@pytest.mark.parametrize("choose", [lambda roots: roots[::-1], lambda roots: roots[:-1]], ids=["reversed", "too few"])
def test_trees_in_another_order_or_number_fail(forest, walked, choose):
    """In another order even the same values add up to other last bits."""
    trees = walked.trees._replace(roots=choose(walked.trees.roots).copy(), output=choose(walked.trees.output).copy())
    assert verdict(rebuilt(walked, trees=trees), forest) != ""


def test_a_leaf_that_was_made_a_split_fails(forest, walked):
    leaf = int(np.flatnonzero(walked.trees.nodes["rank"] == LEAF)[0])
    assert "is a leaf on one side only" in verdict(with_nodes(walked, leaf, rank=0), forest)


def test_another_link_fails(forest, walked):
    damaged = rebuilt(walked, link="softmax by row")
    assert verdict(damaged, forest) == "The engine has other links than the model."
