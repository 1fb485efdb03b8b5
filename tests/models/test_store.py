"""Keeping models: damage and foreign files are refused with a sentence, before anything in them is used."""

import re
import shutil
from pathlib import Path

import bentoml
import pytest
from sklearn.ensemble import RandomForestClassifier

from forest_serving.card import Category
from forest_serving.engines.archive import pack
from forest_serving.errors import DamagedModel, ModelMissing
from forest_serving.models import reading
from forest_serving.models import store as model_store
from tests.support.compiled import compiled
from tests.support.models import CULTIVARS, ROWS, TARGET, card_of


@pytest.fixture(autouse=True)
def home(bentoml_home):
    """Use the tests' own store."""
    return bentoml_home


def forest(labels=TARGET):
    """Return a small forest."""
    return RandomForestClassifier(3, max_depth=2, random_state=0).fit(ROWS, labels)


def save(name, fitted=None, **changes):
    """Save a forest with its card, some of it changed; return the compiled model's tag."""
    fitted = fitted or forest()
    return model_store.save(card_of(name, fitted, **changes), fitted, compiled(fitted))[1]


@pytest.mark.parametrize(
    "labels", [TARGET, TARGET.astype(float), TARGET == 1, CULTIVARS[TARGET]], ids=["int", "float", "bool", "text"]
)
def test_what_was_saved_is_what_is_loaded(labels):
    fitted = forest(labels)
    model = model_store.load(save("kept", fitted))
    assert pack(model.engine) == pack(compiled(fitted))
    assert [(type(label), label) for label in model.card.labels] == [(type(x), x) for x in fitted.classes_.tolist()]
    assert model_store.load_forest(model.card).n_estimators == 3


def test_the_metadata_is_the_card_with_what_saving_knows_filled_in():
    stored = model_store.read(save("told", report={"accuracy": 0.97}))
    expected = card_of(
        "told",
        forest(),
        report={"accuracy": 0.97},
        engine=compiled(forest()).kind,
        engine_sha256=stored.card.engine_sha256,
        forest=stored.card.forest,
        forest_sha256=stored.card.forest_sha256,
    )
    assert stored.card == expected == model_store.newest_card("told")
    assert stored.card.forest.startswith("told_forest:")


def test_the_newest_model_is_read_where_no_version_is_named():
    save("again")
    newest = save("again")
    assert model_store.read("again_compiled").tag == newest
    assert model_store.newest_card("never_saved") is None


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("wine", "wine_compiled"),
        ("wine_compiled", "wine_compiled"),
        ("wine:abc", "wine_compiled:abc"),
        ("wine_compiled:abc", "wine_compiled:abc"),
        ("wine:latest", "wine_compiled:latest"),
    ],
)
def test_a_models_name_is_enough(text, tag):
    assert model_store.compiled_tag(text) == tag


@pytest.mark.parametrize(
    ("tag", "advice"),
    [
        ("missing_compiled", 'Save one with forest_serving.save("missing", …), or run: python -m forest_serving save'),
        ("missing_compiled:latest", 'Save one with forest_serving.save("missing", …), or run: '),
        ("missing_compiled:v0", 'Choose one that is there: "bentoml models list" shows them.'),
        ("missing", 'Choose one that is there: "bentoml models list" shows them.'),
    ],
)
def test_a_missing_model_is_one_sentence_with_the_way_out(tag, advice):
    with pytest.raises(ModelMissing, match=re.escape(f'No model "{tag}" in the BentoML store. {advice}')):
        model_store.read(tag)


def test_whoever_asks_can_name_the_command_that_makes_the_model():
    with pytest.raises(ModelMissing, match=r"in the BentoML store\. Run: python train_and_save\.py$"):
        model_store.read("missing_compiled", "python train_and_save.py")


@pytest.mark.parametrize("tag", ["../up", "a b", "x" * 64, ":", "wine_compiled:", "wine_compiled:../x"])
def test_a_tag_that_no_model_can_have_is_one_sentence(tag):
    with pytest.raises(ModelMissing, match="No model can have the tag"):
        model_store.read(tag)


@pytest.mark.parametrize(
    "damage", [lambda file: file[:-1], lambda file: b"", lambda file: file[:500] + bytes([file[500] ^ 1]) + file[501:]]
)
def test_a_damaged_file_is_refused(damage):
    tag = save("damaged")
    path = Path(bentoml.models.get(tag).path_of(model_store.ENGINE_FILE))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedModel, match="is not the one that was saved"):
        model_store.read(tag)


def test_a_model_of_another_origin_is_refused():
    with bentoml.models.create("foreign_compiled") as model:
        pass
    with pytest.raises(DamagedModel, match=r"The card of model .* cannot be used: it has no model card"):
        model_store.load(str(model.tag))
    assert model_store.newest_card("foreign") is None


@pytest.mark.parametrize("text", ["", " : [", "creation_time: x", "\0"])
def test_a_model_whose_description_is_damaged_is_refused(text):
    tag = save("described")
    folder = Path(bentoml.models.get(tag).path)
    (folder / "model.yaml").write_text(text)
    try:
        with pytest.raises(DamagedModel, match="cannot be read"):
            model_store.read(tag)
        assert model_store.newest_card("described") is None
    finally:
        shutil.rmtree(folder)  # BentoML cannot list a store with such a model in it


def test_a_model_of_another_format_is_refused_before_a_worker_would_fail_on_it(monkeypatch):
    for module in (model_store, reading):
        monkeypatch.setattr(module, "FORMAT", 0)
    tag = save("outdated")
    monkeypatch.undo()
    with pytest.raises(DamagedModel, match=rf"has the format 0, but this software reads {reading.FORMAT}\. "):
        model_store.read(tag)


@pytest.mark.parametrize("labels", [(0, 1), (1, 2, 3), (0.0, 1.0, 2.0), ("0", "1", "2")])
def test_a_model_whose_card_tells_of_other_labels_is_refused(labels):
    """Also of labels that Python takes for equal: 1.0 is written otherwise than 1."""
    classes = tuple(Category(label=label, name=str(label)) for label in labels)
    with pytest.raises(DamagedModel, match="other inputs or labels than its card"):
        model_store.load(save("labels", classes=classes))


def test_both_models_are_saved_or_neither():
    """A write that fails half-way, as on a full disk, leaves no forest without its compiled model."""
    with pytest.raises(TypeError, match="unsupported"):
        save("half", provenance={"data": object()})
    assert not [model for model in bentoml.models.list() if model.tag.name.startswith("half")]
