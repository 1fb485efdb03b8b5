"""How good a forest is: scores as scikit-learn defines them, in a time that the fit bounds."""

import time

import numpy as np
import pytest
from sklearn.datasets import load_wine, make_classification
from sklearn.metrics import f1_score, recall_score, roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score

from forest_serving.training.columns import unnamed_columns
from forest_serving.training.dataset import Dataset
from forest_serving.training.evaluation import cross_validate, evaluate
from forest_serving.training.gates import Gates
from forest_serving.training.plan import Plan, plan_for
from forest_serving.training.progress import Stopwatch
from forest_serving.training.recipe import Recipe
from forest_serving.training.report import report_text
from forest_serving.training.scores import judged, scores_of
from tests.support.training import NoBar, wine


def dataset(rows, labels):
    """Return rows without names."""
    return Dataset(rows, labels, unnamed_columns(range(rows.shape[1])), "label", "here")


@pytest.mark.parametrize("n_classes", [2, 5])
def test_the_scores_are_scikit_learns(n_classes):
    rng = np.random.default_rng(0)
    truth = np.append(np.arange(n_classes), rng.integers(0, n_classes, 200))
    probabilities = rng.dirichlet(np.ones(n_classes), len(truth))
    predicted, scores = probabilities.argmax(axis=1), scores_of(truth, probabilities)
    auc = (
        roc_auc_score(truth, probabilities[:, 1])
        if n_classes == 2
        else roc_auc_score(truth, probabilities, multi_class="ovr")
    )
    assert scores["recall"] == pytest.approx(recall_score(truth, predicted, average="macro"))
    assert scores["f1"] == pytest.approx(f1_score(truth, predicted, average="macro"))
    assert scores["auc"] == pytest.approx(auc)


def test_cross_validation_is_scikit_learns():
    rows, labels = load_wine(return_X_y=True)
    found = cross_validate(dataset(rows, labels), Recipe(5), Plan(3, 2, 0, 0), NoBar())
    splits = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)
    assert found["accuracy"] == round(cross_val_score(Recipe(5).forest(), rows, labels, cv=splits).mean(), 4)


def test_a_report_names_text_labels_and_columns():
    frame = wine()
    data = dataset(frame.drop(columns="cultivar").to_numpy(), frame["cultivar"].to_numpy(str))
    report = evaluate(data, Recipe(5), Plan(2, 1, 1, 10), Stopwatch())
    assert list(report["holdout"]["per_class"]) == ["Barbera", "Barolo", "Grignolino"]
    assert list(report["permutation_importance"]) == [column.name for column in data.columns]
    assert "true Grignolino" in report_text(report)
    assert "calibration: probability of the predicted class" in report_text(report)


def test_a_report_says_what_the_split_was():
    split = evaluate(dataset(*load_wine(return_X_y=True)), Recipe(2, seed=7), Plan(0, 0, 0, 0), Stopwatch())["split"]
    sizes = {"training_rows": 133, "holdout_rows": 45, "holdout_share": 0.25}
    assert {key: split[key] for key in split if key != "how"} == sizes | {"stratified": True, "seed": 7}


def test_on_many_rows_evaluation_takes_less_than_twice_the_time_of_the_fit():
    """Counted in processor time, as other tests may run beside this one."""
    data = dataset(*make_classification(20_000, 20, n_informative=8, n_classes=3, random_state=0))
    recipe = Recipe(10)
    start = time.process_time()
    recipe.fit(data.rows, data.labels, NoBar())
    fitted = time.process_time()
    report = evaluate(data, recipe, plan_for(*data.rows.shape), Stopwatch())
    assert time.process_time() - fitted < 2 * (fitted - start)
    assert "without" not in report
    assert "no cross-validation" in report_text(report)


def test_the_plan_shrinks_with_the_data_and_depends_on_nothing_else():
    assert plan_for(150, 4) == Plan(5, 4, 10, 38)
    assert plan_for(5_000, 10) == Plan(5, 1, 5, 500)
    assert plan_for(20_000, 20) == Plan(0, 0, 5, 1_000)
    assert plan_for(20_000, 500).shuffles == 0
    assert plan_for(20_000, 20, thorough=True) == Plan(5, 4, 10, 5_000)


def test_many_classes_and_columns_are_shortened_in_the_text_only():
    rng = np.random.default_rng(0)
    data = dataset(rng.normal(size=(300, 25)), np.arange(300) % 15)
    text = report_text(evaluate(data, Recipe(2), Plan(0, 0, 1, 10), Stopwatch()))
    assert "the 12 of 15 classes with the lowest recall:" in text
    assert "and 5 columns that matter less" in text
    assert max(map(len, text.splitlines())) < 130


def test_a_large_confusion_matrix_is_not_kept():
    truth, probabilities = np.arange(51), np.eye(51)
    assert "confusion_matrix" not in judged(truth, probabilities, [str(number) for number in truth])


def test_a_forest_that_only_knows_the_commonest_class_is_called_so():
    data = dataset(np.zeros((100, 1)), np.array([0] * 80 + [1] * 20))
    assert "Always answering the commonest class" in report_text(
        evaluate(data, Recipe(2), plan_for(100, 1), Stopwatch())
    )


def test_each_gate_has_its_sentence():
    report = {"accuracy": 0.8, "recall": 0.8, "f1": 0.8, "auc": 0.8}
    assert Gates(0.8, 0.8, 0.8, 0.8).faults(report) == []
    assert [fault.split(" is below")[0] for fault in Gates(0.9, 0.9, 0.9, 0.9).faults(report)] == [
        "The accuracy",
        "The macro recall",
        "The macro F1",
        "The macro one-vs-rest AUC",
    ]
