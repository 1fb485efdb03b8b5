"""How far a column goes is how far the model answers, and which gaps it answers for."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from forest_serving.card import HIGHEST, LARGEST, Feature
from forest_serving.engines.fold import fold, raw_columns
from forest_serving.engines.fold.slices import in_silence
from forest_serving.errors import BadTrainingData
from tests.engines.fold.pipelines import features_of, fold_of

ROWS = np.random.default_rng(0).lognormal(size=(60, 2))
FOREST = RandomForestClassifier(2, random_state=0)
BOOSTED = HistGradientBoostingClassifier(max_iter=2)


def ends_of(model, rows=ROWS):
    return [(feature.lowest, feature.highest) for feature in fold_of(model, rows).inputs.features]


def is_answered(model, row):
    try:
        in_silence(model.predict, [row])
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("model", [FOREST, GradientBoostingClassifier(n_estimators=2), DecisionTreeClassifier()])
def test_trees_alone_answer_for_what_fits_into_a_float32(model):
    assert ends_of(model) == [(-HIGHEST, HIGHEST)] * 2


def test_histograms_answer_for_every_finite_double():
    assert ends_of(BOOSTED) == [(-LARGEST, LARGEST)] * 2


def test_a_scaler_in_front_moves_the_ends_to_the_last_double_that_is_answered():
    model = make_pipeline(StandardScaler(), FOREST)
    (lowest, highest), _ = ends_of(model)
    assert is_answered(model, [lowest, 1.0])
    assert is_answered(model, [highest, 1.0])
    assert not is_answered(model, [np.nextafter(lowest, -np.inf), 1.0])
    assert not is_answered(model, [np.nextafter(highest, np.inf), 1.0])


def test_a_number_beyond_float32_is_answered_where_a_step_makes_it_small():
    (_, highest), _ = ends_of(make_pipeline(FunctionTransformer(np.log1p), FOREST))
    assert highest == LARGEST


def test_the_logarithm_of_nothing_is_refused_by_a_forest_and_answered_by_histograms():
    """It is minus infinity; below it is NaN, which both would answer."""
    assert ends_of(make_pipeline(FunctionTransformer(np.log1p), FOREST))[0][0] == np.nextafter(-1, 0)
    assert ends_of(make_pipeline(FunctionTransformer(np.log1p), BOOSTED))[0][0] == -LARGEST


def test_a_root_of_less_than_nothing_is_followed_where_it_is_answered():
    fitted = fold_of(make_pipeline(FunctionTransformer(np.sqrt), FOREST), ROWS)
    assert fitted.inputs.features[0].lowest == -LARGEST
    assert np.isnan(fitted.inputs.columns[0].evaluate(np.array([-2.0]))).all()
    gradient = make_pipeline(FunctionTransformer(np.sqrt), GradientBoostingClassifier(n_estimators=2))
    assert ends_of(gradient)[0][0] == 0


def test_bins_of_float32_refuse_what_does_not_fit_into_one():
    bins = KBinsDiscretizer(3, encode="ordinal", strategy="uniform", dtype=np.float32)
    assert ends_of(make_pipeline(bins, FOREST)) == [(-HIGHEST, HIGHEST)] * 2


def test_a_step_that_refuses_bounds_columns_that_another_drops():
    model = make_pipeline(make_union(StandardScaler(), "passthrough"), SelectKBest(k=1), BOOSTED)
    fitted = fold_of(model, ROWS * [1.0, 1e-5])
    for feature in fitted.inputs.features:
        assert feature.highest <= LARGEST


def test_a_selector_that_looks_for_gaps_or_infinities_bounds_what_it_drops():
    """SelectKBest does, unless it takes columns out of a table as they are; VarianceThreshold never does."""
    rows = pd.DataFrame({"x": ROWS[:, 0], "constant": 2.5})
    both = make_union("passthrough", FunctionTransformer(np.exp)).set_output(transform="default")
    for selector, is_bounded in ((SelectKBest(k=2), True), (VarianceThreshold(), False)):
        model = make_pipeline(both, selector, BOOSTED)
        assert (ends_of(model, rows)[-1][1] < LARGEST) is is_bounded
    in_tables = make_pipeline(both, SelectKBest(k=2), BOOSTED).set_output(transform="pandas")
    assert all(column.takes_missing for column in raw_columns(fold_of(in_tables, rows).model))


def test_a_hole_between_the_training_data_is_named():
    rows = np.linspace(-1, 1, 60)[:, np.newaxis]
    model = make_pipeline(FunctionTransformer(np.log), FOREST)
    in_silence(lambda given: model.fit(given, np.arange(60) % 2), rows)
    with pytest.raises(
        BadTrainingData, match=r"The model refuses 0\.0 in column \"x0\", which is not beyond the numbers"
    ):
        fold(model, features_of(model, rows))


GAPS = np.where(np.random.default_rng(1).random((60, 2)) < 0.2, np.nan, ROWS)


@pytest.mark.parametrize(
    ("model", "rows", "takes_missing"),
    [
        (FOREST, ROWS, True),  # whether it learned to, its trees do not tell
        (FOREST, GAPS, True),
        (ExtraTreesRegressor(2), GAPS, True),
        (DecisionTreeClassifier(), GAPS, True),
        (DecisionTreeClassifier(monotonic_cst=[1, 0]), ROWS, True),
        (ExtraTreeClassifier(splitter="best"), ROWS, False),
        (GradientBoostingClassifier(n_estimators=2), ROWS, False),
        (BOOSTED, ROWS, True),
        (make_pipeline(StandardScaler(), FOREST), ROWS, True),
        (make_pipeline(SimpleImputer(), GradientBoostingClassifier(n_estimators=2)), ROWS, True),
        (make_pipeline(SimpleImputer(missing_values=-1), FOREST), ROWS, False),
        (make_pipeline(KBinsDiscretizer(3, strategy="uniform"), FOREST), ROWS, False),
        (make_pipeline(make_union(MissingIndicator(), SimpleImputer()), FOREST), ROWS, False),  # new gaps are an error
        (make_pipeline(make_union(MissingIndicator(), SimpleImputer()), FOREST), GAPS, True),
    ],
)
def test_where_gaps_are_answered_the_model_answers_them(model, rows, takes_missing):
    fitted = fold_of(model, rows, np.arange(60) % 2)
    assert [column.takes_missing for column in raw_columns(fitted.model)] == [takes_missing] * 2
    assert is_answered(fitted.model, [np.nan, 1.0]) is takes_missing


def test_sparse_rows_take_no_gaps():
    columns = make_column_transformer((OneHotEncoder(), ["kind"]), remainder="passthrough", sparse_threshold=1)
    table = pd.DataFrame({"kind": np.arange(60) % 4, "size": ROWS[:, 0]})
    for model, takes_missing in ((FOREST, False), (make_pipeline(SimpleImputer(), FOREST), True)):
        fitted = fold_of(make_pipeline(columns, model), table)
        size = next(column for column in raw_columns(fitted.model) if column.name == "size")
        assert size.takes_missing is takes_missing


@pytest.mark.parametrize(
    ("feature", "sentence"),
    [
        (
            Feature(name="x0", deciles=(1.0,) * 11, takes_missing=True),
            'The model refuses missing values in column "x0".',
        ),
        (Feature(name="x0", categories=("a",)), 'The categories of "x0" are not those that the model knows.'),
    ],
)
def test_a_feature_may_promise_no_more_than_the_model_answers(feature, sentence):
    model = GradientBoostingClassifier(n_estimators=2).fit(ROWS[:, :1], np.arange(60) % 2)
    with pytest.raises(BadTrainingData) as refusal:
        fold(model, [feature])
    assert str(refusal.value) == sentence
