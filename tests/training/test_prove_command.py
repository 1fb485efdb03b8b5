"""python -m forest_serving prove: the proof of a stored model can be repeated by anybody who has the store."""

import msgspec
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

import forest_serving
from forest_serving.errors import ModelMissing, OperatorError, ProofFailed
from forest_serving.explain.archive import Explained, pack, unpack
from forest_serving.models import store
from forest_serving.training.prove_command import main
from tests.support.churn import customers, pipeline, spent
from tests.support.damage import changed
from tests.support.training import python


def test_the_proof_can_be_repeated(trained):
    done = python("-m", "forest_serving", "prove", "--model", "iris", home=trained[1])
    assert (done.returncode, done.stderr) == (0, "")
    assert "the answer in each of 4,158 cells" in done.stdout


def test_the_proof_of_a_pipeline_asks_its_steps_again(bentoml_home, capsys):
    table = customers()
    model = pipeline(HistGradientBoostingRegressor(max_iter=3)).fit(table, spent(table))
    forest_serving.save("spent", model, table)
    assert main(["--model", "spent"]) == 0
    assert "equals spent_forest:" in capsys.readouterr().out


def test_the_model_may_come_from_the_environment(bentoml_home, monkeypatch, capsys):
    monkeypatch.setenv("FOREST_MODEL", "iris")
    assert main([]) == 0
    assert "equals iris_forest:" in capsys.readouterr().out


def test_explanations_that_were_changed_together_with_their_hash_are_no_proof(bentoml_home, model):
    explained = unpack(store.explanation(model.tag, model.card), model.engine)
    doubled = Explained(explained.forest, changed(explained.cover, 1, 2 * explained.cover[1]))
    card = msgspec.structs.replace(model.card, name="doubled")
    store.save(card, *of(model), pack(doubled, model.engine))
    with pytest.raises(ProofFailed, match="stored for explanations differs from the model: node 1 was reached by"):
        main(["--model", "doubled"])


def test_a_model_without_explanations_is_proved_without(bentoml_home, model, capsys):
    store.save(msgspec.structs.replace(model.card, name="mute", explanation_sha256=""), *of(model))
    assert main(["--model", "mute"]) == 0
    assert "; nothing is stored for explanations (" in capsys.readouterr().out


def of(model):
    """Return the forest and the engine of a model."""
    return store.load_forest(model.card), model.engine


def test_without_a_model_the_command_asks_for_one():
    with pytest.raises(OperatorError, match="Name the model to prove: --model churn, or FOREST_MODEL=churn"):
        main([])


def test_a_model_that_is_not_there_is_one_sentence(bentoml_home):
    with pytest.raises(ModelMissing, match='No model "missing_compiled"'):
        main(["--model", "missing"])
