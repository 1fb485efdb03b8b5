"""What a card says of where a model came from."""

import json

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from forest_serving.training.provenance import parameters
from tests.support.churn import pipeline


def test_the_parameters_of_all_steps_are_told_and_the_steps_themselves_are_not():
    told = parameters(pipeline(RandomForestClassifier(7, max_features=0.5)))
    assert (told["model"], told["steps"]) == ("Pipeline", "ColumnTransformer, RandomForestClassifier")
    assert told["randomforestclassifier__n_estimators"] == 7
    assert told["columntransformer__numbers__simpleimputer__strategy"] == "median"
    assert not [key for key, value in told.items() if "Imputer(" in str(value)]


def test_parameters_are_numbers_and_short_texts_without_nan():
    steps = make_column_transformer((FunctionTransformer(np.log1p), list(range(1_000))))
    model = make_pipeline(steps, HistGradientBoostingRegressor(max_bins=9, monotonic_cst=np.zeros(1_000)))
    told = parameters(model) | parameters(pipeline(RandomForestClassifier()))
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert {type(value) for value in told.values()} <= {bool, int, float, str}
    assert max(len(str(value)) for value in told.values()) <= 201


def test_there_are_only_as_many_parameters_as_a_card_can_hold():
    steps = [(FunctionTransformer(np.log1p), [column]) for column in range(200)]
    assert len(parameters(make_pipeline(make_column_transformer(*steps), RandomForestClassifier()))) <= 302
