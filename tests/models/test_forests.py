"""The forest is a pickle: it is loaded only if it is the one that was saved."""

import shutil

import bentoml
import msgspec
import pytest

from forest_serving.errors import DamagedModel, ModelMissing
from forest_serving.models import store
from forest_serving.models.reading import sha256
from forest_serving.training.prove_command import main
from tests.support.faults import MODEL, Saver


class Bomb:
    """What tells that it was loaded."""

    def __reduce__(self):
        return exec, ("raise SystemExit('a pickle was loaded')",)


@pytest.fixture
def saved(bentoml_home):
    """Return the card of a model and the file of its forest."""
    card = store.read(Saver().save()).card
    file = bentoml_home / "models" / card.forest.replace(":", "/") / "saved_model.pkl"
    yield card, file
    for name in (MODEL, "crashed_forest"):
        shutil.rmtree(bentoml_home / "models" / name)


def test_the_card_holds_the_hash_of_the_file(saved):
    card, file = saved
    assert card.forest_sha256 == sha256(file.read_bytes())
    assert store.load_forest(card).n_estimators == bentoml.sklearn.load_model(card.forest).n_estimators == 2


def test_another_pickle_is_not_loaded(saved):
    import joblib

    _, file = saved
    joblib.dump(Bomb(), file)
    with pytest.raises(DamagedModel, match=r"is not loaded: it is not the one that was saved\. "):
        main(["--model", "crashed"])
    assert not store.is_whole("crashed")  # so the next training saves both again


def test_a_forest_whose_hash_was_not_kept_is_not_loaded(saved):
    """As of models that older versions saved."""
    with pytest.raises(DamagedModel, match=r"by an older version of this software\. Save the model crashed again\.$"):
        store.load_forest(msgspec.structs.replace(saved[0], forest_sha256=""))


@pytest.mark.parametrize("tag", ["gone_forest:v1", "", "../../etc", "a b"])
def test_a_forest_that_is_gone_is_one_sentence(saved, tag):
    with pytest.raises(ModelMissing, match="in the BentoML store; only the store that trained it has it"):
        store.load_forest(msgspec.structs.replace(saved[0], forest=tag))
