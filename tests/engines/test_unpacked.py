"""The forest that a model holds is found by itself; a model without one is refused with what to do instead."""

import re

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - so that the next line can import it
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from forest_serving.engines.compile import compile_forest
from forest_serving.engines.oracle import unpacked
from forest_serving.engines.proof import prove
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
        compile_forest(model)
    return str(refusal.value)


@pytest.mark.parametrize("kind_of_forest", [RandomForestClassifier, ExtraTreesClassifier])
def test_a_forest_is_its_own(kind_of_forest):
    forest = kind_of_forest(2).fit(ROWS, CLASSES)
    assert unpacked(forest) is forest


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_a_search_is_answered_for_by_the_forest_that_it_found(search, kind):
    search.fit(ROWS, CLASSES)
    engine = compile_forest(search, kind).engine
    assert isinstance(unpacked(search), RandomForestClassifier)
    assert engine.predict(ROWS).tolist() == search.predict(ROWS).tolist()
    assert prove(engine, search)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (RandomForestClassifier(), "The forest is not fitted; call fit first."),
        (
            RandomForestClassifier(2).fit(ROWS[:4], [[0, 1], [1, 0], [0, 0], [1, 1]]),
            "The forest has 2 outputs; train one forest per output.",
        ),
        (GridSearchCV(FOREST, GRID), "The GridSearchCV is not fitted; call fit first."),
        (
            GridSearchCV(FOREST, GRID, cv=2, refit=False).fit(ROWS, CLASSES),
            "The GridSearchCV kept no forest, because of refit=False; set refit=True and fit it again.",
        ),
        (
            make_pipeline(StandardScaler(), RandomForestClassifier(2)).fit(ROWS, CLASSES),
            "A Pipeline cannot be compiled yet; save its last step with the rows as the steps before it leave them:"
            " pipeline[-1], pipeline[:-1].transform(X).",
        ),
        (
            Pipeline([("forest", RandomForestClassifier(2))]).fit(ROWS, CLASSES),
            "A Pipeline cannot be compiled yet; save its only step: pipeline[-1].",
        ),
        (make_pipeline(StandardScaler(), RandomForestClassifier(2)), "The forest is not fitted; call fit first."),
        (
            make_pipeline(StandardScaler(), VotingClassifier([])),
            "A VotingClassifier cannot be compiled; train a RandomForestClassifier or an ExtraTreesClassifier.",
        ),
        ("forest", "A str cannot be compiled; train a RandomForestClassifier or an ExtraTreesClassifier."),
        (
            DecisionTreeClassifier(),
            "A DecisionTreeClassifier cannot be compiled by itself; train a RandomForestClassifier(n_estimators=1,"
            " bootstrap=False, max_features=None), which is one such tree.",
        ),
        (
            CalibratedClassifierCV(FOREST),
            "A CalibratedClassifierCV changes a forest's probabilities, which cannot be compiled yet; save a"
            " RandomForestClassifier that is not calibrated.",
        ),
    ],
)
def test_what_no_engine_reproduces_is_refused_with_the_way_out(model, sentence):
    assert refusal_of(model) == sentence


def stand_in(*names):
    """Return an object whose class derives from classes of these names, as other packages' models do."""
    kind = object
    for name in reversed(names):
        kind = type(name, (kind,), {})
    return kind()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (RandomForestRegressor(), "A RandomForestRegressor predicts numbers, "),
        (AdaBoostClassifier(), "An AdaBoostClassifier weighs its trees, "),
        (BaggingClassifier(), "A BaggingClassifier cannot be compiled; "),
        (GradientBoostingClassifier(), "A GradientBoostingClassifier is boosted, "),
        (HistGradientBoostingClassifier(), "A HistGradientBoostingClassifier is boosted, "),
        (stand_in("XGBClassifier", "XGBModel"), "An XGBClassifier is boosted, "),
        (stand_in("XGBRegressor", "XGBModel", "RegressorMixin"), "An XGBRegressor predicts numbers, "),
        (stand_in("LGBMClassifier", "LGBMModel"), "An LGBMClassifier is boosted, "),
        (stand_in("CatBoostClassifier", "CatBoost"), "A CatBoostClassifier is boosted, "),
        (stand_in("Booster"), "A Booster is boosted, "),
    ],
)
def test_other_models_are_told_what_would_work(model, words):
    assert re.fullmatch(re.escape(words) + r"[^.]*train a RandomForestClassifier[^.]*\.", refusal_of(model))


class Contrary(RandomForestClassifier):
    """A forest that answers the other way round."""

    def predict_proba(self, rows):
        return super().predict_proba(rows)[:, ::-1]


class Named(RandomForestClassifier):
    """A forest by another name."""


def test_a_derived_forest_that_answers_otherwise_is_refused():
    """The flat forest's proof compares trees, which it has in common with the forest that it derives from."""
    assert refusal_of(Contrary(2).fit(ROWS, CLASSES)).startswith("A Contrary answers otherwise than the forest")


def test_a_derived_forest_that_answers_alike_is_compiled(kind):
    forest = Named(2, random_state=0).fit(ROWS, CLASSES)
    assert compile_forest(forest, kind).engine.predict(ROWS).tolist() == forest.predict(ROWS).tolist()
