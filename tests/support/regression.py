"""A regression model: scikit-learn's diabetes data, ten numbers a row, and a forest that answers with numbers."""

from functools import cache

from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor

from forest_serving.models.loaded_model import LoadedModel
from tests.support.cards import card, feature
from tests.support.compiled import compiled

ROWS, TARGET = load_diabetes(return_X_y=True)
NAMES = load_diabetes().feature_names


@cache
def forest():
    """Return the forest that the model is made of: the oracle."""
    return RandomForestRegressor(20, random_state=0, n_jobs=1).fit(ROWS, TARGET)


@cache
def regressor():
    """Return the model."""
    return LoadedModel("diabetes_compiled:v1", regression_card(), compiled(forest()))


def regression_card(name="diabetes", **others):
    """Return the model's card."""
    spreads = zip(NAMES, ROWS.min(axis=0).tolist(), ROWS.max(axis=0).tolist(), strict=True)
    features = tuple(feature(name, low=low, high=high) for name, low, high in spreads)
    return card(name, features, (), example=tuple(ROWS[0].tolist()), label_column="progression", **others)
