"""Keeping models: damage and foreign files are refused with a sentence, before anything in them is used."""

import re
import shutil
from pathlib import Path

import bentoml
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

from forest_serving.engines.archive import pack
from forest_serving.engines.compile import compile_forest
from forest_serving.errors import DamagedModel, ModelMissing
from forest_serving.models import store as model_store
from forest_serving.schema import CLASS_NAMES, FEATURES

METADATA = {
    "features": [feature.name for feature in FEATURES],
    "classes": list(CLASS_NAMES),
    "feature_ranges": {feature.name: [0.0, 8.0] for feature in FEATURES},
    "training": {},
}


@pytest.fixture
def forest():
    """Return a small forest."""
    return RandomForestClassifier(3, random_state=0).fit(*load_iris(return_X_y=True))


def save(name, forest, **changes):
    """Save a forest with metadata, some of it changed; return the compiled model's tag."""
    return model_store.save(name, forest, compile_forest(forest).engine, METADATA | changes)[1]


def test_what_was_saved_is_what_is_loaded(bentoml_home, forest):
    model = model_store.load(save("kept", forest))
    assert pack(model.engine) == pack(compile_forest(forest).engine)
    assert model_store.load_forest(model.metadata["forest"]).n_estimators == 3


@pytest.mark.parametrize(
    ("tag", "remedy"),
    [
        ("missing_compiled", "python train_and_save.py --model-name missing"),
        ("missing_compiled:latest", "python train_and_save.py --model-name missing"),
        ("iris_compiled:v0", "bentoml models list, and set FOREST_MODEL"),
        ("iris", "bentoml models list, and set FOREST_MODEL"),
    ],
)
def test_a_missing_model_is_one_sentence_with_the_command(bentoml_home, tag, remedy):
    with pytest.raises(ModelMissing, match=re.escape(f'No model "{tag}" in the BentoML store. Run: {remedy}')):
        model_store.check(tag)


@pytest.mark.parametrize(
    "damage", [lambda file: file[:-1], lambda file: b"", lambda file: file[:500] + bytes([file[500] ^ 1]) + file[501:]]
)
def test_a_damaged_file_is_refused(bentoml_home, forest, damage):
    tag = save("damaged", forest)
    path = Path(bentoml.models.get(tag).path_of(model_store.ENGINE_FILE))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedModel, match="is not the one that was saved"):
        model_store.check(tag)


def test_a_model_of_another_origin_is_refused(bentoml_home):
    with bentoml.models.create("foreign_compiled") as model:
        pass
    with pytest.raises(DamagedModel, match=r"was not saved by train_and_save\.py"):
        model_store.load(str(model.tag))


@pytest.mark.parametrize("text", ["", " : [", "creation_time: x", "\0"])
def test_a_model_whose_description_is_damaged_is_refused(bentoml_home, forest, text):
    tag = save("described", forest)
    folder = Path(bentoml.models.get(tag).path)
    (folder / "model.yaml").write_text(text)
    try:
        with pytest.raises(DamagedModel, match=r"cannot be read .* Run: "):
            model_store.check(tag)
        assert model_store.newest_metadata("described") == {}
    finally:
        shutil.rmtree(folder)  # BentoML cannot list a store with such a model in it


@pytest.mark.parametrize("key", ["features", "classes"])
def test_a_model_for_another_schema_is_refused(bentoml_home, forest, key):
    with pytest.raises(DamagedModel, match=rf'has the {key} \["other"\], but this code expects'):
        model_store.check(save("other", forest, **{key: ["other"]}))


def test_a_model_of_another_format_is_refused_before_a_worker_would_fail_on_it(bentoml_home, forest, monkeypatch):
    monkeypatch.setattr(model_store, "FORMAT", 0)
    tag = save("outdated", forest)
    monkeypatch.undo()
    with pytest.raises(DamagedModel, match=r"has the format 0, but this code expects 1\. Run: bentoml models"):
        model_store.check(tag)


def test_a_model_with_other_labels_is_refused(bentoml_home):
    data, target = load_iris(return_X_y=True)
    with pytest.raises(DamagedModel, match="other inputs or labels"):
        model_store.load(save("labels", RandomForestClassifier(3, random_state=0).fit(data, target + 1)))


def test_both_models_are_saved_or_neither(bentoml_home, forest):
    """A write that fails half-way, as on a full disk, leaves no forest without its compiled model."""
    with pytest.raises(ValueError, match="metadata"):
        save("half", forest, training=object())
    assert not [model for model in bentoml.models.list() if model.tag.name.startswith("half")]
