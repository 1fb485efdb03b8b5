"""The proof fails for a flat forest that is wrong anywhere, and says where."""

import numpy as np
import pytest

from tests.support.damage import changed, flipped, rebuilt, verdict


def leaves_of(flat):
    return np.flatnonzero(flat.left == np.arange(len(flat.left)))


def inner_nodes_of(flat):
    return np.flatnonzero(flat.left != np.arange(len(flat.left)))


def test_any_two_neighbouring_leaves_swapped_fail_at_the_first(forest, flat):
    leaves = leaves_of(flat)
    differ = (flat.votes[leaves[1:]] != flat.votes[leaves[:-1]]).any(axis=1)
    for first, second in zip(leaves[:-1][differ], leaves[1:][differ], strict=True):
        votes = changed(flat.votes, [first, second], flat.votes[[second, first]])
        assert f"node {first} differs in votes" in verdict(rebuilt(flat, votes=votes), forest)


def test_the_children_of_any_one_node_swapped_fail_there(forest, flat):
    for node in inner_nodes_of(flat):
        left, right = changed(flat.left, node, flat.right[node]), changed(flat.right, node, flat.left[node])
        assert f"node {node} differs in left" in verdict(rebuilt(flat, left=left, right=right), forest)


def test_any_one_other_child_on_the_right_fails_there(forest, flat):
    for node in inner_nodes_of(flat):
        right = changed(flat.right, node, flat.left[node])
        assert f"node {node} differs in right" in verdict(rebuilt(flat, right=right), forest)


def test_any_one_other_feature_fails_there(forest, flat):
    for node in inner_nodes_of(flat):
        feature = changed(flat.feature, node, (flat.feature[node] + 1) % flat.n_features)
        assert f"node {node} differs in feature" in verdict(rebuilt(flat, feature=feature), forest)


@pytest.mark.parametrize("towards", [-np.inf, np.inf])
def test_any_one_boundary_displaced_by_the_smallest_step_fails_there(forest, flat, towards):
    for node in inner_nodes_of(flat):
        boundary = changed(flat.boundary, node, np.nextafter(flat.boundary[node], towards))
        assert f"node {node} differs in boundary" in verdict(rebuilt(flat, boundary=boundary), forest)


@pytest.mark.parametrize("boundary", [-np.inf, np.inf, np.nan])
def test_any_one_boundary_that_is_not_a_number_fails_there(forest, flat, boundary):
    for node in inner_nodes_of(flat):
        damaged = rebuilt(flat, boundary=changed(flat.boundary, node, boundary))
        assert f"node {node} differs in boundary" in verdict(damaged, forest)


@pytest.mark.parametrize("bit", [0, 63], ids=["lowest", "sign"])
def test_one_bit_of_any_vote_fails_there(forest, flat, bit):
    for node, label in np.ndindex(flat.votes.shape):
        damaged = rebuilt(flat, votes=flipped(flat.votes, (node, label), bit))
        assert f"node {node} differs in votes" in verdict(damaged, forest)


@pytest.mark.parametrize("choose", [lambda roots: roots[::-1], lambda roots: roots[:-1]], ids=["reversed", "too few"])
def test_trees_in_another_order_or_number_fail(forest, flat, choose):
    """In another order even the same votes add up to other last bits."""
    damaged = rebuilt(flat, roots=choose(flat.roots))
    assert verdict(damaged, forest) == "The engine has other trees than the forest."


def test_a_leaf_that_was_made_a_split_fails_there(forest, flat):
    leaf = leaves_of(flat)[0]
    left, right = changed(flat.left, leaf, leaf + 1), changed(flat.right, leaf, leaf + 2)
    assert f"node {leaf} differs in left" in verdict(rebuilt(flat, left=left, right=right), forest)
