"""The proof holds for what the compiler makes, and fails for an engine of another forest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forest_serving.engines.compile import compile_forest
from forest_serving.engines.proof import prove
from forest_serving.errors import NotCompilable
from tests.support.damage import PARTS, rebuilt, verdict
from tests.support.forests import fit_dataset, trained_forests

FORESTS = {"decision_table": trained_forests(max_cells=20_000), "flat_forest": trained_forests()}
both_engines = pytest.mark.parametrize("kind", PARTS)


@pytest.fixture(scope="module")
def forest():
    return fit_dataset("iris", n_trees=5, max_depth=3).forest


@both_engines
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_proof_holds_for_every_compiled_engine(kind, data):
    forest = data.draw(FORESTS[kind]).forest
    assert verdict(compile_forest(forest, kind).engine, forest) == ""


@both_engines
def test_the_proof_holds_for_an_engine_rebuilt_from_its_parts(kind, forest):
    assert verdict(rebuilt(compile_forest(forest, kind).engine), forest) == ""


def test_the_proof_says_what_it_compared(forest):
    table, flat = (compile_forest(forest, kind).engine for kind in PARTS)
    assert prove(table, forest) == f"5 trees agree at both corners of each of {len(table.answers)} cells"
    assert prove(flat, forest) == f"{len(flat.feature)} nodes of 5 trees equal scikit-learn's"


@both_engines
def test_another_forests_engine_fails(kind, forest):
    other = compile_forest(fit_dataset("iris", n_trees=5, max_depth=3, random_state=1).forest, kind).engine
    assert verdict(other, forest) != ""


@both_engines
@pytest.mark.parametrize("classes", [np.array([1, 2, 3]), np.array([0, 2, 1]), np.array(["0", "1", "2"])])
def test_other_classes_fail(kind, forest, classes):
    engine = rebuilt(compile_forest(forest, kind).engine, classes=classes)
    assert verdict(engine, forest) == "The engine has other classes than the forest."


@both_engines
def test_another_number_of_features_fails(kind, forest):
    other = compile_forest(fit_dataset("wine", n_trees=2, max_depth=2).forest, kind).engine
    assert verdict(other, forest) == "The engine has 13 features, the forest 4."


@both_engines
def test_a_forest_that_no_engine_reproduces_is_refused(kind, forest):
    """Otherwise an engine could be proved equal to what it cannot be equal to."""
    labels_that_are_not_whole = fit_dataset("iris", n_trees=5, max_depth=3).forest
    labels_that_are_not_whole.classes_ = np.array([0.0, 1.0, 2.0])
    with pytest.raises(NotCompilable):
        prove(compile_forest(forest, kind).engine, labels_that_are_not_whole)


def test_there_is_no_proof_for_an_unknown_engine(forest):
    with pytest.raises(TypeError, match="no proof for str"):
        prove("engine", forest)
