"""train_and_save.py, run as users run it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

from forest_serving.command_line import training_arguments
from forest_serving.errors import BadTrainingData
from forest_serving.training.dataset import default_dataset, read_csv
from tests.support.servers import environment

ROOT = Path(__file__).parents[2]
FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
NAMES = ["setosa", "versicolor", "virginica"]


def train(home, *options):
    """Run the command and return the finished process."""
    command = [sys.executable, "train_and_save.py", "--trees", "5", *options]
    return subprocess.run(command, cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=120)


def saved(home):
    """Return the names of all models in a store."""
    return (
        sorted(path.name for path in (home / "models").glob("*") if path.is_dir()) if (home / "models").exists() else []
    )


def metadata(home, name="iris_compiled"):
    """Return the metadata of the newest model of a name in a store."""
    code = f"import bentoml, json; print(json.dumps(dict(bentoml.models.get('{name}').info.metadata)))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def csv_text(header=(*FEATURES, "species"), rows=None):
    """Return Iris as CSV, with the given header, or the given rows instead."""
    data, target = load_iris(return_X_y=True)
    rows = rows or [[*row, NAMES[label]] for row, label in zip(data, target, strict=True)]
    return "\n".join(",".join(map(str, line)) for line in (header, *rows)) + "\n"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the finished command and its store."""
    home = tmp_path_factory.mktemp("trained")
    return train(home), home


def test_training_saves_the_forest_and_the_compiled_model(trained):
    done, home = trained
    assert (done.returncode, saved(home)) == (0, ["iris_compiled", "iris_forest"])


@pytest.mark.parametrize(
    "words",
    [
        "95 % interval",
        "cross-validation",
        "precision",
        "recall",
        "permutation importance",
        "seconds:",
        "decision table: ",
        "proved equal for every input",
    ],
)
def test_training_prints_how_good_the_forest_is_and_what_was_done(trained, words):
    assert words in trained[0].stdout


def test_the_metadata_says_where_the_model_came_from(trained):
    facts = metadata(trained[1])
    assert facts["forest"].startswith("iris_forest:")
    assert facts["features"] == FEATURES
    assert facts["classes"] == NAMES
    assert facts["feature_ranges"]["sepal_length"] == [4.3, 7.9]
    assert len(facts["feature_deciles"]["petal_width"]) == 11
    assert set(facts["versions"]) == {"python", "bentoml", "numpy", "scikit-learn", "scipy"}
    assert facts["recipe"] == {"trees": 5, "max_depth": "no limit", "seed": 0}
    for key in ("git_commit", "data_sha256", "engine_sha256", "proof", "training", "trained_at"):
        assert facts[key]


def test_the_same_inputs_give_the_same_hash_and_others_another(trained, tmp_path):
    assert train(tmp_path).returncode == 0
    assert metadata(tmp_path)["engine_sha256"] == metadata(trained[1])["engine_sha256"]
    assert train(tmp_path, "--seed", "1").returncode == 0
    assert metadata(tmp_path)["engine_sha256"] != metadata(trained[1])["engine_sha256"]


def test_if_needed_trains_again_only_for_other_inputs(tmp_path):
    outputs = [train(tmp_path, "--if-needed", "--seed", seed).stdout for seed in "778"]
    assert ["saved" in output for output in outputs] == [True, False, True]


@pytest.mark.parametrize("engine", ["decision_table", "flat_forest"])
def test_an_engine_can_be_forced(tmp_path, engine):
    assert train(tmp_path, "--engine", engine).returncode == 0
    assert metadata(tmp_path)["engine"] == engine


def test_below_the_wanted_accuracy_nothing_is_saved(tmp_path):
    done = train(tmp_path, "--min-accuracy", "1")
    assert (done.returncode, saved(tmp_path)) == (1, [])
    assert "below 1.0 (--min-accuracy); nothing was saved" in done.stderr


SPELLINGS = {
    "schema": (*FEATURES, "species"),
    "scikit-learn": (*load_iris().feature_names, "target"),
    "mixed, with spaces": (" sepal_length ", *load_iris().feature_names[1:], "species"),
}


@pytest.mark.parametrize("header", SPELLINGS.values(), ids=SPELLINGS)
def test_a_csv_may_use_either_spelling_of_the_columns(tmp_path, header):
    (tmp_path / "flowers.csv").write_text(csv_text(header))
    assert read_csv(tmp_path / "flowers.csv").sha256 == default_dataset().sha256


def test_a_csv_may_have_any_column_order_numbers_for_species_crlf_and_a_byte_order_mark(tmp_path):
    data, target = load_iris(return_X_y=True)
    rows = [[label, *row[::-1]] for row, label in zip(data, target, strict=True)]
    text = csv_text(("species", *FEATURES[::-1]), rows).replace("\n", "\r\n")
    (tmp_path / "flowers.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_csv(tmp_path / "flowers.csv").sha256 == default_dataset().sha256


def test_the_command_trains_on_a_csv(trained, tmp_path):
    (tmp_path / "flowers.csv").write_text(csv_text())
    assert train(tmp_path, "--csv", str(tmp_path / "flowers.csv")).returncode == 0
    assert metadata(tmp_path)["engine_sha256"] == metadata(trained[1])["engine_sha256"]


GOOD = csv_text()
FIRST = "5.1,3.5,1.4,0.2,setosa"
BAD_FILES = {
    "empty": ("", r"is empty. Its first line must name the columns sepal_length"),
    "only a header": (GOOD.splitlines()[0], "too few rows of 3 of 3 classes"),
    "missing column": (csv_text([*FEATURES[:3], "colour", "species"]), 'line 1 lacks column "petal_width"'),
    "extra column": (csv_text([*FEATURES, "species", "colour"]), 'line 1 has an unknown column "colour"'),
    "doubled column": (csv_text([*FEATURES, "species", "species"]), 'line 1 has twice the column "species"'),
    "semicolons": (GOOD.replace(",", ";"), "separated by commas"),
    "text for a number": (
        GOOD.replace(FIRST, "5.1,wide,1.4,0.2,setosa"),
        """line 2, column "sepal_width": 'wide' is not a number""",
    ),
    "missing number": (
        GOOD.replace(FIRST, "5.1,3.5,,0.2,setosa"),
        """line 2, column "petal_length": '' is not a number""",
    ),
    "NaN": (
        GOOD.replace(FIRST, "5.1,3.5,1.4,nan,setosa"),
        """line 2, column "petal_width": 'nan' is not a finite number""",
    ),
    "huge": (
        GOOD.replace(FIRST, "1e39,3.5,1.4,0.2,setosa"),
        """line 2, column "sepal_length": '1e39' is not a finite""",
    ),
    "unknown species": (
        GOOD.replace(FIRST, "5.1,3.5,1.4,0.2,rose"),
        """line 2, column "species": 'rose' is not one of setosa (0)""",
    ),
    "short line": (GOOD.replace(FIRST, "5.1,3.5"), "line 2 has 2 values, the first line 5"),
    "one class": (csv_text(rows=[FIRST.split(",")] * 50), "too few rows of 2 of 3 classes (versicolor 0, virginica 0)"),
    "too few rows": ("\n".join(GOOD.splitlines()[:-45]), "too few rows of 1 of 3 classes (virginica 5)"),
}


@pytest.mark.parametrize(("text", "sentence"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_csv_is_refused_by_file_line_and_column(tmp_path, text, sentence):
    path = tmp_path / "flowers.csv"
    path.write_text(text)
    with pytest.raises(BadTrainingData, match=re.escape(sentence)) as error:
        read_csv(path)
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize(
    "content", [None, b"\xff\xfe\x00", b'"' + b"x" * 200_000], ids=["missing", "binary", "endless"]
)
def test_a_csv_that_cannot_be_read_is_refused_by_name(tmp_path, content):
    path = tmp_path / "flowers.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadTrainingData, match=re.escape(str(path))):
        read_csv(path)


def test_a_folder_is_no_csv(tmp_path):
    with pytest.raises(BadTrainingData, match=r"is not a file\. Name a CSV file\."):
        read_csv(tmp_path)


def test_after_bad_input_the_command_says_one_sentence_and_saves_nothing(tmp_path):
    (tmp_path / "flowers.csv").write_text("")
    done = train(tmp_path, "--csv", str(tmp_path / "flowers.csv"))
    assert (done.returncode, saved(tmp_path), len(done.stderr.splitlines())) == (2, [], 1)


@pytest.mark.parametrize(
    "options",
    [
        ("--trees", "0"),
        ("--trees", "many"),
        ("--max-depth", "-1"),
        ("--seed", "-1"),
        ("--min-accuracy", "90"),
        ("--model-name", "../x"),
        ("--engine", "onnx"),
        ("--colour", "red"),
    ],
)
def test_a_wrong_option_is_refused_by_name(capsys, options):
    with pytest.raises(SystemExit) as end:
        training_arguments("", options)
    assert end.value.code == 2
    assert options[0] in capsys.readouterr().err


def test_the_proof_can_be_repeated_on_stored_models(trained):
    command = [sys.executable, "-m", "forest_serving.engines", "prove"]
    done = subprocess.run(command, cwd=ROOT, env=environment(trained[1]), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "agree at both corners" in done.stdout
