"""Forests of every odd kind are compiled exactly, or refused with a sentence that says what to do."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from forest_serving.engines.compile import compile_forest
from forest_serving.engines.proof import prove
from forest_serving.errors import NotCompilable
from tests.support.doubles import FLOAT32_MAX
from tests.support.forests import Trained, adversarial_rows, bits, fit, fit_dataset, probabilities_of

KINDS = ["decision_table", "flat_forest"]
both_engines = pytest.mark.parametrize("kind", KINDS)


def assert_equal_everywhere(engine, forest, rows):
    assert prove(engine, forest)
    assert np.array_equal(bits(engine.predict_proba(rows)), bits(probabilities_of(forest, rows)))


@both_engines
def test_trees_of_one_leaf_are_compiled(kind):
    forest = fit_dataset("iris", n_trees=3, min_samples_leaf=150).forest
    assert_equal_everywhere(compile_forest(forest, kind).engine, forest, np.zeros((1, 4)))


@both_engines
def test_classes_absent_from_a_tree_are_compiled(kind):
    rows, labels = np.arange(6.0).reshape(6, 1), np.arange(6)
    forest = RandomForestClassifier(5, random_state=0).fit(rows, labels)
    assert any((estimator.tree_.value == 0).all(axis=(0, 1)).any() for estimator in forest.estimators_)
    assert_equal_everywhere(compile_forest(forest, kind).engine, forest, adversarial_rows(Trained(forest, rows), 500))


@both_engines
def test_a_forest_of_a_single_class_is_compiled(kind):
    forest = RandomForestClassifier(3, random_state=0).fit([[1.0], [2.0]], ["only", "only"])
    assert_equal_everywhere(compile_forest(forest, kind).engine, forest, np.zeros((1, 1)))


@both_engines
def test_a_forest_trained_on_named_columns_is_compiled_without_warnings(kind):
    rows = pd.DataFrame({"width": [1.0, 2.0, 3.0, 4.0]})
    forest = RandomForestClassifier(3, random_state=0).fit(rows, [0, 0, 1, 1])
    assert prove(compile_forest(forest, kind).engine, forest)
    assert forest.feature_names_in_ == ["width"]


@both_engines
def test_a_forest_trained_on_huge_values_is_compiled_without_warnings(kind):
    rows = np.random.default_rng(0).choice([-FLOAT32_MAX, -1e38, 1e38, FLOAT32_MAX], (100, 2))
    forest = fit(RandomForestClassifier(3, random_state=0), rows, np.arange(100) % 2)
    assert_equal_everywhere(compile_forest(forest, kind).engine, forest, rows)


@both_engines
def test_string_labels_from_a_data_frame_are_compiled(kind):
    forest = RandomForestClassifier(3, random_state=0).fit([[1.0], [2.0]], np.array(["no", "yes"], dtype=object))
    assert compile_forest(forest, kind).engine.predict_one([2.5]) == forest.predict([[2.5]])[0]


@both_engines
def test_missing_values_that_left_no_mark_in_the_thresholds_do_not_matter(kind):
    """Where missing values go is written beside the thresholds, and complete rows never ask for it."""
    rows = np.random.default_rng(0).normal(size=(60, 3))
    with_gap = np.where(np.arange(180).reshape(60, 3) == 0, np.nan, rows)
    forest = RandomForestClassifier(3, max_depth=2, random_state=0).fit(with_gap, np.arange(60) % 3)
    assert_equal_everywhere(compile_forest(forest, kind).engine, forest, adversarial_rows(Trained(forest, rows), 1_000))


def fitted(labels, rows=((0.0,), (1.0,), (2.0,), (3.0,))):
    return RandomForestClassifier(2, bootstrap=False, random_state=0).fit(np.array(rows), labels)


@pytest.mark.parametrize(
    ("forest", "sentence"),
    [
        (DecisionTreeClassifier(), "A DecisionTreeClassifier cannot be compiled; train a RandomForestClassifier."),
        ("forest", "A str cannot be compiled; train a RandomForestClassifier."),
        (RandomForestClassifier(), "The forest is not fitted; call fit first."),
        (fitted([[0, 1], [1, 0], [0, 0], [1, 1]]), "The forest has 2 outputs; train one forest per output."),
        (
            fitted([0.0, 1.0, 0.0, 1.0]),
            "The forest's labels are neither whole numbers nor strings; number the classes.",
        ),
        (
            fitted([0, 0, 1, 1], rows=[[np.nan], [np.nan], [1], [2]]),
            "The forest was trained with missing values; fill them in or drop those rows, then train.",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["auto", *KINDS])
def test_what_no_engine_reproduces_is_refused_with_the_way_out(forest, sentence, kind):
    with pytest.raises(NotCompilable) as refusal:
        compile_forest(forest, kind)
    assert str(refusal.value) == sentence


def test_compiling_leaves_the_forest_as_it_was():
    forest = fit_dataset("iris", n_trees=3, n_jobs=2).forest
    before = dict(vars(forest))
    compile_forest(forest)
    assert vars(forest) == before
