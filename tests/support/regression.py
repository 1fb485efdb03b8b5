"""A regression model: scikit-learn's diabetes data, ten numbers a row, and a forest that answers with numbers."""

from functools import cache

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor

from forest_serving.engines.engine import Engine
from forest_serving.models.loaded_model import LoadedModel
from tests.support.cards import card, feature

ROWS, TARGET = load_diabetes(return_X_y=True)
NAMES = load_diabetes().feature_names


@cache
def forest():
    """Return the forest that the model is made of: the oracle."""
    return RandomForestRegressor(20, random_state=0, n_jobs=1).fit(ROWS, TARGET)


@cache
def regressor():
    """Return the model."""
    return LoadedModel("diabetes_compiled:v1", regression_card(), AskingTheForest(forest()))


def regression_card(name="diabetes", **others):
    """Return the model's card."""
    spreads = zip(NAMES, ROWS.min(axis=0).tolist(), ROWS.max(axis=0).tolist(), strict=True)
    features = tuple(feature(name, low=low, high=high) for name, low, high in spreads)
    return card(name, features, (), example=tuple(ROWS[0].tolist()), label_column="progression", **others)


class AskingTheForest(Engine):
    """Stands for a compiled regressor until engines are ones: it asks scikit-learn."""

    kind = "forest"
    classes = np.empty(0)

    def __init__(self, fitted):
        self.fitted = fitted
        self.n_features, self.n_trees = fitted.n_features_in_, len(fitted.estimators_)

    def predict(self, rows):
        return self.fitted.predict(rows)

    def predict_one(self, row):
        return float(self.fitted.predict([row])[0])

    def find_in_turns(self, rows):
        yield
        return self.fitted.predict(rows)

    def outputs_of(self, found):
        return found

    def answer_one(self, row):
        return 0, [self.predict_one(row)]

    def classify(self, rows):
        raise AssertionError("a regressor has no classes")

    classify_one = positions_of = predict_proba = predict_proba_one = classify

    def to_arrays(self):
        return {}

    @classmethod
    def from_arrays(cls, arrays):
        raise AssertionError("it is not stored")
