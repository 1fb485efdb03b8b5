"""forest_serving.save: a model that was fitted elsewhere, as a notebook would bring it."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.model_selection import GridSearchCV

import forest_serving
from forest_serving.errors import BadTrainingData, NotCompilable, OperatorError
from forest_serving.models import store
from tests.support.training import wine

WINE = wine()
ROWS, LABELS = WINE.drop(columns="cultivar"), WINE["cultivar"]


def small(rows=ROWS, labels=LABELS, **options):
    """Return a small fitted forest."""
    return RandomForestClassifier(4, max_depth=3, random_state=0, **options).fit(rows, labels)


def estimate():
    """Return a small fitted regressor."""
    return RandomForestRegressor(4, max_depth=3, random_state=0).fit(ROWS, WINE.index)


def loaded(name):
    """Return the newest model of a name."""
    return store.load(f"{name}_compiled")


def test_a_forest_of_a_data_frame_keeps_its_names_labels_and_answers(bentoml_home, capsys):
    forest = small()
    saved = forest_serving.save("notebook", forest, ROWS, LABELS)
    model = loaded("notebook")
    assert saved == (model.card.forest, model.tag)
    assert [feature.column for feature in model.card.features] == list(ROWS.columns)
    assert (model.card.labels, model.card.label_column) == (["Barbera", "Barolo", "Grignolino"], "cultivar")
    assert model.card.example == tuple(ROWS.iloc[0])
    assert model.engine.predict_proba(ROWS.to_numpy()).tobytes() == forest.predict_proba(ROWS).tobytes()
    assert "to serve it: FOREST_MODEL=notebook bentoml serve" in capsys.readouterr().out


def test_a_forest_of_an_array_has_numbered_features(bentoml_home):
    forest_serving.save("array", small(ROWS.to_numpy(), LABELS.to_numpy()), ROWS.to_numpy().tolist())
    assert [feature.name for feature in loaded("array").card.features] == [f"feature_{i}" for i in range(13)]
    assert loaded("array").card.label_column == ""


def test_a_forest_of_an_array_takes_its_names_from_a_data_frame(bentoml_home):
    forest_serving.save("named", small(ROWS.to_numpy(), LABELS), ROWS, units={"alcohol": "%"})
    assert (loaded("named").card.features[0].name, loaded("named").card.features[0].unit) == ("alcohol", "%")


def test_columns_in_another_order_are_put_into_the_models(bentoml_home):
    forest_serving.save("shuffled", small(), ROWS[ROWS.columns[::-1]])
    assert loaded("shuffled").card.example == tuple(ROWS.iloc[0])


def test_a_search_is_saved_as_the_forest_that_it_found(bentoml_home):
    search = GridSearchCV(ExtraTreesClassifier(3, random_state=0), {"max_depth": [2, 3]}, cv=2).fit(ROWS, LABELS)
    forest_serving.save("search", search, ROWS)
    answers = loaded("search").engine.predict_proba(ROWS.to_numpy())
    assert answers.tobytes() == search.predict_proba(ROWS).tobytes()
    assert loaded("search").card.provenance["recipe"]["model"] == "ExtraTreesClassifier"


@pytest.mark.parametrize("kind", [bool, np.int8, float, str, object])
def test_labels_are_those_that_predict_returns(bentoml_home, kind):
    rows, labels = load_breast_cancer(return_X_y=True)
    labels = labels.astype(kind) if kind is not object else np.array(["no", "yes"], object)[labels]
    forest = small(rows, labels)
    forest_serving.save("labels", forest, rows, labels, engine="forest")
    found = loaded("labels").card.labels
    assert found == forest.classes_.tolist()
    assert {type(label) for label in found} == {type(forest.predict(rows[:1]).tolist()[0])}


def test_classes_may_be_given_names(bentoml_home):
    forest = small(ROWS, load_wine().target)
    for names in (["A", "B", "C"], {0: "A", 1: "B", 2: "C"}):
        forest_serving.save("classes", forest, ROWS, class_names=names)
        assert loaded("classes").card.class_names == ["A", "B", "C"]
        assert loaded("classes").card.labels == [0, 1, 2]


def test_rows_for_pictures_are_kept_only_if_asked_for_and_always_the_same(bentoml_home):
    forest_serving.save("pictures", small(), ROWS, LABELS)
    assert loaded("pictures").card.plot_rows == ()
    kept = []
    for _ in range(2):
        forest_serving.save("pictures", small(), ROWS, LABELS, plot_rows=9)
        kept.append(loaded("pictures").card.plot_rows)
    assert kept[0] == kept[1]
    known = {tuple(row): LABELS[number] for number, row in enumerate(ROWS.to_numpy().tolist())}
    assert [known[row[:-1]] for row in kept[0]] == [loaded("pictures").card.labels[int(row[-1])] for row in kept[0]]


BOOSTED = GradientBoostingClassifier(n_estimators=2).fit(ROWS, LABELS)
NAN = ROWS.copy()
NAN.iloc[3, 1] = np.nan
REFUSED = {
    "a name with a slash": (OperatorError, ("a/b", small(), ROWS), {}, "must be lower-case letters"),
    "no forest": (NotCompilable, ("x", object(), ROWS), {}, "object"),
    "a regressor's classes": (BadTrainingData, ("x", estimate(), ROWS), {"class_names": ["A"]}, "answers with numbers"),
    "a missing column": (BadTrainingData, ("x", small(), ROWS.drop(columns="hue")), {}, 'lacks the column "hue"'),
    "an unknown column": (BadTrainingData, ("x", small(), WINE.assign(cultivar=1)), {}, 'has the column "cultivar"'),
    "a doubled column": (BadTrainingData, ("x", small(), pd.concat([ROWS, ROWS["hue"]], axis=1)), {}, "has twice"),
    "too few columns": (BadTrainingData, ("x", small(), [[1.0]]), {}, "must be rows of 13 values"),
    "a single row": (BadTrainingData, ("x", small(), [1.0] * 13), {}, "its shape is 13"),
    "text": (BadTrainingData, ("x", small(), ROWS.assign(hue="red")), {}, 'column "hue" holds more than numbers'),
    "ragged": (BadTrainingData, ("x", small(), [[1], [1, 2]]), {}, "X must be rows"),
    "no rows": (BadTrainingData, ("x", small(), ROWS[:0]), {}, "X has no row"),
    "a gap": (BadTrainingData, ("x", BOOSTED, NAN), {}, r'X, row 3, column "malic_acid" is missing, and the model ref'),
    "a gap to come": (BadTrainingData, ("x", BOOSTED, ROWS), {"missing": ["hue"]}, "the model refuses gaps there; put"),
    "gaps of none": (
        BadTrainingData,
        ("x", small(), ROWS),
        {"missing": "hued"},
        r'does not use \(did you mean "hue"\?\)',
    ),
    "only gaps": (BadTrainingData, ("x", small(), ROWS.assign(hue=None)), {}, 'of the column "hue" are missing'),
    "infinite": (BadTrainingData, ("x", small(), ROWS.assign(hue=np.inf)), {}, 'X, row 0, column "hue" is infinite'),
    "huge": (BadTrainingData, ("x", small(), ROWS.assign(hue=1e39)), {}, r'refuses 1e\+39 in column "hue"'),
    "few labels": (BadTrainingData, ("x", small(), ROWS, LABELS[:5]), {}, "a label for each of the 178 rows"),
    "no targets": (BadTrainingData, ("x", estimate(), ROWS, LABELS), {}, "y, row 0: 'Barolo' is not a finite number"),
    "few targets": (BadTrainingData, ("x", estimate(), ROWS, [1.0]), {}, "a number for each of the 178 rows"),
    "other labels": (BadTrainingData, ("x", small(), ROWS, ["barolo"] * 178), {}, r'did you mean "Barolo"\?'),
    "rows without labels": (BadTrainingData, ("x", small(), ROWS), {"plot_rows": 5}, "needs the rows' labels"),
    "fewer than no rows": (BadTrainingData, ("x", small(), ROWS), {"plot_rows": -1}, "plot_rows is -1"),
    "few names": (BadTrainingData, ("x", small(), ROWS), {"class_names": ["A"]}, "a name for each of the 3 classes"),
    "twice a name": (BadTrainingData, ("x", small(), ROWS), {"class_names": list("AAB")}, "the same name"),
    "a name of none": (BadTrainingData, ("x", small(), ROWS), {"class_names": {"barolo": "B"}}, r'mean "Barolo"\?'),
    "an unknown engine": (NotCompilable, ("x", small(), ROWS), {"engine": "onnx"}, "There is no engine"),
}


@pytest.mark.parametrize(("error", "arguments", "options", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_before_anything_is_stored(bentoml_home, error, arguments, options, sentence):
    with pytest.raises(error, match=sentence):
        forest_serving.save(*arguments, **options)
    assert store.newest_card("x") is None


def test_importing_the_package_loads_nothing_of_training():
    check = "import sys, forest_serving; sys.exit('sklearn' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], timeout=60).returncode == 0
    assert "save" in dir(forest_serving)
    with pytest.raises(AttributeError, match="no attribute 'load'"):
        forest_serving.load  # noqa: B018
