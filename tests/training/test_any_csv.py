"""Any CSV of numbers is trained on, without a word about the data that the command knows."""

import re
import sys

import pytest
from sklearn.ensemble import RandomForestClassifier

import train_and_save
from forest_serving.errors import BadTrainingData
from forest_serving.models import store
from forest_serving.training.dataset import check_classes, read_csv
from tests.support.training import LAYOUT, breast_cancer, wine

FRAMES = {"wine": (wine, "cultivar"), "breast cancer": (breast_cancer, "benign")}


@pytest.mark.parametrize("make", FRAMES, ids=list(FRAMES))
def test_the_saved_model_answers_as_scikit_learn_with_the_labels_of_the_file(bentoml_home, monkeypatch, tmp_path, make):
    frame, label = FRAMES[make][0](), FRAMES[make][1]
    frame.to_csv(tmp_path / "data.csv", index=False)
    options = f"--csv {tmp_path}/data.csv --label {label} --name other --trees 5 --no-evaluate --engine forest"
    monkeypatch.setattr(sys, "argv", ["train_and_save.py", *options.split()])
    assert train_and_save.main() == 0
    model, rows = store.load("other_compiled"), frame.drop(columns=label).to_numpy()
    forest = RandomForestClassifier(5, random_state=0).fit(rows, frame[label])
    assert model.engine.predict(rows).tolist() == forest.predict(rows).tolist()
    assert model.engine.predict_proba(rows).tobytes() == forest.predict_proba(rows).tobytes()
    assert model.card.class_names == [str(name) for name in forest.classes_]


def read(tmp_path, frame, label, evaluated=True):
    """Return a frame's data set, by way of a file."""
    frame.to_csv(tmp_path / "data.csv", index=False)
    data = read_csv(tmp_path / "data.csv", label, LAYOUT)
    check_classes(data, evaluated)
    return data


def test_columns_are_named_after_the_header(tmp_path):
    data = read(tmp_path, wine(), "cultivar")
    assert [column.name for column in data.columns][-2:] == ["od280_od315_of_diluted_wines", "proline"]
    assert (data.label_column, data.names) == ("cultivar", ["Barbera", "Barolo", "Grignolino"])


def test_an_unknown_label_is_refused_with_the_one_that_was_meant(tmp_path):
    with pytest.raises(BadTrainingData, match=re.escape('no column "Cultivars" (did you mean "cultivar"?). Name one')):
        read(tmp_path, wine(), "Cultivars")


def test_rare_classes_are_refused_where_they_must_be_judged(tmp_path):
    few = wine().iloc[:133]
    with pytest.raises(BadTrainingData, match=r"\(Barbera 3\)\. Add rows .* at least 10, or train with --no-evaluate"):
        read(tmp_path, few, "cultivar")
    assert len(read(tmp_path, few, "cultivar", evaluated=False).classes) == 3


def test_a_single_class_is_refused(tmp_path):
    with pytest.raises(BadTrainingData, match=r"has a single class \(Barolo\)"):
        read(tmp_path, wine().iloc[:20], "cultivar", evaluated=False)


def test_a_number_to_estimate_is_not_taken_for_classes(tmp_path):
    frame = wine().drop(columns="cultivar")
    with pytest.raises(
        BadTrainingData, match=r'has the label 14\.23 in column "alcohol", but classes are whole numbers'
    ):
        read(tmp_path, frame, "alcohol")
    with pytest.raises(BadTrainingData, match=r'or is "proline" a number to estimate.*; fit a regressor'):
        read(tmp_path, frame, "proline")
