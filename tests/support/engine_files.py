"""Packed engines, and what must happen when such a file is damaged."""

import copy
import io
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import settings

from forest_serving.engines.archive import ENGINES, pack, unpack
from forest_serving.errors import DamagedModel
from tests.support.compiled import compiled
from tests.support.forests import WORDS, fit_dataset

SENTENCE = r"^[A-Z][^.]* .*\.$"

never_hangs = settings(max_examples=300, deadline=timedelta(seconds=5))


def packed_engine(kind: str) -> bytes:
    """Return the file of a small engine, always the same."""
    forest = copy.copy(fit_dataset("iris", n_trees=5, max_depth=3).forest)
    forest.classes_ = WORDS[forest.classes_]  # strings have more ways to be wrong
    return pack(compiled(forest, kind))


FILES = {kind: packed_engine(kind) for kind in ENGINES}
ARRAYS = {kind: dict(np.load(io.BytesIO(file))) for kind, file in FILES.items()}


def file_of(arrays: dict[str, np.ndarray]) -> bytes:
    """Return arrays as a file, whatever they hold."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def assert_damaged(file: bytes) -> None:
    """Check that a file is refused with a sentence."""
    with pytest.raises(DamagedModel, match=SENTENCE):
        unpack(file)


def assert_refused_or_in_shape(file: bytes) -> None:
    """Check that a file is refused with a sentence, or gives an engine that answers any row."""
    try:
        engine = unpack(file)
    except DamagedModel as refusal:
        assert str(refusal).endswith(".")
        return
    rows = np.random.default_rng(0).normal(size=(7, engine.n_features))
    with np.errstate(all="ignore"):  # the probabilities are not checked here; proof.py does that
        assert engine.predict_proba(rows).shape == (7, len(engine.classes))
        assert {engine.predict_one(row) for row in rows.tolist()} <= set(engine.classes.tolist())
