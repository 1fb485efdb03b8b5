"""Every family, behind any preprocessing, with gaps and categories, is answered for as scikit-learn does."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import is_classifier
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
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from forest_serving.engines.archive import pack, unpack
from forest_serving.engines.compile import compile_forest, compile_model
from forest_serving.engines.oracle import Oracle
from forest_serving.engines.proof import prove
from forest_serving.engines.questions import feature_range
from tests.support.compiled import inputs_of
from tests.support.examples import dear
from tests.support.forests import bits

pytestmark = pytest.mark.once
N_ROWS = 1_000
FAMILIES = {
    **{kind.__name__: kind for kind in (DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier)},
    "ExtraTreeRegressor": ExtraTreeRegressor,
    **{
        kind.__name__: lambda kind=kind, **options: kind(7, **options)
        for kind in (RandomForestClassifier, RandomForestRegressor, ExtraTreesClassifier, ExtraTreesRegressor)
    },
    **{
        kind.__name__: lambda kind=kind, **options: kind(n_estimators=5, **options)
        for kind in (GradientBoostingClassifier, GradientBoostingRegressor)
    },
    **{
        kind.__name__: lambda kind=kind, **options: kind(max_iter=5, min_samples_leaf=3, **options)
        for kind in (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
    },
    "exponential loss": lambda **options: GradientBoostingClassifier(n_estimators=5, loss="exponential", **options),
    "zero init": lambda **options: GradientBoostingRegressor(n_estimators=5, init="zero", **options),
    "poisson": lambda **options: HistGradientBoostingRegressor(max_iter=5, loss="poisson", **options),
}
NEVER_WITH_GAPS = ("GradientBoosting", "exponential", "zero")
NUMBERS = [
    "passthrough",
    SimpleImputer(),
    SimpleImputer(strategy="median", add_indicator=True),
    make_pipeline(SimpleImputer(), StandardScaler()),
    make_pipeline(SimpleImputer(), MinMaxScaler(clip=True)),
    make_pipeline(MaxAbsScaler(), SimpleImputer(strategy="constant", fill_value=-1)),
    make_pipeline(SimpleImputer(), RobustScaler()),
    make_pipeline(SimpleImputer(), KBinsDiscretizer(4, encode="onehot-dense", quantile_method="averaged_inverted_cdf")),
    make_pipeline(SimpleImputer(), KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf")),
]
POSITIVE = ["passthrough", FunctionTransformer(np.log1p), FunctionTransformer(np.sqrt), "drop"]
CATEGORIES = [
    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    OneHotEncoder(drop="first", sparse_output=False),
    OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20, sparse_output=False),
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    OrdinalEncoder(),
]


def table_of(rng, n_rows, may_have_gaps):
    """Return columns of every kind."""
    frame = pd.DataFrame(
        {
            "age": rng.integers(0, 90, n_rows).astype(float),
            "size": rng.normal(10, 3, n_rows),
            "income": rng.gamma(2, 1000, n_rows),
            "plan": rng.choice(["basic", "plus", "premium"], n_rows),
            "seats": rng.choice([1, 2, 5], n_rows),
        }
    )
    if may_have_gaps:
        frame.loc[rng.random(n_rows) < 0.1, "age"] = np.nan
    return frame


@st.composite
def models(draw, family):
    """Return a fitted model of a family behind any preprocessing, and the columns of X that have gaps."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    imputed = draw(st.sampled_from(NUMBERS[1:] if family.startswith(NEVER_WITH_GAPS) else NUMBERS))
    rows = table_of(rng, 200, may_have_gaps=True)
    steps = ColumnTransformer(
        [
            ("numbers", imputed, ["age", "size"]),
            ("positive", draw(st.sampled_from(POSITIVE)), ["income"]),
            ("categories", draw(st.sampled_from(CATEGORIES)), ["plan", "seats"]),
        ]
    )
    depth = {} if "Hist" in family else {"max_depth": draw(st.sampled_from([1, 3, None]))}
    model = make_pipeline(steps, FAMILIES[family](random_state=draw(st.integers(0, 99)), **depth))
    n_classes = 2 if family == "exponential loss" else draw(st.integers(2, 4))
    score = rows["age"].fillna(50) / 30 + (rows["plan"] == "basic") + rng.normal(0, 0.3, 200)
    labels = np.array(["a", "b", "c", "d"])[pd.qcut(score, n_classes, labels=False)]
    model.fit(rows, labels if is_classifier(model) else np.abs(score))
    return model, (0,)


def difficult_rows(inputs, n_rows, seed=0):
    """Return rows at every boundary of a model: the doubles on both sides, ends, gaps, known and unknown categories."""
    rng, columns = np.random.default_rng(seed), compile_forest(inputs).columns.listed()
    pools = []
    for number, feature in enumerate(inputs.features):
        low, high = feature_range(feature)
        edges = np.concatenate([[low, high], *(c.boundaries[1:] for c in columns if c.feature == number)])
        with np.errstate(over="ignore"):  # beyond the largest double
            near = np.concatenate([edges, np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)])
        pool = np.arange(low, high + 1) if feature.categories else near[(near >= low) & (near <= high)]
        pools.append(np.append(pool, np.nan) if feature.takes_missing else pool)
    return np.stack([rng.choice(pool, n_rows) for pool in pools], axis=1)


def assert_exact(engine, model, inputs, rows):
    """Compare many rows and single ones with scikit-learn, to the bit."""
    outputs, positions = Oracle(model, inputs).answer(rows)
    found = engine.find(rows)
    assert np.array_equal(bits(engine.outputs_of(found)), bits(outputs))
    assert not engine.is_classifier or np.array_equal(engine.positions_of(found), positions)
    ones = [engine.answer_one(row) for row in rows[:50].tolist()]
    assert np.array_equal(bits([values for _, values in ones]), bits(outputs[:50].reshape(len(ones), -1)))
    assert [position for position, _ in ones] == positions[:50].tolist()


@pytest.mark.parametrize("family", FAMILIES)
@dear(3)
@given(st.data())
def test_a_pipeline_is_answered_for_to_the_bit(family, data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of scikit-learn's, about what was drawn
        model, gaps = data.draw(models(family))
        inputs = inputs_of(model, gaps)
    engine = compile_model(inputs).engine
    assert prove(engine, model, inputs)
    assert_exact(unpack(pack(engine)), model, inputs, difficult_rows(inputs, N_ROWS))


@pytest.mark.parametrize("kind", [HistGradientBoostingClassifier, HistGradientBoostingRegressor])
@dear(6)
@given(seed=st.integers(0, 2**32 - 1), n_classes=st.integers(2, 4))
def test_native_categories_and_gaps_of_histogram_boosting_are_answered_for_to_the_bit(kind, seed, n_classes):
    rng = np.random.default_rng(seed)
    rows = table_of(rng, 400, may_have_gaps=True).astype({"plan": "category", "seats": "category"})
    rows.loc[rng.random(400) < 0.1, "plan"] = np.nan
    score = (
        rows["age"].fillna(50) / 30 + (rows["plan"] == "plus") * 2 + rows["seats"].astype(int) + rng.normal(0, 1, 400)
    )
    target = pd.qcut(score, n_classes, labels=False) if kind is HistGradientBoostingClassifier else score
    model = kind(max_iter=8, categorical_features="from_dtype").fit(rows, target)
    inputs = inputs_of(model, (0, 3))
    engine = compile_model(inputs, "forest").engine
    assert prove(engine, model, inputs)
    assert_exact(unpack(pack(engine)), model, inputs, difficult_rows(inputs, N_ROWS))


def test_ten_classes_of_boosting_are_answered_for_to_the_bit_in_one_call():
    """With eight or more, NumPy adds in an order that depends on how the array lies in memory."""
    rng = np.random.default_rng(0)
    rows, labels = rng.normal(size=(600, 5)), np.arange(600) % 10
    for model in (HistGradientBoostingClassifier(max_iter=4), GradientBoostingClassifier(n_estimators=4)):
        inputs = inputs_of(model.fit(rows + labels[:, np.newaxis] / 3, labels))
        engine, asked = compile_model(inputs, "forest").engine, difficult_rows(inputs, N_ROWS)
        assert np.array_equal(bits(engine.predict_proba(asked)), bits(Oracle(model, inputs).answer(asked)[0]))
