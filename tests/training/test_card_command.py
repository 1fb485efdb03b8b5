"""A stored model's card: printed by a command, kept as a file beside it, and shown by bentoml models get."""

import json

import pytest

from forest_serving.errors import ModelMissing, OperatorError
from forest_serving.training.card_command import main
from tests.support.servers import bentoml
from tests.support.training import python

TOLD = {  # what issue and guide promise → where it is in the metadata
    "data": ("provenance", "data_sha256"),
    "split": ("report", "split", "holdout_rows"),
    "accuracy with its interval": ("report", "holdout", "accuracy_95_interval"),
    "calibration": ("report", "holdout", "calibration", "expected_error"),
    "confusion": ("report", "holdout", "confusion_matrix"),
    "importance": ("report", "permutation_importance", "petal_length"),
    "limits": ("limits",),
    "hash": ("engine_sha256",),
    "how exactness was proved": ("proof",),
}


@pytest.fixture(scope="module")
def metadata(trained):
    """Return what bentoml models get shows, as JSON."""
    done = bentoml("models", "get", "iris_compiled:latest", "-o", "json", home=trained[1])
    return json.loads(done.stdout)["metadata"]


@pytest.mark.parametrize("path", TOLD.values(), ids=TOLD)
def test_bentoml_models_get_tells_everything(metadata, path):
    for key in path:
        metadata = metadata[key]
    assert metadata not in (None, "", [])


def test_its_text_is_whole_on_a_wide_terminal(trained, metadata):
    """It cuts lines that are longer than the terminal; into a pipe, after 80 characters."""
    text = bentoml("models", "get", "iris_compiled:latest", home=trained[1], COLUMNS="200").stdout
    for line in (metadata["engine_sha256"], "expected_error: ", "holdout_share: 0.25", metadata["limits"][0][:60]):
        assert line in text


def test_the_command_prints_what_stands_beside_the_model(trained):
    done = python("-m", "forest_serving", "card", "iris", home=trained[1])
    (beside,) = (trained[1] / "models" / "iris_compiled").glob("*/MODEL_CARD.md")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == beside.read_text()
    assert "| hold-out | accuracy | " in done.stdout


def test_the_model_may_come_from_the_environment(bentoml_home, monkeypatch, capsys):
    monkeypatch.setenv("FOREST_MODEL", "iris")
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("# iris\n")


def test_without_a_model_the_command_asks_for_one():
    with pytest.raises(OperatorError, match="python -m forest_serving card churn, or FOREST_MODEL=churn"):
        main([])


def test_a_model_that_is_not_there_is_one_sentence(bentoml_home):
    with pytest.raises(ModelMissing, match='No model "missing_compiled"'):
        main(["missing"])
