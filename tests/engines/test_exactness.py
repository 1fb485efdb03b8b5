"""One suite for both engines: whatever the forest and the row, the answer is scikit-learn's, to the bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier

from forest_serving.engines.archive import pack, unpack
from tests.support.compiled import compiled
from tests.support.examples import dear
from tests.support.forests import adversarial_rows, bits, fit_dataset, forests_for, labels_of, probabilities_of

pytestmark = pytest.mark.once
DATASETS = [
    ("iris", "decision_table"),
    ("iris", "forest"),
    ("wine", "forest"),
    ("breast cancer", "forest"),
]


@dear(30)
@given(st.data())
def test_many_rows_are_answered_as_the_forest_does_to_the_bit(kind, data):
    trained = data.draw(forests_for(kind))
    engine, rows = compiled(trained.forest, kind), adversarial_rows(trained, 1_000)
    labels, expected = engine.predict(rows), labels_of(trained.forest, rows)
    assert np.array_equal(bits(engine.predict_proba(rows)), bits(probabilities_of(trained.forest, rows)))
    assert labels.dtype == expected.dtype
    assert np.array_equal(labels, expected)


@dear(15)
@given(st.data())
def test_one_row_of_an_unpacked_engine_is_answered_as_the_forest_does_to_the_bit(kind, data):
    trained = data.draw(forests_for(kind))
    engine, rows = compiled(trained.forest, kind), adversarial_rows(trained, 50)
    unpacked = unpack(pack(engine))
    one_by_one = [unpacked.predict_proba_one(row) for row in rows.tolist()]
    assert np.array_equal(bits(one_by_one), bits(probabilities_of(trained.forest, rows)))
    assert [unpacked.predict_one(row) for row in rows.tolist()] == labels_of(trained.forest, rows).tolist()
    assert pack(unpacked) == pack(engine)


def test_classes_are_positions_of_labels(engine):
    rows = np.random.default_rng(0).uniform(0, 8, (300, 4))
    assert np.array_equal(engine.classes[engine.classify(rows)], engine.predict(rows))
    assert [engine.classify_one(row) for row in rows.tolist()] == engine.classify(rows).tolist()


@pytest.fixture(scope="module", params=DATASETS, ids=" as ".join)
def served_dataset(request):
    """Return an engine compiled from a forest with default settings, the forest, and rows that are hard for it."""
    name, kind = request.param
    trained = fit_dataset(name)
    return compiled(trained.forest, kind), trained.forest, adversarial_rows(trained, 30_000)


def test_probabilities_for_a_well_known_data_set_equal_to_the_bit(served_dataset):
    engine, forest, rows = served_dataset
    assert np.array_equal(bits(engine.predict_proba(rows)), bits(probabilities_of(forest, rows)))


def test_labels_for_a_well_known_data_set_are_equal(served_dataset):
    engine, forest, rows = served_dataset
    assert np.array_equal(engine.predict(rows), labels_of(forest, rows))


def test_single_rows_of_a_well_known_data_set_are_answered_equal_to_the_bit(served_dataset):
    engine, forest, rows = served_dataset
    rows = rows[::60]
    assert np.array_equal(
        bits([engine.predict_proba_one(row) for row in rows.tolist()]), bits(probabilities_of(forest, rows))
    )
    assert [engine.predict_one(row) for row in rows.tolist()] == labels_of(forest, rows).tolist()


def test_a_forest_with_two_threads_is_answered_for_as_with_one(kind):
    """Two threads add the trees in the order of their arrival; the order in the forest is the one that counts."""
    trained = fit_dataset("iris", n_trees=60, max_depth=3, n_jobs=2)
    engine, rows = compiled(trained.forest, kind), adversarial_rows(trained, 5_000)
    assert np.array_equal(bits(engine.predict_proba(rows)), bits(probabilities_of(trained.forest, rows)))
    assert trained.forest.n_jobs == 2


def test_of_classes_with_equal_probabilities_the_first_wins(kind):
    rows, labels = [[0.0], [0.0], [1.0], [1.0]], ["second", "first", "third", "third"]
    forest = RandomForestClassifier(4, bootstrap=False, random_state=0).fit(rows, labels)
    engine = compiled(forest, kind)
    assert engine.predict_proba_one([0.0]) == [0.5, 0.5, 0.0]
    assert engine.predict_one([0.0]) == engine.predict(np.zeros((1, 1)))[0] == forest.predict([[0.0]])[0] == "first"


def test_no_rows_get_no_answers(engine):
    assert engine.predict_proba(np.empty((0, 4))).shape == (0, 3)
    assert engine.classify(np.empty((0, 4))).shape == engine.predict(np.empty((0, 4))).shape == (0,)


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda rows: rows[::-2], lambda rows: rows[:, ::-1][:, ::-1]])
def test_how_rows_lie_in_memory_makes_no_difference(kind, layout):
    trained = fit_dataset("iris", n_trees=10, max_depth=3)
    engine, rows = compiled(trained.forest, kind), layout(adversarial_rows(trained, 1_000))
    assert np.array_equal(bits(engine.predict_proba(rows)), bits(probabilities_of(trained.forest, rows)))
