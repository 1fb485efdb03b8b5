"""forest_serving.save takes every family of trees, bare or behind a pipeline; what it stores answers as the model."""

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.model_selection import RandomizedSearchCV

import forest_serving
from forest_serving.engines.fold import fold
from forest_serving.models import store
from tests.support.churn import FAMILIES, NUMBERS, churned, customers, pipeline, spent

TABLE = customers()
WHOLE = customers(gaps=False)
MODELS = {f"{family}, {type(trees).__name__}": trees for family, both in FAMILIES.items() for trees in both}


def answers_to(model, table):
    """Return what the model is to learn."""
    return churned(table) if is_classifier(model) else spent(table)


def saved(name, model, *arguments, **options):
    """Save a model; return what is stored, and rows of the input that it takes."""
    forest_serving.save(name, model, *arguments, **options)
    stored = store.load(f"{name}_compiled")
    rng = np.random.default_rng(0)
    columns = [_values_of(feature, rng) for feature in stored.card.features]
    return stored, np.stack(columns, axis=1)


def _values_of(feature, rng):
    values = [*feature.deciles, *range(len(feature.categories))]
    values += [np.nan] * feature.takes_missing + [-1.0] * feature.takes_unknown
    return rng.choice(values, 500)


def assert_it_answers_as(model, stored, rows):
    """Compare bits: of probabilities, or of a regressor's numbers."""
    inputs = fold(model, stored.card.features)
    method = "predict_proba" if is_classifier(model) else "predict"
    told = getattr(stored.engine, method)(rows)
    assert told.tobytes() == getattr(model, method)(inputs.frame(rows)).tobytes()


@pytest.mark.parametrize("trees", MODELS.values(), ids=MODELS)
def test_trees_are_saved_as_they_are(bentoml_home, trees):
    table, labels = WHOLE[NUMBERS], answers_to(trees, WHOLE)
    model = clone(trees).fit(table, labels)
    stored, rows = saved("bare", model, table, labels)
    assert [feature.column for feature in stored.card.features] == NUMBERS
    assert not any(feature.takes_missing for feature in stored.card.features)
    assert_it_answers_as(model, stored, rows)


@pytest.mark.parametrize("trees", MODELS.values(), ids=MODELS)
def test_trees_behind_a_pipeline_are_asked_with_raw_columns(bentoml_home, trees):
    labels = answers_to(trees, TABLE)
    model = pipeline(clone(trees)).fit(TABLE, labels)
    stored, rows = saved("pipeline", model, TABLE, labels)
    assert [feature.column for feature in stored.card.features] == [
        "age",
        "contract",
        "charge (EUR)",
        "paperless",
        "calls",
    ]
    assert_it_answers_as(model, stored, rows)


@pytest.mark.parametrize("trees", MODELS.values(), ids=MODELS)
def test_what_is_stored_beside_it_is_the_whole_model(bentoml_home, trees):
    labels = answers_to(trees, TABLE)
    model = pipeline(clone(trees)).fit(TABLE, labels)
    stored, _ = saved("pipeline", model, TABLE, labels)
    assert store.load_forest(stored.card).predict(TABLE).tolist() == model.predict(TABLE).tolist()


def test_the_card_of_a_classifier_has_classes_and_that_of_a_regressor_none(bentoml_home):
    classifier, regressor = FAMILIES["a random forest"]
    kept = [
        saved("task", model.fit(WHOLE[NUMBERS], answers_to(model, WHOLE)), WHOLE[NUMBERS])[0]
        for model in (classifier, regressor)
    ]
    assert [(model.card.labels, model.card.is_classifier) for model in kept] == [(["no", "yes"], True), ([], False)]


def test_gaps_may_be_where_the_table_has_some(bentoml_home):
    trees = RandomForestClassifier(4, max_depth=4, random_state=0)
    stored, rows = saved("gaps", trees.fit(TABLE[NUMBERS], churned(TABLE)), TABLE[NUMBERS])
    assert [feature.takes_missing for feature in stored.card.features] == [True, False, False]
    assert_it_answers_as(trees, stored, rows)


def test_gaps_may_be_where_they_are_announced(bentoml_home):
    """A forest that never saw a gap answers for one all the same, and does not say so by itself."""
    trees = RandomForestClassifier(4, max_depth=4, random_state=0).fit(WHOLE[NUMBERS], churned(WHOLE))
    stored, rows = saved("announced", trees, WHOLE[NUMBERS], missing=["charge", "calls"])
    assert [feature.takes_missing for feature in stored.card.features] == [False, True, True]
    assert_it_answers_as(trees, stored, rows)


def test_categories_that_boosting_itself_knows_are_categories(bentoml_home):
    table = TABLE[[*NUMBERS, "contract"]].assign(contract=TABLE["contract"].astype("category"))
    model = HistGradientBoostingClassifier(max_iter=4, categorical_features="from_dtype").fit(table, churned(TABLE))
    stored, rows = saved("native", model, table)
    assert stored.card.features[-1].categories == ("month", "two years", "year")
    assert_it_answers_as(model, stored, rows)


def test_codes_of_categories_are_numbers_to_the_client(bentoml_home):
    codes = TABLE["contract"].astype("category").cat.codes
    rows = np.column_stack([TABLE["age"], codes])
    model = HistGradientBoostingClassifier(max_iter=4, categorical_features=[1]).fit(rows, churned(TABLE))
    stored, rows = saved("codes", model, rows)
    assert [feature.name for feature in stored.card.features] == ["feature_0", "feature_1"]
    assert stored.card.features[1].categories == (0.0, 1.0, 2.0)
    assert_it_answers_as(model, stored, rows)


def test_a_search_over_a_pipeline_is_saved_as_the_pipeline_that_it_found(bentoml_home):
    grid = {"randomforestclassifier__max_depth": [2, 3]}
    model = RandomizedSearchCV(pipeline(RandomForestClassifier(3)), grid, n_iter=2, cv=2, random_state=0)
    stored, rows = saved("search", model.fit(TABLE, churned(TABLE)), TABLE)
    assert_it_answers_as(model.best_estimator_, stored, rows)
    recipe = stored.card.provenance["recipe"]
    assert (recipe["model"], recipe["steps"]) == ("Pipeline", "ColumnTransformer, RandomForestClassifier")
    assert recipe["randomforestclassifier__n_estimators"] == 3


def test_pictures_of_a_regressor_end_with_its_targets_and_gaps_are_none(bentoml_home):
    model = pipeline(FAMILIES["a random forest"][1]).fit(TABLE, spent(TABLE))
    stored, _ = saved("pictures", model, TABLE, spent(TABLE), plot_rows=200)
    kept = stored.card.plot_rows
    assert {row[-1] for row in kept} <= set(spent(TABLE))
    assert None in {row[0] for row in kept}
    assert {row[1] for row in kept} == {0.0, 1.0, 2.0}


def test_both_engines_can_be_forced(bentoml_home):
    small = RandomForestClassifier(2, max_depth=2, random_state=0)
    model = pipeline(small).fit(TABLE, churned(TABLE))
    for engine in ("decision_table", "forest"):
        stored, rows = saved("forced", model, TABLE, engine=engine)
        assert stored.engine.kind == engine
        assert_it_answers_as(model, stored, rows)
