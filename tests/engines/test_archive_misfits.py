"""Arrays that do not fit together are refused, so that no lookup can leave them or run for ever."""

import sys

import numpy as np
import pytest

from forest_serving.engines.archive import unpack
from tests.support.damage import changed
from tests.support.engine_files import ARRAYS, assert_damaged, assert_refused_or_in_shape, file_of

TABLE, FOREST = ARRAYS["decision_table"], ARRAYS["forest"]
N_NODES = len(FOREST["node_rank"])
IS_LEAF = FOREST["node_rank"] == 65_535
LEAF, INNER = (int(np.flatnonzero(is_such)[1]) for is_such in (IS_LEAF, ~IS_LEAF))
N_COLUMNS, N_VALUES = len(FOREST["column_feature"]), len(FOREST["values"])
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
    "an answer that is not there": {"answers": changed(TABLE["answers"], -1, len(TABLE["outputs"]))},
    "a cell too few": {"answers": TABLE["answers"][:-1]},
    "a cell too many": {"answers": np.append(TABLE["answers"], TABLE["answers"][:1])},
    "a row of probabilities too few": {"outputs": TABLE["outputs"][:-1]},
    "a probability is NaN": {"outputs": changed(TABLE["outputs"], 0, np.nan)},
    "no probabilities": {"outputs": TABLE["outputs"][:0]},
    "a column of probabilities too few": {"outputs": TABLE["outputs"][:, :-1]},
    "no classes": {"outputs": TABLE["outputs"][:, :0], "classes": TABLE["classes"][:0]},
    "a class too few": {"classes": TABLE["classes"][:-1]},
    "a position that is not there": {"positions": changed(TABLE["positions"], 0, 3)},
    "a position too few": {"positions": TABLE["positions"][:-1]},
    "a gap that has no cells": {"gaps": changed(TABLE["gaps"], 0, True)},
    "a gap too few": {"gaps": TABLE["gaps"][:-1]},
}


@pytest.mark.parametrize("changes", BAD_TABLES.values(), ids=BAD_TABLES)
def test_a_table_is_refused_if(changes):
    assert_damaged(file_of(TABLE | changes))


@pytest.mark.parametrize("boundaries", [(np.inf, np.inf), (-np.inf, np.inf), (-1e308, 1e308), (1e308, -1e308)])
def test_boundaries_that_no_forest_has_cause_no_other_error(boundaries):
    assert_refused_or_in_shape(file_of(TABLE | only_boundaries(*boundaries)))


BEGIN = FOREST["column_begin"]
BAD_FORESTS = {
    **{f"n_features are {n}": {"n_features": np.array(n, np.int64)} for n in ([0], [-1], [1], [], [4, 4])},
    "no columns": {name: FOREST[name][:0] for name in ("column_feature", "column_recoded")}
    | {"column_begin": BEGIN[:1]},
    "a column asks for feature 4": {"column_feature": changed(FOREST["column_feature"], 0, 4)},
    "a column begins at -1": {"column_begin": changed(BEGIN, 0, -1)},
    "a column begins behind the next": {"column_begin": changed(BEGIN, 1, BEGIN[2] + 1)},
    "a column has no boundary": {"column_begin": changed(BEGIN, 1, 0)},
    "the last column ends outside": {"column_begin": changed(BEGIN, -1, BEGIN[-1] + 1)},
    "a beginning too few": {"column_begin": BEGIN[:-1]},
    "a boundary is NaN": {"boundaries": changed(FOREST["boundaries"], 1, np.nan)},
    "a boundary twice": {"boundaries": changed(FOREST["boundaries"], 2, FOREST["boundaries"][1])},
    "boundaries descend": {"boundaries": changed(FOREST["boundaries"], 2, -1e30)},
    "a column does not begin with -inf": {"boundaries": changed(FOREST["boundaries"], 0, -1e30)},
    **{f"codes are at {at}": {"column_recoded": changed(FOREST["column_recoded"], 0, at)} for at in (-2, 0, 2**62)},
    "a code is as large as a leaf's": {
        "codes": np.full(BEGIN[1] + 1, 65_535, np.uint16),
        "column_recoded": changed(FOREST["column_recoded"], 0, 0),
    },
    "no roots": {name: FOREST[name][:0] for name in ("roots", "output")},
    "a root is not there": {"roots": changed(FOREST["roots"], 0, N_NODES)},
    "a root is a child": {"roots": changed(FOREST["roots"], 0, FOREST["node_child"][INNER])},
    "a column is not there": {"node_column": changed(FOREST["node_column"], LEAF, N_COLUMNS)},
    "a child leads back": {"node_child": changed(FOREST["node_child"], INNER, 0)},
    "a child is the node itself": {"node_child": changed(FOREST["node_child"], INNER, INNER)},
    **{
        f"a child is {N_NODES - 1 + n}": {"node_child": changed(FOREST["node_child"], INNER, N_NODES - 1 + n)}
        for n in (0, 1)
    },
    "a child is the largest number": {"node_child": changed(FOREST["node_child"], INNER, 2**32 - 1)},
    "a leaf's value is not there": {"node_child": changed(FOREST["node_child"], LEAF, N_VALUES)},
    "a split is made a leaf": {"node_rank": changed(FOREST["node_rank"], INNER, 65_535)},
    "a leaf is made a split": {"node_rank": changed(FOREST["node_rank"], LEAF, 0)},
    **{
        f"{name} is too short": {name: FOREST[name][:-1]}
        for name in ("node_rank", "node_column", "node_child", "output")
    },
    "no nodes": {name: FOREST[name][:0] for name in ("node_rank", "node_column", "node_child")},
    "a value is NaN": {"values": changed(FOREST["values"], (0, 0), np.nan)},
    "no values": {"values": FOREST["values"][:0]},
    "values have no width": {"values": FOREST["values"][:, :0]},
    "values are too wide": {"values": np.hstack([FOREST["values"], FOREST["values"]])},
    "an output is not there": {"output": changed(FOREST["output"], 0, 1)},
    "an output is the largest number": {"output": changed(FOREST["output"], 0, 2**32 - 1)},
    "a first sum is infinite": {"base": changed(FOREST["base"], 0, np.inf)},
    "a first sum too few": {"base": FOREST["base"][:-1]},
    "no first sums": {"base": FOREST["base"][:0]},
    **{f"the link is {link!r}": {"link": np.array(link)} for link in ("", "median", "logistic above zero", "value")},
    "no classes": {"classes": FOREST["classes"][:0]},
    "a class too few": {"classes": FOREST["classes"][:-1]},
}


@pytest.mark.parametrize("changes", BAD_FORESTS.values(), ids=BAD_FORESTS)
def test_a_forest_is_refused_if(changes):
    assert_damaged(file_of(FOREST | changes))


def test_the_forest_of_these_tests_has_no_codes():
    """Else some of the damages above would not be any."""
    assert (FOREST["column_recoded"] == -1).all()


@pytest.mark.parametrize("changes", BAD_CLASSES.values(), ids=BAD_CLASSES)
def test_an_engine_is_refused_if_a_label_is(kind, changes):
    assert_damaged(file_of(ARRAYS[kind] | changes))


@pytest.mark.parametrize("classes", [[7, 8, 9], [0.5, 1.5, 2.5], [False, True, True], ["a", "b", "c"]])
def test_labels_of_every_usual_kind_are_accepted(kind, classes):
    assert unpack(file_of(ARRAYS[kind] | {"classes": np.array(classes)})).classes.tolist() == classes


def test_a_forest_is_refused_if_a_node_has_two_parents():
    """Else a file of n nodes could make walking it take 2ⁿ steps, or none end."""
    other = int(np.flatnonzero(~IS_LEAF)[2])
    assert_damaged(file_of(FOREST | {"node_child": changed(FOREST["node_child"], INNER, FOREST["node_child"][other])}))
