"""What explanations need is kept beside the engine, is checked when it is read, and can be missing."""

import msgspec
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier

from forest_serving.engines.compile import compile_model
from forest_serving.errors import DamagedModel
from forest_serving.explain.archive import Explained, pack, unpack
from forest_serving.explain.explainer import Explainer
from forest_serving.explain.saving import covers_of, explanation_of
from forest_serving.models import store
from tests.support.cards import card
from tests.support.compiled import inputs_of

X, Y = load_iris(return_X_y=True)


@pytest.fixture(scope="module", params=["decision_table", "forest"])
def saved(request):
    """Return an engine of each kind, and what saving writes beside it."""
    inputs = inputs_of(RandomForestClassifier(5, random_state=0).fit(X, Y))
    engine = compile_model(inputs, request.param).engine
    return engine, explanation_of(inputs, engine), covers_of(inputs)


def test_what_is_read_is_what_was_written(saved):
    engine, file, cover = saved
    assert np.array_equal(unpack(file, engine).cover, cover)


def test_equal_models_give_equal_bytes(saved):
    engine, file, _ = saved
    assert pack(unpack(file, engine), engine) == file


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_covers_that_nothing_can_be_divided_by_are_damaged(saved, value):
    engine, file, cover = saved
    changed = cover.copy()
    changed[3] = value
    with pytest.raises(DamagedModel):
        unpack(pack(Explained(unpack(file, engine).forest, changed), engine), engine)


def test_any_other_file_is_damaged(saved):
    engine, file, cover = saved
    shorter = pack(Explained(unpack(file, engine).forest, cover[:-1]), engine)
    for other in (b"", file[: len(file) // 2], shorter):
        with pytest.raises(DamagedModel):
            unpack(other, engine)


def test_fractions_of_rows_are_kept_to_the_bit():
    inputs = inputs_of(GradientBoostingRegressor(n_estimators=3).fit(X, Y, sample_weight=Y + 0.1))
    engine = compile_model(inputs, "forest").engine
    assert np.array_equal(unpack(explanation_of(inputs, engine), engine).cover, covers_of(inputs))


def test_a_changed_file_in_the_store_is_found_out(model):
    assert store.explanation(model.tag, model.card)
    card = msgspec.structs.replace(model.card, explanation_sha256="0" * 64)
    with pytest.raises(DamagedModel, match="not what was saved"):
        store.explanation(model.tag, card)


def test_the_file_is_read_at_the_first_explanation_only(saved):
    engine, file, _ = saved
    reads = []
    explainer = Explainer(card(), engine, lambda: reads.append(1) or file)
    assert not explainer.is_loaded
    explainer.load()
    explainer.load()
    assert reads == [1]
