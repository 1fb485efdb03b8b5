"""Models that the page shows, stored in this process's BentoML store, and the answers that they should give."""

from functools import cache

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

import forest_serving
from tests.support.churn import FAMILIES, churned, customers, pipeline

N_CUSTOMERS, N_PLOTTED = 600, 120
MARKUP = '"><img src=x onerror=alert(1)>'
ODD_CATEGORIES = ["other", "", MARKUP, "__proto__", "NaN", "missing"]
ODD_CLASSES = ["__proto__", "constructor", MARKUP, "=1+1", "\u05e9\u05dc\u202eabc", "W" * 200]


@cache
def customers_asked():
    """Return the customers that the model was fitted to, without what says nothing about them."""
    return customers(N_CUSTOMERS).drop(columns="customer")


@cache
def churn():
    """Return who leaves, told from numbers with gaps, text and booleans: a pipeline."""
    forest = clone(FAMILIES["a random forest"][0]).set_params(n_estimators=10, max_depth=6, n_jobs=1)
    return pipeline(forest).fit(customers_asked(), churned(customers_asked()))


@cache
def progression():
    """Return a forest that answers with numbers, and its data: ten named columns."""
    rows, target = load_diabetes(return_X_y=True, as_frame=True)
    return RandomForestRegressor(20, random_state=0, n_jobs=1).fit(rows, target), rows, target


def save_churn(name="churn"):
    """Store the classifier, with some of its rows for pictures."""
    table = customers_asked()
    forest_serving.save(name, churn(), table, churned(table), plot_rows=N_PLOTTED)


def save_progression(name="progression"):
    """Store the regressor, with some of its rows for pictures."""
    forest, rows, target = progression()
    forest_serving.save(name, forest, rows, target, plot_rows=N_PLOTTED)


def save_odd(name="odd"):
    """Store a classifier whose columns, categories and classes have names that a page may stumble over."""
    rng = np.random.default_rng(0)
    columns = ["constructor", "prediction", "a" * 200]
    rows = pd.DataFrame(rng.normal(size=(400, 3)), columns=columns)
    rows["job"] = rng.choice(ODD_CATEGORIES, 400)
    labels = np.where(rows["prediction"] > 0.5, "", rng.choice(ODD_CLASSES, 400))
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    forest = RandomForestClassifier(5, max_depth=5, random_state=0, n_jobs=1)
    model = make_pipeline(make_column_transformer((encoder, ["job"]), remainder="passthrough"), forest)
    forest_serving.save(name, model.fit(rows, labels), rows, labels, plot_rows=40, test=(rows, labels))


def save_wide(name="wide"):
    """Store a classifier of 60 columns and 30 classes with long names, and nothing for pictures."""
    rng = np.random.default_rng(0)
    columns = [f"average of sensor number {number} over the last twenty-four hours" for number in range(60)]
    rows = pd.DataFrame(rng.normal(size=(600, 60)), columns=columns)
    labels = [f"state {number % 30} of the machine, as its maker calls it" for number in range(600)]
    forest_serving.save(name, RandomForestClassifier(5, max_depth=6, random_state=0, n_jobs=1).fit(rows, labels), rows)
