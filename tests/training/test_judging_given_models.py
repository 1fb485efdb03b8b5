"""forest_serving.save with test: what is served is judged by rows that the model has not learned from."""

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.inspection import permutation_importance
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    confusion_matrix,
    log_loss,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)

import forest_serving
from forest_serving.card import write_card
from forest_serving.errors import BadTrainingData
from forest_serving.models import store
from forest_serving.training.number_scores import judged_numbers
from tests.support.churn import churned, customers, pipeline, spent
from tests.support.training import wine

WINE = wine()
ROWS, LABELS = WINE.drop(columns="cultivar"), WINE["cultivar"]
LEARNED, UNSEEN = np.arange(len(WINE)) % 3 > 0, np.arange(len(WINE)) % 3 == 0
FOREST = RandomForestClassifier(5, max_depth=2, random_state=0).fit(ROWS[LEARNED], LABELS[LEARNED])
TEST = (ROWS[UNSEEN], LABELS[UNSEEN])
TABLE = customers(600)


def judged(model=FOREST, rows=ROWS[LEARNED], labels=LABELS[LEARNED], test=TEST, **options):
    """Save a model; return the report in its card."""
    forest_serving.save("judged", model, rows, labels, test=test, engine="forest", **options)
    return store.newest_card("judged").report


def of_customers(trees, answers):
    """Return the report of a pipeline that learned from two thirds of the customers, and that pipeline."""
    first, rest = slice(0, 400), slice(400, None)
    model = pipeline(trees).fit(TABLE[first], answers[first])
    return judged(model, TABLE[first], answers[first], (TABLE[rest], answers[rest])), model


def test_a_classifiers_scores_are_scikit_learns(bentoml_home):
    report, told = judged(), FOREST.predict_proba(TEST[0])
    assert report["accuracy"] == pytest.approx(accuracy_score(TEST[1], FOREST.predict(TEST[0])), abs=1e-4)
    assert report["holdout"]["log_loss"] == pytest.approx(log_loss(TEST[1], told), abs=1e-4)
    assert report["holdout"]["brier"] == pytest.approx(brier_score_loss(TEST[1], told), abs=1e-4)
    assert report["holdout"]["confusion_matrix"] == confusion_matrix(TEST[1], FOREST.predict(TEST[0])).tolist()
    assert report["accuracy_95_interval"][0] < report["accuracy"] < report["accuracy_95_interval"][1]


def test_of_two_classes_briers_score_is_that_of_one_of_them(bentoml_home):
    report, model = of_customers(RandomForestClassifier(4, max_depth=3, random_state=0), churned(TABLE))
    told = model.predict_proba(TABLE[400:])[:, 1]
    assert report["holdout"]["brier"] == pytest.approx(brier_score_loss(churned(TABLE)[400:] == "yes", told), abs=1e-4)
    assert report["holdout"]["calibration"]["of"] == "yes"


def test_a_regressors_scores_are_scikit_learns(bentoml_home):
    report, model = of_customers(RandomForestRegressor(4, max_depth=3, random_state=0), spent(TABLE))
    truth, told = spent(TABLE)[400:], model.predict(TABLE[400:])
    for name, score in (("r2", r2_score), ("mae", mean_absolute_error), ("rmse", root_mean_squared_error)):
        low, high = report[f"{name}_95_interval"]
        assert report[name] == pytest.approx(score(truth, told), rel=1e-4)
        assert low < report[name] < high
    shares = {each["share"]: each["error"] for each in report["holdout"]["error_quantiles"]}
    assert shares == pytest.approx({share: np.quantile(told - truth, share) for share in shares}, rel=1e-4)


def test_a_regressors_answers_stand_beside_the_truth_in_ten_parts_of_the_rows(bentoml_home):
    report, _ = of_customers(RandomForestRegressor(4, max_depth=3, random_state=0), spent(TABLE))
    parts = report["holdout"]["by_answer"]
    assert [part["rows"] for part in parts] == [20] * 10
    assert [part["predicted"] for part in parts] == sorted(part["predicted"] for part in parts)
    assert np.mean([part["true"] for part in parts]) == pytest.approx(spent(TABLE)[400:].mean(), rel=1e-4)


def test_importance_is_that_of_the_raw_columns(bentoml_home):
    """Shuffled by other draws than scikit-learn's; what the model does not look at is worth nothing."""
    report, model = of_customers(RandomForestClassifier(8, max_depth=5, random_state=0), churned(TABLE))
    theirs = permutation_importance(model, TABLE[400:], churned(TABLE)[400:], n_repeats=30, random_state=0)
    expected = dict(
        zip(["customer", "age", "contract", "charge", "paperless", "calls"], theirs.importances_mean, strict=True)
    )
    assert report["permutation_importance"] == pytest.approx(
        {name: expected[name] for name in report["permutation_importance"]}, abs=0.03
    )
    assert report["permutation_importance_of"] == "10 shuffles of 200 rows"


def test_the_report_says_what_the_split_was(bentoml_home):
    split = judged()["split"]
    assert (split["holdout_rows"], split["holdout_rows_also_in_training_data"]) == (UNSEEN.sum(), 0)


def test_a_test_of_rows_that_the_model_learned_from_is_told(bentoml_home):
    report = judged(test=(ROWS, LABELS))
    assert report["split"]["holdout_rows_also_in_training_data"] == LEARNED.sum()
    assert any("are in the training data, too" in sentence for sentence in store.newest_card("judged").limits)


def test_a_class_without_rows_in_the_test_counts_in_no_mean(bentoml_home):
    of_two = TEST[1] != "Barolo"
    report = judged(test=(TEST[0][of_two], TEST[1][of_two]))
    recalls = [scores["recall"] for scores in report["holdout"]["per_class"].values() if scores["rows"]]
    assert len(recalls) == 2
    assert report["recall"] == pytest.approx(np.mean(recalls), abs=1e-4)


def test_what_cannot_be_measured_is_left_out(bentoml_home):
    """No AUC of one class, and no R² of targets that are all equal: the store has no null."""
    one = TEST[1] == "Barolo"
    report = judged(test=(TEST[0][one], TEST[1][one]))
    assert "auc" not in report
    model = RandomForestRegressor(2, random_state=0).fit(ROWS, WINE.index)
    report = judged(model, ROWS, WINE.index, (ROWS[:20], [7.0] * 20))
    assert ("r2" in report, report["permutation_importance"]) == (False, {})
    assert b"null" not in msgspec.json.encode(write_card(store.newest_card("judged")))


@pytest.mark.parametrize("targets", [[0.1] * 50, [0.1] * 49 + [0.1 + 1e-160], np.arange(50) * 1e-162])
def test_r2_is_left_out_where_the_truth_is_the_same_but_for_rounding(targets):
    """The mean of 50 times 0.1 is another double than 0.1, and squares of tiny differences are no doubles."""
    scores = judged_numbers(np.array(targets), np.arange(50.0))
    assert {name for name in scores if name.startswith("r2")} == set()


def test_without_a_test_the_report_is_empty_and_the_limits_say_so(bentoml_home):
    assert judged(test=None) == {}
    assert any("saved without evaluation" in sentence for sentence in store.newest_card("judged").limits)


def test_the_report_is_printed(bentoml_home, capsys):
    judged()
    out = capsys.readouterr().out
    assert "hold-out of 60 rows" in out
    assert "calibration: probability of the predicted class" in out
    assert "--evaluate" not in out


GAP = TEST[0].copy()
GAP.iloc[3, 1] = np.nan
NUMBERED = RandomForestClassifier(2, random_state=0).fit(ROWS.to_numpy(), LABELS)
TURNED = ROWS[ROWS.columns[::-1]]
VAST = RandomForestRegressor(2, random_state=0).fit(ROWS, WINE.index)
listed = np.array([*LABELS[1:], None], object)
listed[-1] = ["x"]
REFUSED = {
    "no pair": (FOREST, ROWS, r"test must be a pair \(X, y\)"),
    "no labels": (FOREST, (ROWS, None), r"test must be a pair \(X, y\)"),
    "few rows": (FOREST, (ROWS[:9], LABELS[:9]), "The test has 9 rows, too few to judge by; give at least 10"),
    "no rows": (FOREST, (ROWS[:0], LABELS[:0]), "The test has 0 rows"),
    "a missing column": (FOREST, (TEST[0].drop(columns="hue"), TEST[1]), 'X of the test lacks the column "hue"'),
    "an unknown column": (FOREST, (WINE.assign(cultivar=1), LABELS), 'X of the test has the column "cultivar"'),
    "text": (FOREST, (ROWS.assign(hue="red"), LABELS), 'X of the test, column "hue" holds more than numbers'),
    "infinite": (FOREST, (ROWS.assign(hue=np.inf), LABELS), 'X of the test, row 0, column "hue" is infinite'),
    "huge": (FOREST, (ROWS.assign(hue=1e39), LABELS), r'The test has 1e\+39 in column "hue", which no server answers'),
    "a gap": (FOREST, (GAP, TEST[1]), 'X of the test, row 3, column "malic_acid" is missing, as no value in X is'),
    "few labels": (FOREST, (ROWS, LABELS[:5]), "y of the test must hold a label for each of the 178 rows"),
    "a missing label": (FOREST, (ROWS, [*LABELS[1:], pd.NA]), r"y of the test, row 177: '<NA>' is not a class of the"),
    "several labels": (FOREST, (ROWS, [*LABELS[1:], ["x", "y"]]), "y of the test must hold one label for each row"),
    "a list as a label": (FOREST, (ROWS, listed), r'row 177: "\[.x.\]" is not a class of the model'),
    "a vast target": (VAST, (ROWS, [10**400] * 178), "row 0: '1000000.*' is not a finite number"),
    "an unknown label": (FOREST, (ROWS, ["barolo"] * 178), r"y of the test, row 0: 'barolo' is not a class of the mo"),
    "other names": (NUMBERED, (TURNED, LABELS), 'X of the test has the column "proline" where X has "alcohol"'),
}


@pytest.mark.parametrize(("model", "test", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_test_that_does_not_fit_is_refused_before_anything_is_stored(bentoml_home, model, test, sentence):
    with pytest.raises(BadTrainingData, match=sentence):
        forest_serving.save("refused", model, ROWS, test=test, engine="forest")
    assert store.newest_card("refused") is None


def test_targets_whose_squares_are_no_doubles_are_refused(bentoml_home):
    model = RandomForestRegressor(2, random_state=0).fit(ROWS, WINE.index)
    with pytest.raises(BadTrainingData, match=r"beyond 1e\+150; save without the test"):
        forest_serving.save("refused", model, ROWS, test=(ROWS, [1e200] * 178), engine="forest")
