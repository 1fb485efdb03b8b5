"""Arrays that do not fit together are refused, so that no lookup can leave them or run for ever."""

import sys

import numpy as np
import pytest

from forest_serving.engines.archive import unpack
from tests.support.damage import changed
from tests.support.engine_files import ARRAYS, assert_damaged, assert_refused_or_in_shape, file_of

TABLE, FLAT = ARRAYS["decision_table"], ARRAYS["flat_forest"]
NODES = np.arange(len(FLAT["left"]))
LEAF, INNER = (int(np.flatnonzero(is_such)[1]) for is_such in (FLAT["left"] == NODES, FLAT["left"] != NODES))
NO_UNICODE = np.full(3, sys.maxunicode + 1, np.uint32).view("U1")
BAD_CLASSES = {
    "no text": {"classes": NO_UNICODE},
    "NaN": {"classes": np.array([0, 1, np.nan])},
    "infinite": {"classes": np.array([0, 1, np.inf])},
    "a float of another size": {"classes": np.array([0, 1, 2], np.longdouble)},
    "complex": {"classes": np.array([0, 1, 2j])},
    "a date": {"classes": np.array([0, 1, 2], "M8[D]")},
}


def only_boundaries(*boundaries):
    """Return changes that leave a table no other boundaries than these, all of the first feature."""
    counts, answers = np.array([len(boundaries), 0, 0, 0]), np.zeros(len(boundaries) + 1, np.uint8)
    return {"boundaries": np.array(boundaries), "boundary_counts": counts, "answers": answers}


BAD_TABLES = {
    "boundaries descend": {"boundaries": TABLE["boundaries"][::-1]},
    "a boundary twice": {"boundaries": changed(TABLE["boundaries"], 1, TABLE["boundaries"][0])},
    "a boundary is NaN": {"boundaries": changed(TABLE["boundaries"], 1, np.nan)},
    "a feature's only boundary is NaN": only_boundaries(np.nan),
    "a boundary too few": {"boundaries": TABLE["boundaries"][:-1]},
    "negative counts, though sum and product fit": {
        "boundary_counts": np.array([-2, -2, 5, 3]),
        "boundaries": np.arange(4.0),
        "answers": np.zeros(24, np.uint8),
    },
    "a count too few": {"boundary_counts": TABLE["boundary_counts"][:-1]},
    "no features": only_boundaries() | {"boundary_counts": np.empty(0, np.int64)},
    "counts whose sum wraps": {"boundary_counts": np.array([2**63 - 1, 2**63 - 1, 2 + len(TABLE["boundaries"]), 0])},
    "an answer that is not there": {"answers": changed(TABLE["answers"], -1, len(TABLE["probabilities"]))},
    "a cell too few": {"answers": TABLE["answers"][:-1]},
    "a cell too many": {"answers": np.append(TABLE["answers"], TABLE["answers"][:1])},
    "a row of probabilities too few": {"probabilities": TABLE["probabilities"][:-1]},
    "a probability is NaN": {"probabilities": changed(TABLE["probabilities"], 0, np.nan)},
    "no probabilities": {"probabilities": TABLE["probabilities"][:0]},
    "a column of probabilities too few": {"probabilities": TABLE["probabilities"][:, :-1]},
    "no classes": {"probabilities": TABLE["probabilities"][:, :0], "classes": TABLE["classes"][:0]},
    "a class too few": {"classes": TABLE["classes"][:-1]},
}


@pytest.mark.parametrize("changes", BAD_TABLES.values(), ids=BAD_TABLES)
def test_a_table_is_refused_if(changes):
    assert_damaged(file_of(TABLE | changes))


@pytest.mark.parametrize("boundaries", [(np.inf, np.inf), (-np.inf, np.inf), (-1e308, 1e308), (1e308, -1e308)])
def test_boundaries_that_no_forest_has_cause_no_other_error(boundaries):
    assert_refused_or_in_shape(file_of(TABLE | only_boundaries(*boundaries)))


BAD_FLAT_FORESTS = {
    **{f"n_features are {n}": {"n_features": np.array(n, np.int64)} for n in ([0], [-1], [1], [], [4, 4])},
    "no roots": {"roots": FLAT["roots"][:0]},
    **{f"a root is {root}": {"roots": changed(FLAT["roots"], 0, root)} for root in (-1, len(NODES))},
    **{f"a feature is {number}": {"feature": changed(FLAT["feature"], LEAF, number)} for number in (-1, 4)},
    **{f"{side} leads back": {side: changed(FLAT[side], INNER, 0)} for side in ("left", "right")},
    **{f"{side} stays, the other does not": {side: changed(FLAT[side], INNER, INNER)} for side in ("left", "right")},
    **{f"{side} leads to -1": {side: changed(FLAT[side], INNER, -1)} for side in ("left", "right")},
    **{f"{side} leads out": {side: changed(FLAT[side], INNER, len(NODES))} for side in ("left", "right")},
    **{f"{name} is too short": {name: FLAT[name][:-1]} for name in ("feature", "boundary", "left", "right", "votes")},
    "no nodes": {name: FLAT[name][:0] for name in ("feature", "boundary", "left", "right", "votes")},
    "a boundary is NaN": {"boundary": changed(FLAT["boundary"], INNER, np.nan)},
    "a vote is NaN": {"votes": changed(FLAT["votes"], LEAF, np.nan)},
    "a column of votes too few": {"votes": FLAT["votes"][:, :-1]},
    "no classes": {"votes": FLAT["votes"][:, :0], "classes": FLAT["classes"][:0]},
    "a class too few": {"classes": FLAT["classes"][:-1]},
}


@pytest.mark.parametrize("changes", BAD_FLAT_FORESTS.values(), ids=BAD_FLAT_FORESTS)
def test_a_flat_forest_is_refused_if(changes):
    assert_damaged(file_of(FLAT | changes))


@pytest.mark.parametrize("changes", BAD_CLASSES.values(), ids=BAD_CLASSES)
def test_an_engine_is_refused_if_a_label_is(kind, changes):
    assert_damaged(file_of(ARRAYS[kind] | changes))


@pytest.mark.parametrize("classes", [[7, 8, 9], [0.5, 1.5, 2.5], [False, True, True], ["a", "b", "c"]])
def test_labels_of_every_usual_kind_are_accepted(kind, classes):
    assert unpack(file_of(ARRAYS[kind] | {"classes": np.array(classes)})).classes.tolist() == classes


def test_a_flat_forest_is_refused_if_a_node_has_two_parents():
    """Else a file of n nodes could make loading take n² steps: 70 seconds for a file of two megabytes."""
    assert_damaged(file_of(FLAT | {"right": changed(FLAT["right"], INNER, FLAT["left"][INNER])}))
