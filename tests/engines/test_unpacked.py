"""The trees that a model holds are found by themselves; a model without them is refused with what to do instead."""

import re

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - so that the next line can import it
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from forest_serving.engines.unpacking import FAMILIES, unpacked
from forest_serving.errors import NotCompilable

ROWS, CLASSES = np.arange(12.0).reshape(12, 1), [0, 1] * 6
FOREST = RandomForestClassifier(2, random_state=0)
GRID = {"max_depth": [1, 2]}
SEARCHES = {
    "grid": GridSearchCV(FOREST, GRID, cv=2),
    "random": RandomizedSearchCV(FOREST, GRID, n_iter=2, cv=2, random_state=0),
    "halving": HalvingGridSearchCV(FOREST, GRID, cv=2, min_resources=6, random_state=0),
    "a search in a search": GridSearchCV(GridSearchCV(FOREST, GRID, cv=2), {"refit": [True]}, cv=2),
}


def refusal_of(model):
    with pytest.raises(NotCompilable) as refusal:
        unpacked(model)
    return str(refusal.value)


@pytest.mark.parametrize("kind", FAMILIES)
def test_trees_are_their_own(kind):
    trees = kind().fit(ROWS, CLASSES)
    assert unpacked(trees) is trees


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_a_search_is_answered_for_by_the_trees_that_it_found(search):
    search.fit(ROWS, CLASSES)
    trees = unpacked(search)
    assert isinstance(trees, RandomForestClassifier)
    assert trees.predict_proba(ROWS).tolist() == search.predict_proba(ROWS).tolist()


def test_a_pipeline_is_its_own():
    pipeline = make_pipeline(StandardScaler(), FOREST).fit(ROWS, CLASSES)
    assert unpacked(pipeline) is pipeline


@pytest.mark.parametrize(
    "model",
    [
        GridSearchCV(make_pipeline(StandardScaler(), MinMaxScaler(), FOREST), {"minmaxscaler__clip": [True]}, cv=2),
        make_pipeline(StandardScaler(), GridSearchCV(make_pipeline(MinMaxScaler(), FOREST), {}, cv=2)),
        make_pipeline(StandardScaler(), make_pipeline(MinMaxScaler(), GridSearchCV(FOREST, GRID, cv=2))),
    ],
)
def test_of_searches_and_pipelines_within_each_other_one_pipeline_is_left(model):
    model.fit(ROWS, CLASSES)
    pipeline = unpacked(model)
    assert [type(step) for _, step in pipeline.steps] == [StandardScaler, MinMaxScaler, RandomForestClassifier]
    assert pipeline.predict_proba(ROWS).tolist() == model.predict_proba(ROWS).tolist()


class Sampling(Pipeline):
    """A pipeline of another library."""


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (RandomForestClassifier(), "The RandomForestClassifier is not fitted; call fit first."),
        (
            make_pipeline(StandardScaler(), RandomForestClassifier()),
            "The RandomForestClassifier is not fitted; call fit first.",
        ),
        (
            RandomForestRegressor(2).fit(ROWS[:4], [[0, 1], [1, 0], [0, 0], [1, 1]]),
            "The model has 2 outputs; train one model per output.",
        ),
        (GridSearchCV(FOREST, GRID), "The GridSearchCV is not fitted; call fit first."),
        (
            GridSearchCV(FOREST, GRID, cv=2, refit=False).fit(ROWS, CLASSES),
            "The GridSearchCV kept no model, because of refit=False; set refit=True and fit it again.",
        ),
        (
            make_pipeline(StandardScaler(), VotingClassifier([])),
            "A VotingClassifier asks several models, and cannot be compiled; train one RandomForestClassifier or"
            " HistGradientBoostingClassifier.",
        ),
        (
            Sampling([("trees", FOREST)]),
            "A Sampling of tests cannot be compiled; make a sklearn.pipeline.Pipeline of those of its fitted steps that"
            " transform, and save that.",
        ),
        (
            "forest",
            "A str cannot be compiled; train a decision tree, a random forest, extra trees or gradient boosting of"
            " scikit-learn.",
        ),
        (
            GradientBoostingClassifier(n_estimators=2, init=LogisticRegression()).fit(ROWS, CLASSES),
            "The GradientBoostingClassifier begins with what a LogisticRegression answers, which cannot be compiled;"
            " train it with init=None.",
        ),
        (
            GradientBoostingClassifier(n_estimators=2, init=DummyClassifier(strategy="uniform")).fit(ROWS, CLASSES),
            "The GradientBoostingClassifier begins with what a DummyClassifier answers, which cannot be compiled; train"
            " it with init=None.",
        ),
    ],
)
def test_what_no_engine_reproduces_is_refused_with_the_way_out(model, sentence):
    assert refusal_of(model) == sentence


@pytest.mark.parametrize("start", [None, "zero", DummyClassifier(strategy="constant", constant=1)])
def test_boosting_may_begin_with_a_constant(start):
    trees = GradientBoostingClassifier(n_estimators=2, init=start).fit(ROWS, CLASSES)
    assert unpacked(trees) is trees


def stand_in(*names):
    """Return an object whose class derives from classes of these names, as other packages' models do."""
    kind = object
    for name in reversed(names):
        kind = type(name, (kind,), {})
    return kind()


@pytest.mark.parametrize(
    ("model", "words", "instead"),
    [
        (AdaBoostClassifier(), "An AdaBoostClassifier weighs its trees, ", "a GradientBoostingClassifier"),
        (BaggingRegressor(), "A BaggingRegressor cannot be compiled; ", "a RandomForestRegressor"),
        (VotingRegressor([]), "A VotingRegressor asks several models, ", "one RandomForestRegressor"),
        (StackingClassifier([]), "A StackingClassifier asks several models, ", "one RandomForestClassifier"),
        (MultiOutputRegressor(FOREST), "A MultiOutputRegressor holds several models, ", "save each by itself"),
        (
            CalibratedClassifierCV(FOREST),
            "A CalibratedClassifierCV changes a model's probabilities, ",
            "not calibrated",
        ),
        (FixedThresholdClassifier(FOREST), "A FixedThresholdClassifier moves the threshold ", "save its estimator_"),
        (
            TunedThresholdClassifierCV(FOREST),
            "A TunedThresholdClassifierCV moves the threshold ",
            "save its estimator_",
        ),
        (TransformedTargetRegressor(FOREST), "A TransformedTargetRegressor changes what ", "save its regressor_"),
        (
            stand_in("XGBClassifier", "XGBModel"),
            "An XGBClassifier is boosted by another",
            "HistGradientBoostingClassifier",
        ),
        (
            stand_in("XGBRegressor", "XGBModel"),
            "An XGBRegressor is boosted by another",
            "HistGradientBoostingRegressor",
        ),
        (stand_in("LGBMClassifier", "LGBMModel"), "An LGBMClassifier is boosted ", "HistGradientBoostingClassifier"),
        (stand_in("CatBoostRegressor", "CatBoost"), "A CatBoostRegressor is boosted ", "HistGradientBoostingRegressor"),
        (stand_in("Booster"), "A Booster is boosted by another", "HistGradientBoostingClassifier"),
    ],
)
def test_other_models_are_told_what_would_work(model, words, instead):
    assert re.fullmatch(f"{re.escape(words)}[^.]*{re.escape(instead)}[^.]*\\.", refusal_of(model))


class Contrary(RandomForestClassifier):
    """A forest that answers the other way round."""

    def predict_proba(self, rows):
        return super().predict_proba(rows)[:, ::-1]


class Shifted(HistGradientBoostingRegressor):
    """Boosting that answers otherwise."""

    def predict(self, rows):
        return super().predict(rows) + 1


class Named(DecisionTreeClassifier):
    """A tree by another name."""


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (
            Contrary,
            "A Contrary answers otherwise than the RandomForestClassifier that it derives from, and cannot be compiled;"
            " train a RandomForestClassifier.",
        ),
        (
            Shifted,
            "A Shifted answers otherwise than the HistGradientBoostingRegressor that it derives from, and cannot be"
            " compiled; train a HistGradientBoostingRegressor.",
        ),
    ],
)
def test_a_derived_model_that_answers_otherwise_is_refused(kind, sentence):
    """An engine's proof compares trees, which it has in common with the model that it derives from."""
    assert refusal_of(kind().fit(ROWS, CLASSES)) == sentence


def test_a_derived_model_that_answers_alike_is_taken():
    trees = Named().fit(ROWS, CLASSES)
    assert unpacked(trees) is trees
