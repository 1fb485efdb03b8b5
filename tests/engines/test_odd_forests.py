"""Forests of every odd kind are compiled exactly, and left as they were."""

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from forest_serving.engines.archive import pack, unpack
from tests.support.compiled import compiled, proved
from tests.support.doubles import FLOAT32_MAX
from tests.support.forests import Trained, adversarial_rows, bits, fit, fit_dataset, probabilities_of


def assert_equal_everywhere(engine, forest, rows):
    assert proved(engine, forest)
    assert np.array_equal(bits(unpack(pack(engine)).predict_proba(rows)), bits(probabilities_of(forest, rows)))


def test_trees_of_one_leaf_are_compiled(kind):
    forest = fit_dataset("iris", n_trees=3, min_samples_leaf=150).forest
    assert_equal_everywhere(compiled(forest, kind), forest, np.zeros((1, 4)))


def test_classes_absent_from_a_tree_are_compiled(kind):
    rows, labels = np.arange(6.0).reshape(6, 1), np.arange(6)
    forest = RandomForestClassifier(5, random_state=0).fit(rows, labels)
    assert any((estimator.tree_.value == 0).all(axis=(0, 1)).any() for estimator in forest.estimators_)
    assert_equal_everywhere(compiled(forest, kind), forest, adversarial_rows(Trained(forest, rows), 500))


def test_a_forest_of_a_single_class_is_compiled(kind):
    forest = RandomForestClassifier(3, random_state=0).fit([[1.0], [2.0]], ["only", "only"])
    assert_equal_everywhere(compiled(forest, kind), forest, np.zeros((1, 1)))


def test_a_forest_trained_on_named_columns_is_compiled_without_warnings(kind):
    rows = pd.DataFrame({"width": [1.0, 2.0, 3.0, 4.0]})
    forest = RandomForestClassifier(3, random_state=0).fit(rows, [0, 0, 1, 1])
    assert proved(compiled(forest, kind), forest)
    assert forest.feature_names_in_ == ["width"]


def test_a_forest_trained_on_huge_values_is_compiled_without_warnings(kind):
    rows = np.random.default_rng(0).choice([-FLOAT32_MAX, -1e38, 1e38, FLOAT32_MAX], (100, 2))
    forest = fit(RandomForestClassifier(3, random_state=0), rows, np.arange(100) % 2)
    assert_equal_everywhere(compiled(forest, kind), forest, rows)


def test_compiling_leaves_the_forest_as_it_was():
    rows = pd.DataFrame({"width": [1.0, 2.0, 3.0, 4.0]})
    forest = RandomForestClassifier(3, n_jobs=2, verbose=0, random_state=0).fit(rows, ["no", "no", "yes", "yes"])
    before = dict(vars(forest))
    compiled(forest)
    assert vars(forest) == before


def test_a_forest_that_tells_of_its_progress_is_asked_in_silence(kind, capfd):
    forest = RandomForestClassifier(3, random_state=0).fit([[1.0], [2.0]], [0, 1]).set_params(verbose=2)
    assert proved(compiled(forest, kind), forest)
    assert capfd.readouterr() == ("", "")


def test_a_forest_that_will_grow_is_compiled_as_it_is(kind):
    forest = RandomForestClassifier(3, warm_start=True, random_state=0).fit([[1.0], [2.0]], [0, 1])
    forest.set_params(n_estimators=10)
    assert_equal_everywhere(compiled(forest, kind), forest, np.array([[1.0], [2.0]]))
