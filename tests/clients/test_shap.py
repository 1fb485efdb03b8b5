"""Contributions are those of shap's TreeExplainer, to 1e-9, of every family that it explains."""

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier

from tests.support.clients import said
from tests.support.compiled import inputs_of
from tests.support.explained import contributions_of, found_by

WINE, CANCER, NUMBERS = load_wine(return_X_y=True), load_breast_cancer(return_X_y=True), load_diabetes(return_X_y=True)
MODELS = {
    "a decision tree": (DecisionTreeClassifier(random_state=0), WINE),
    "a forest of three classes": (RandomForestClassifier(20, random_state=0), WINE),
    "a forest with weights of classes": (RandomForestClassifier(20, class_weight="balanced", random_state=0), CANCER),
    "extra trees": (ExtraTreesClassifier(20, random_state=0), CANCER),
    "a forest of numbers": (RandomForestRegressor(20, random_state=0), NUMBERS),
    "boosting of two classes": (GradientBoostingClassifier(n_estimators=20, random_state=0), CANCER),
    "boosting of numbers": (GradientBoostingRegressor(n_estimators=20, random_state=0), NUMBERS),
    "histogram boosting of two classes": (HistGradientBoostingClassifier(max_iter=20), CANCER),
    "histogram boosting of three classes": (HistGradientBoostingClassifier(max_iter=20), WINE),
    "histogram boosting of numbers": (HistGradientBoostingRegressor(max_iter=20), NUMBERS),
}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """Return what shap finds, by the name of the model, and the fitted models with the rows that were asked."""
    fitted = {name: (model.fit(*data), data[0][::7]) for name, (model, data) in MODELS.items()}
    file = tmp_path_factory.mktemp("shap") / "models.joblib"
    joblib.dump(fitted, file)
    return said("shap", "shap_client.py", file), fitted


@pytest.mark.parametrize("name", MODELS)
def test_contributions_are_shaps(theirs, name):
    expected, (model, rows) = theirs[0][name], theirs[1][name]
    contributions, _ = contributions_of(inputs_of(model))
    found = found_by(contributions, rows)
    assert np.abs(np.reshape(expected["contributions"], found.shape) - found).max() < 1e-9
    assert np.abs(np.array(expected["base"]) - contributions.base).max() < 1e-9
