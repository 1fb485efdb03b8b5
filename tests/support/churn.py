"""Customers as tables hold them: numbers, text, booleans, categories, gaps, and a column that says nothing."""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

NUMBERS = ["age", "charge (EUR)", "calls"]
TEXTS = ["contract", "paperless"]
FAMILIES = {
    "a decision tree": (DecisionTreeClassifier(max_depth=4, random_state=0), DecisionTreeRegressor(max_depth=4)),
    "an extra tree": (
        ExtraTreeClassifier(max_depth=4, random_state=0),
        ExtraTreeRegressor(max_depth=4, random_state=0),
    ),
    "a random forest": (
        RandomForestClassifier(4, max_depth=4, class_weight="balanced", random_state=0),
        RandomForestRegressor(4, max_depth=4, random_state=0),
    ),
    "extra trees": (
        ExtraTreesClassifier(4, max_depth=4, random_state=0),
        ExtraTreesRegressor(4, max_depth=4, random_state=0),
    ),
    "gradient boosting": (
        GradientBoostingClassifier(n_estimators=4, random_state=0),
        GradientBoostingRegressor(n_estimators=4, random_state=0),
    ),
    "histogram boosting": (
        HistGradientBoostingClassifier(max_iter=4, random_state=0),
        HistGradientBoostingRegressor(max_iter=4, random_state=0),
    ),
}


def customers(n_rows=300, gaps=True):
    """Return a table of customers, the same one each time."""
    rng = np.random.default_rng(0)
    age = rng.integers(18, 90, n_rows).astype(float)
    return pd.DataFrame(
        {
            "customer": [f"C{number}" for number in range(n_rows)],
            "age": np.where(rng.random(n_rows) < 0.1, np.nan, age) if gaps else age,
            "contract": rng.choice(["month", "year", "two years"], n_rows),
            "charge (EUR)": np.round(rng.random(n_rows) * 100, 2),
            "paperless": rng.random(n_rows) < 0.5,
            "calls": rng.integers(0, 9, n_rows),
        }
    )


def churned(table):
    """Return who left: a label for each customer."""
    leaves = (table["contract"] == "month") & (table["charge (EUR)"] > 40) | (table["calls"] > 7)
    return pd.Series(np.where(leaves, "yes", "no"), name="churned")


def spent(table):
    """Return what each customer spends: a number."""
    return pd.Series(table["charge (EUR)"] * 12 + table["calls"], name="spent")


def pipeline(trees):
    """Return trees behind the usual preprocessing, not yet fitted."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_pipeline(ColumnTransformer([("numbers", numbers, NUMBERS), ("texts", encoder, TEXTS)]), trees)
