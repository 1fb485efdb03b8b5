"""A step that cannot be folded is named, with what to do instead."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import KNNImputer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    StandardScaler,
)

from forest_serving.engines.fold import fold, raw_columns
from forest_serving.engines.fold.slices import in_silence
from forest_serving.errors import NotCompilable, ProofFailed
from tests.engines.fold.pipelines import features_of

ROWS = np.random.default_rng(0).lognormal(size=(60, 3))


class Halved(StandardScaler):
    """A scaler that does something else."""

    def transform(self, X, copy=None):  # noqa: N803 - scikit-learn's
        return super().transform(X) / 2


def refusal_of(model, rows=ROWS):
    in_silence(lambda given: model.fit(given, np.arange(len(rows)) % 2), rows)
    with pytest.raises(NotCompilable) as refusal:
        raw_columns(model)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (PCA(2), '"pca" (PCA)'),
        (PolynomialFeatures(), '"polynomialfeatures" (PolynomialFeatures)'),
        (KNNImputer(), '"knnimputer" (KNNImputer)'),
        (Normalizer(), '"normalizer" (Normalizer)'),
        (Halved(), '"halved" (Halved)'),
        (FunctionTransformer(np.sin), '"functiontransformer" (FunctionTransformer of sin)'),
        (
            FunctionTransformer(lambda rows: rows - rows.mean()),
            '"functiontransformer" (FunctionTransformer of <lambda>)',
        ),
        (FunctionTransformer(np.tanh), '"functiontransformer" (FunctionTransformer of tanh)'),
        (FunctionTransformer(np.log, kw_args={"where": True}), '"functiontransformer" (FunctionTransformer of log)'),
        (make_column_transformer((PCA(2), [0, 1]), remainder="passthrough"), '"pca" (PCA)'),
        (make_column_transformer((make_pipeline(StandardScaler(), PCA(1)), [0, 1])), '"pca" (PCA)'),
    ],
)
def test_a_step_that_mixes_columns_or_is_unknown_is_named_with_the_way_out(step, words):
    assert refusal_of(make_pipeline(StandardScaler(), step, RandomForestClassifier(2))) == (
        f"The step {words} cannot be folded into single columns; keep it in front of the service, and save the rest:"
        " pipeline[2:], with the rows as pipeline[:2].transform(X) leaves them."
    )


def test_the_way_out_works():
    model = make_pipeline(StandardScaler(), PCA(2), StandardScaler(), RandomForestClassifier(2)).fit(
        ROWS, np.arange(60) % 2
    )
    assert [column.position for column in raw_columns(model[2:])] == [0, 1]


def test_a_step_that_is_not_fitted_is_named():
    fitted = make_pipeline(StandardScaler(), RandomForestClassifier(2)).fit(ROWS, np.arange(60) % 2)
    fitted.steps[0] = ("scaler", StandardScaler())
    with pytest.raises(NotCompilable) as refusal:
        raw_columns(fitted)
    assert str(refusal.value) == 'The step "scaler" of the pipeline is not fitted; call fit first.'


@pytest.mark.parametrize("copy", [True, False])
def test_a_step_that_changes_rows_in_place_may_not_share_them(copy):
    twice = make_union(StandardScaler(copy=copy), "passthrough")
    model = make_pipeline(twice, RandomForestClassifier(2, random_state=0))
    in_silence(lambda given: model.fit(given, np.arange(60) % 2), ROWS.copy())
    features = features_of(model, ROWS)
    if copy:
        assert len(fold(model, features).columns) == 6
        return
    with pytest.raises(ProofFailed, match="; a step with copy=False may change rows that another one reads"):
        fold(model, features)


def test_text_that_reaches_what_counts_is_refused():
    """scikit-learn reads numbers in text."""
    table = pd.DataFrame({"size": pd.Series(["1", "2", "3"] * 20, dtype=object)})
    both = make_column_transformer((StandardScaler(), ["size"]), (OneHotEncoder(), ["size"]))
    assert refusal_of(make_pipeline(both, RandomForestClassifier(2)), table) == (
        'Column "size" is used both as categories and as numbers; encode it wherever it is used.'
    )


def test_categories_of_other_kinds_are_refused():
    table = pd.DataFrame({"day": pd.to_datetime(["2026-01-01", "2026-01-02"] * 30).date})
    encoder = make_column_transformer((OrdinalEncoder(), ["day"]))
    assert refusal_of(make_pipeline(encoder, RandomForestClassifier(2)), table) == (
        'The categories of column "day" are date; use text, numbers or booleans, one kind only.'
    )
