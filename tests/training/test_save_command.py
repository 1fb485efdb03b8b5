"""python -m forest_serving save: a model out of a file, after a warning."""

import pickle
from unittest.mock import Mock

import joblib
import pytest
from sklearn.ensemble import RandomForestClassifier

from forest_serving.errors import BadTrainingData, NotCompilable, OperatorError
from forest_serving.models import store
from forest_serving.training.save_command import main
from tests.support.churn import churned, customers, pipeline
from tests.support.training import breast_cancer, python, saved, wine

FRAME = wine()
ROWS, LABELS = FRAME.drop(columns="cultivar"), FRAME["cultivar"]
FLAT = ("--engine", "forest")  # made at once
FOREST = RandomForestClassifier(4, max_depth=3, random_state=0).fit(ROWS, LABELS)


class Terminal:
    """A person who gives one answer."""

    def __init__(self, answer):
        self.answer = answer

    def isatty(self):
        """Return that somebody is there."""
        return True

    def readline(self):
        """Return the answer."""
        return self.answer


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a model in two formats, and its data."""
    joblib.dump(FOREST, tmp_path / "model.joblib", compress=3)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(FOREST))
    FRAME.to_csv(tmp_path / "data.csv", index=False)
    return tmp_path


def save(folder, model="model.joblib", *options):
    """Run the command in this process."""
    return main([str(folder / model), "--name", "file", "--data", str(folder / "data.csv"), *options])


def test_the_command_warns_and_stores_the_model(folder, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    command = ("-m", "forest_serving", "save", folder / "model.joblib", "--name", "file", "--data", folder / "data.csv")
    done = python(*command, "--label", "cultivar", "--yes", home=home)
    assert (done.returncode, saved(home)) == (0, ["file_compiled", "file_forest"])
    assert "runs whatever code is in it" in done.stderr
    assert "FOREST_MODEL=file bentoml serve" in done.stdout


@pytest.mark.parametrize("model", ["model.joblib", "model.pkl"])
def test_the_card_is_made_from_the_file_beside_the_model(bentoml_home, folder, model):
    assert save(folder, model, "--label", "cultivar", "--plot-rows", "5", "--yes") == 0
    card = store.newest_card("file")
    assert [feature.column for feature in card.features] == list(ROWS.columns)
    assert (card.label_column, len(card.plot_rows), card.example) == ("cultivar", 5, tuple(ROWS.iloc[0]))


def test_labels_that_are_no_text_are_found_in_the_file(bentoml_home, folder):
    frame = breast_cancer()
    forest = RandomForestClassifier(2, max_depth=2, random_state=0).fit(frame.drop(columns="benign"), frame["benign"])
    joblib.dump(forest, folder / "model.joblib")
    for labels in (frame["benign"], frame["benign"].map(str).str.lower()):
        frame.assign(benign=labels)[10:40].to_csv(folder / "data.csv", index=False)
        assert save(folder, "model.joblib", "--label", "benign", "--plot-rows", "30", "--yes", *FLAT) == 0
        assert [row[-1] for row in store.newest_card("file").plot_rows] == frame["benign"][10:40].tolist()


def test_a_pipelines_columns_may_be_text_and_have_gaps(bentoml_home, folder):
    table = customers()
    joblib.dump(pipeline(RandomForestClassifier(2, random_state=0)).fit(table, churned(table)), folder / "model.joblib")
    table.assign(churned=churned(table)).to_csv(folder / "data.csv", index=False)
    options = ("--label", "churned", "--missing", "calls", "charge (EUR)", "--yes")
    assert save(folder, "model.joblib", *options) == 0
    features = store.newest_card("file").features
    assert [feature.name for feature in features if feature.takes_missing] == ["age", "charge", "calls"]
    assert [feature.categories for feature in features if feature.categories] == [
        ("month", "two years", "year"),
        (False, True),
    ]


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("YES\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_a_person_is_asked_before_anything_is_loaded(bentoml_home, folder, monkeypatch, answer, code):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    load = Mock(side_effect=joblib.load)  # a witness, which loads as ever
    monkeypatch.setattr(joblib, "load", load)
    assert save(folder, "model.joblib", "--label", "cultivar") == code
    assert load.called == (code == 0)


def test_where_nobody_can_be_asked_it_needs_yes(folder):
    with pytest.raises(OperatorError, match=r"because nobody can be asked here\. If you trust it, add --yes\."):
        save(folder)


CONTENTS = {
    "missing": (None, OperatorError, "does not exist. Name a model that joblib or pickle saved."),
    "empty": (b"", OperatorError, r"cannot be loaded \(EOFError"),
    "text": (b"hello", OperatorError, r"cannot be loaded \("),
    "cut off": (pickle.dumps(FOREST)[:-50], OperatorError, r"cannot be loaded \("),
    "of a module that is not here": (b"cchurnlib\nModel\n.", OperatorError, 'needs the module "churnlib"'),
    "something else": (pickle.dumps({"a": 1}), NotCompilable, "dict"),
}


@pytest.mark.parametrize(("content", "error", "sentence"), CONTENTS.values(), ids=CONTENTS)
def test_a_file_that_holds_no_model_is_one_sentence(folder, content, error, sentence):
    (folder / "model.pkl").unlink()
    if content is not None:
        (folder / "model.pkl").write_bytes(content)
    with pytest.raises(error, match=sentence):
        save(folder, "model.pkl", "--yes")


def test_a_folder_is_no_model(folder):
    with pytest.raises(OperatorError, match="is not a file"):
        save(folder, "", "--yes")


def test_a_column_that_the_model_does_not_have_may_be_the_label(folder):
    FRAME.assign(cultivar=1).to_csv(folder / "data.csv", index=False)
    with pytest.raises(BadTrainingData, match=r'has the column "cultivar".*or name it with --label if it holds'):
        save(folder, "model.pkl", "--yes")


def test_rows_of_a_second_file_judge_the_model(bentoml_home, folder):
    FRAME[::3].to_csv(folder / "test.csv", index=False)
    test = ("--label", "cultivar", "--test", str(folder / "test.csv"), "--yes", *FLAT)
    assert save(folder, "model.joblib", *test) == 0
    report = store.newest_card("file").report
    assert report["holdout"]["accuracy"] == pytest.approx(FOREST.score(ROWS[::3], LABELS[::3]), abs=1e-4)


def test_a_fault_in_the_second_file_is_named_by_its_line(bentoml_home, folder):
    FRAME.assign(cultivar=["Barolo"] * 177 + ["Merlot"]).to_csv(folder / "test.csv", index=False)
    with pytest.raises(BadTrainingData, match=r"test\.csv, line 179, column \"cultivar\": 'Merlot' is not a class"):
        save(folder, "model.joblib", "--label", "cultivar", "--test", str(folder / "test.csv"), "--yes")


def test_rows_to_judge_by_need_a_label(folder, capsys):
    with pytest.raises(SystemExit):
        save(folder, "model.joblib", "--test", "test.csv", "--yes")
    assert "--test needs --label" in capsys.readouterr().err
