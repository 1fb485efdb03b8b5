"""The proof holds for what the compiler makes, and fails for an engine of another forest."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.engines.proof import prove
from forest_serving.errors import NotCompilable
from tests.support.compiled import compiled, inputs_of, proved
from tests.support.damage import rebuilt, verdict
from tests.support.examples import dear
from tests.support.forests import fit_dataset, forests_for


@pytest.mark.once
@dear(15)
@given(st.data())
def test_the_proof_holds_for_every_compiled_engine(kind, data):
    forest = data.draw(forests_for(kind)).forest
    assert verdict(compiled(forest, kind), forest) == ""


def test_the_proof_holds_for_an_engine_rebuilt_from_its_parts(engine, forest):
    """Otherwise the damaged ones below could fail for another reason."""
    assert verdict(rebuilt(engine), forest) == ""


def test_the_proof_says_what_it_compared(forest, table, walked):
    cells, nodes = len(table.answers), len(walked.trees.nodes)
    assert proved(table, forest) == f"5 trees were compared node by node, and the answer in each of {cells:,} cells"
    assert proved(walked, forest).startswith(f"{nodes} nodes of 5 trees equal scikit-learn's, and ask the same at ")


def test_another_forests_engine_fails(kind, forest):
    other = compiled(fit_dataset("iris", n_trees=5, max_depth=3, random_state=1).forest, kind)
    assert verdict(other, forest) != ""


@pytest.mark.parametrize("classes", [[1, 2, 3], [0, 2, 1], ["0", "1", "2"], [0.0, 1.0, 2.0]])
def test_other_classes_fail(engine, forest, classes):
    damaged = rebuilt(engine, classes=np.array(classes))
    assert verdict(damaged, forest) == "The engine has other classes than the model."


def test_another_number_of_features_fails(kind, forest):
    other = compiled(fit_dataset("wine", n_trees=2, max_depth=2).forest, kind)
    assert "features" in verdict(other, forest)


def test_a_forest_that_no_engine_reproduces_is_refused(engine, forest):
    """Otherwise an engine could be proved equal to what it cannot be equal to."""
    with_dates = copy.copy(forest)
    with_dates.classes_ = np.array([0, 1, 2], "M8[D]")
    with pytest.raises(NotCompilable):
        proved(engine, with_dates)


def test_there_is_no_proof_for_an_unknown_engine(forest):
    with pytest.raises(TypeError, match="no proof for str"):
        prove("engine", forest, inputs_of(forest))
