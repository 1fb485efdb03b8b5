"""Random tables and pipelines in front of trees, and rows at which a careless fold would differ from them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectKBest, VarianceThreshold, f_classif
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier

from forest_serving.card import Feature
from forest_serving.engines.fold import Inputs, fold, raw_columns
from forest_serving.engines.fold.check import rows_at_edges
from forest_serving.engines.fold.ends import preprocessed
from forest_serving.engines.fold.slices import in_silence
from forest_serving.engines.unpacking import unpacked
from forest_serving.errors import BadTrainingData

N_ROWS = 120
NUMBERS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "decimals": lambda rng: rng.integers(0, 40, N_ROWS) / 10,
    "normal": lambda rng: rng.normal(size=N_ROWS),
    "skewed": lambda rng: rng.lognormal(5, 3, N_ROWS),
    "shares": lambda rng: rng.random(N_ROWS),
    "constant": lambda rng: np.full(N_ROWS, 2.5),
    "tiny": lambda rng: rng.normal(size=N_ROWS) * 1e-300,
    "huge": lambda rng: rng.normal(size=N_ROWS) * 1e30,
    "counts": lambda rng: rng.poisson(2, N_ROWS).astype(float),
}
WORDS = np.array(["red", "", "Δ green", "a name of many letters", "blue"], object)
CATEGORIES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "words": lambda rng: rng.choice(WORDS, N_ROWS),
    "one word": lambda rng: np.full(N_ROWS, "red", object),
    "many words": lambda rng: np.array([f"w{i}" for i in rng.integers(0, 30, N_ROWS)], object),
    "integers": lambda rng: rng.integers(-1, 5, N_ROWS).astype(float),
    "halves": lambda rng: rng.integers(0, 4, N_ROWS) / 2,
}

# Steps that leave numbers, whatever numbers they are given, and no gaps; then steps that gaps may pass.
AFTER_GAPS: list[Callable[[], Any]] = [
    lambda: KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf"),
    lambda: KBinsDiscretizer(5, encode="onehot-dense", strategy="uniform"),
    lambda: KBinsDiscretizer(3, encode="onehot", strategy="uniform", dtype=np.float32),
    lambda: Binarizer(threshold=0.3),
    lambda: FunctionTransformer(np.abs, validate=True),
]
NUMBER_STEPS: list[Callable[[], Any]] = [
    StandardScaler,
    lambda: StandardScaler(with_mean=False),
    lambda: StandardScaler(with_std=False),
    MinMaxScaler,
    lambda: MinMaxScaler((-3, 5), clip=True),
    MaxAbsScaler,
    RobustScaler,
    lambda: RobustScaler(with_centering=False, quantile_range=(10, 60)),
    *(
        (lambda function=function: FunctionTransformer(function))
        for function in (
            np.log1p,
            np.log,
            np.sqrt,
            np.cbrt,
            np.arcsinh,
            np.arctan,
            np.exp,
            np.negative,
            np.abs,
            np.square,
        )
    ),
    lambda: FunctionTransformer(np.clip, kw_args={"a_min": -1, "a_max": 2}),
    lambda: FunctionTransformer(np.round, kw_args={"decimals": 1}),
    lambda: FunctionTransformer(feature_names_out="one-to-one"),
    VarianceThreshold,
    lambda: "passthrough",
]
IMPUTERS: list[Callable[[], Any]] = [
    *((lambda strategy=strategy: SimpleImputer(strategy=strategy)) for strategy in ("mean", "median", "most_frequent")),
    lambda: SimpleImputer(strategy="constant", fill_value=-1.0, add_indicator=True),
    lambda: SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
]
ENCODERS: list[Callable[[], Any]] = [
    OneHotEncoder,
    lambda: OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    lambda: OneHotEncoder(handle_unknown="ignore", dtype=np.float32),
    lambda: OneHotEncoder(drop="first", handle_unknown="ignore"),
    lambda: OneHotEncoder(drop="if_binary", sparse_output=False),
    lambda: OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10),
    lambda: OneHotEncoder(handle_unknown="warn", max_categories=3),
    OrdinalEncoder,
    lambda: OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    lambda: OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, min_frequency=8),
    lambda: OrdinalEncoder(max_categories=3),
    lambda: TargetEncoder(random_state=0),
    lambda: make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")),
    lambda: make_pipeline(SimpleImputer(strategy="constant", fill_value=None), OrdinalEncoder(dtype=np.int32)),
]
TREES: list[Callable[[], Any]] = [
    lambda: RandomForestClassifier(2, random_state=0),
    lambda: ExtraTreesClassifier(2, random_state=0),
    lambda: DecisionTreeClassifier(random_state=0),
    lambda: GradientBoostingClassifier(n_estimators=2, random_state=0),
    lambda: HistGradientBoostingClassifier(max_iter=2, random_state=0),
    lambda: HistGradientBoostingRegressor(max_iter=2, random_state=0),
]


class Fitted(NamedTuple):
    """A fitted model, the table it was fitted to, and its fold."""

    model: Any
    table: Any
    inputs: Inputs


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return a table, the names of its columns of numbers, and of categories."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    numbers = draw(st.lists(st.sampled_from(sorted(NUMBERS)), min_size=1, max_size=4))
    words = draw(st.lists(st.sampled_from(sorted(CATEGORIES)), min_size=1, max_size=3))
    columns = {f"n{i}": NUMBERS[kind](rng) for i, kind in enumerate(numbers)}
    columns |= {f"c{i}": CATEGORIES[kind](rng) for i, kind in enumerate(words)}
    gap = draw(st.sampled_from([np.nan, None]))
    for column in columns.values():
        if draw(st.booleans()):
            column[rng.random(N_ROWS) < 0.15] = gap if column.dtype == object else np.nan
    names = draw(st.permutations(sorted(columns)))
    table = pd.DataFrame({name: pd.Series(columns[name], dtype=columns[name].dtype) for name in names})
    return table, [name for name in names if name[0] == "n"], [name for name in names if name[0] == "c"]


@st.composite
def number_ways(draw: st.DrawFn) -> Any:
    """Return a transformer of numbers that may have gaps."""
    steps = [make() for make in draw(st.lists(st.sampled_from(NUMBER_STEPS), max_size=2))]
    if draw(st.booleans()):
        steps.append(draw(st.sampled_from(IMPUTERS))())
        steps += [make() for make in draw(st.lists(st.sampled_from(AFTER_GAPS + NUMBER_STEPS), max_size=2))]
    if draw(st.booleans()):
        steps = [
            FeatureUnion(
                [("gaps", MissingIndicator(features="all")), ("numbers", make_pipeline(*steps, "passthrough"))]
            )
        ]
    return Pipeline([(f"s{i}", step) for i, step in enumerate(steps)] or [("nothing", "passthrough")])


@st.composite
def fitted(draw: st.DrawFn) -> Fitted | None:
    """Return a random pipeline in front of trees, or None where scikit-learn will not fit it."""
    table, numbers, words = draw(tables())
    halves = [numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]]
    ways = [(f"numbers {i}", draw(number_ways()), half) for i, half in enumerate(halves) if half]
    ways += [(f"words {name}", draw(st.sampled_from(ENCODERS))(), [name]) for name in words]
    ways.append(("again", draw(number_ways()), numbers[:1]))
    ways.append(("dropped", "drop", words[:1]))
    side_by_side = ColumnTransformer(
        draw(st.permutations(ways)),
        remainder=draw(st.sampled_from(["drop", "passthrough"])),
        sparse_threshold=draw(st.sampled_from([0, 1])),
        transformer_weights=draw(st.sampled_from([None, {"numbers 0": 2.5, "words c0": -1}])),
    )
    if draw(st.booleans()):
        names = {name: i for i, name in enumerate(table.columns)}
        side_by_side.transformers = [
            (n, way, [names[name] for name in own]) for n, way, own in side_by_side.transformers
        ]
    behind = draw(
        st.lists(st.sampled_from([StandardScaler, MaxAbsScaler, lambda: SelectKBest(f_classif, k=2)]), max_size=1)
    )
    model = Pipeline(
        [
            ("columns", side_by_side),
            *((f"b{i}", make()) for i, make in enumerate(behind)),
            ("trees", draw(st.sampled_from(TREES))()),
        ]
    )
    if draw(st.integers(0, 3)) == 0:
        model.set_output(transform="pandas")
    # Of Python's objects, np.clip makes a number of NaN; fold refuses to save that.
    given = table if draw(st.integers(0, 2)) or "clip" in str(model) else table.to_numpy(object)
    given = given if not isinstance(given, np.ndarray) or isinstance(side_by_side.transformers[0][2][0], int) else table
    return fold_of(model, given)


def fold_of(model: Any, table: Any, labels: Any = None) -> Fitted | None:
    """Return the fitted model and its fold, or None where scikit-learn will not fit or ask it."""
    labels = np.arange(len(table)) * 7 % 3 if labels is None else labels
    try:
        in_silence(lambda rows: model.fit(rows, labels), table)
        in_silence(model.predict, table)
    except (ValueError, TypeError):
        return None
    try:
        return Fitted(model, table, fold(model, features_of(model, table)))
    except BadTrainingData as error:
        assert "not beyond the numbers of X" in str(error)  # the logarithm of 0 between others
        return None


def features_of(model: Any, table: Any) -> list[Feature]:
    """Return the features of a model as a training would describe them."""
    columns = pd.DataFrame(table) if not isinstance(table, pd.DataFrame) else table
    return [_feature(raw, columns.iloc[:, raw.position]) for raw in raw_columns(model)]


def _feature(raw: Any, column: pd.Series) -> Feature:
    name = raw.name or f"x{raw.position}"
    if raw.categories is not None:
        return Feature(
            name=name, categories=raw.categories, takes_missing=raw.takes_missing, takes_unknown=raw.takes_unknown
        )
    numbers = column.astype(float).dropna().to_numpy()
    deciles = tuple(np.quantile(numbers, np.arange(11) / 10, method="lower").tolist())
    return Feature(name=name, deciles=deciles, takes_missing=raw.takes_missing)


def rows_of(inputs: Inputs, seed: int = 0) -> np.ndarray:
    """Return rows at the edges of a fold, and random ones from all of its domain."""
    rng = np.random.default_rng(seed)
    cuts = [
        np.unique(np.concatenate([np.empty(0), *(c.cuts for c in inputs.columns if c.feature == i)]))
        for i in range(len(inputs.features))
    ]
    edges = rows_at_edges(inputs.features, cuts)
    random = np.stack([_random(feature, rng, 100) for feature in inputs.features], axis=1)
    return np.concatenate([edges, random])


def _random(feature: Feature, rng: np.random.Generator, n: int) -> np.ndarray:
    if feature.categories:
        values = rng.integers(-1 if feature.takes_unknown else 0, len(feature.categories), n).astype(float)
    else:
        any_of_all = rng.choice([-1, 1], n) * 2.0 ** rng.uniform(-1074, 1023, n)
        usual = rng.choice(feature.deciles, n) * rng.choice([1, 1 + 2**-52, 1 - 2**-53, 0.7, -1], n)
        values = np.clip(np.where(rng.random(n) < 0.5, usual, any_of_all), feature.lowest, feature.highest)
        values[rng.random(n) < 0.05] = rng.choice([0.0, min(max(0, feature.lowest), feature.highest)])
        values = np.clip(values, feature.lowest, feature.highest)
    return np.where(feature.takes_missing & (rng.random(n) < 0.1), np.nan, values)


def folded(inputs: Inputs, rows: np.ndarray) -> np.ndarray:
    """Return what the fold gives to the trees."""
    return np.stack([column.evaluate(rows[:, column.feature]) for column in inputs.columns], axis=1)


def given_to_trees(model: Any, rows: Any) -> np.ndarray:
    """Return what scikit-learn gives to the trees."""
    model = unpacked(model)
    steps, trees = (model[:-1], model[-1]) if isinstance(model, Pipeline) else (None, model)
    given = preprocessed(trees, rows if not steps else in_silence(steps.transform, rows))
    return np.asarray(given.toarray() if sparse.issparse(given) else given).astype(np.float64)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether all doubles are the same, to the bit but for the sign of zero, which sparse rows forget."""
    return bool(((a == b) | (np.isnan(a) & np.isnan(b))).all())
