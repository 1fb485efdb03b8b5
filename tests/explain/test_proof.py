"""What is stored for explanations is compared with the model that it claims to explain: any difference is found."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

from forest_serving.engines.compile import compile_model
from forest_serving.errors import ProofFailed
from forest_serving.explain.archive import Explained, unpack
from forest_serving.explain.proof import prove_explanation
from forest_serving.explain.saving import explanation_of
from tests.support.compiled import inputs_of
from tests.support.damage import changed, rebuilt

X, Y = load_iris(return_X_y=True)
MODEL = RandomForestClassifier(5, random_state=0, class_weight={0: 1, 1: 2.5, 2: 1}).fit(X, Y)
INPUTS = inputs_of(MODEL)


@pytest.fixture(params=["decision_table", "forest"])
def stored(request):
    """Return an engine of each kind, and what is stored for its explanations."""
    engine = compile_model(INPUTS, request.param).engine
    return engine, unpack(explanation_of(INPUTS, engine), engine)


def verdict(engine, explained):
    """Return the sentence with which the proof fails, or what it says if it holds."""
    try:
        return prove_explanation(explained, engine, MODEL, INPUTS)
    except ProofFailed as failure:
        return str(failure)


def test_what_saving_writes_is_the_models(stored):
    engine, explained = stored
    assert verdict(engine, explained) == f"explanations weigh {len(explained.cover)} nodes as scikit-learn does"


def test_a_weight_that_is_another_in_its_last_bit_is_found(stored):
    engine, explained = stored
    for node in (0, len(explained.cover) // 2, len(explained.cover) - 1):
        other = changed(explained.cover, node, np.nextafter(explained.cover[node], np.inf))
        assert "was reached by training rows of weight" in verdict(engine, Explained(explained.forest, other))


def test_two_weights_that_changed_places_are_found(stored):
    engine, explained = stored
    other = changed(explained.cover, [1, 2], explained.cover[[2, 1]])
    assert "and the file says" in verdict(engine, Explained(explained.forest, other))


def test_a_boundary_or_a_value_of_a_tables_trees_that_is_another_is_found():
    table = compile_model(INPUTS, "decision_table").engine
    forest, cover = unpack(explanation_of(INPUTS, table), table)
    columns, trees = forest.columns, forest.trees
    moved = columns._replace(boundaries=changed(columns.boundaries, 3, np.nextafter(columns.boundaries[3], np.inf)))
    others = {"columns": moved, "trees": trees._replace(values=changed(trees.values, 0, trees.values[0] + 1e-9))}
    for name, other in others.items():
        found = verdict(table, Explained(rebuilt(forest, **{name: other}), cover))
        assert found.startswith("The trees stored for explanations are not the model's: ")
