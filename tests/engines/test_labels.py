"""Labels are what model.predict returns: whole numbers, floats, booleans or text; others are refused with a fix."""

import copy

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from forest_serving.engines.archive import pack, unpack
from forest_serving.engines.labels import KINDS, plain
from forest_serving.errors import NotCompilable
from tests.support.compiled import compiled, proved

ROWS = [[0.0], [1.0], [2.0], [3.0]]
LABELS = {
    "whole numbers": [7, 7, -3, -3],
    "bytes": np.array([1, 1, 200, 200], np.uint8),
    "floats": [0.0, 0.0, 2.0, 2.0],
    "short floats": np.array([0, 0, 2, 2], np.float16),
    "long floats": np.array([0, 0, 2, 2], np.longdouble),
    "booleans": [True, True, False, False],
    "text": ["no", "no", "yes", "yes"],
    "objects": np.array(["no", "no", "yes", "yes"], dtype=object),
    "a column of text": pd.Series(["no", "no", "yes", "yes"]),
    "a column of categories": pd.Series(["no", "no", "yes", "yes"], dtype="category"),
    "a column of booleans": pd.Series([True, True, False, False]),
}
OBJECTS = {
    "booleans": (np.array([False, True], dtype=object), [False, True]),
    "NumPy's booleans": (np.array([np.False_, np.True_, 0], dtype=object)[:2], [False, True]),
    "NumPy's text": (np.array([np.str_("a"), "b"], dtype=object), ["a", "b"]),
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_an_unpacked_engine_predicts_what_the_forest_does(kind, labels):
    forest = RandomForestClassifier(3, bootstrap=False, random_state=0).fit(ROWS, labels)
    engine = unpack(pack(compiled(forest, kind)))
    assert engine.predict(np.array(ROWS)).tolist() == forest.predict(ROWS).tolist() == list(labels)
    assert type(engine.predict_one([0.0])) in {int, float, bool, str}
    assert proved(engine, forest)


@pytest.mark.parametrize(("objects", "labels"), OBJECTS.values(), ids=OBJECTS)
def test_objects_of_one_kind_become_numpys_own(objects, labels):
    """In a file, objects would need a pickle."""
    assert plain(objects).tolist() == labels
    assert plain(objects).dtype.kind in KINDS


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.array(["a", 1], dtype=object), "The labels are of several kinds (int, str); use "),
        (np.array([True, 2], dtype=object), "The labels are of several kinds (bool, int); use "),
        (np.array(["a", None], dtype=object), "The labels are of several kinds (NoneType, str); use "),
        (np.array([b"a", b"b"]), "Labels of the kind bytes cannot be compiled; use "),
        (np.array([0, 1], "M8[D]"), "Labels of the kind date cannot be compiled; use "),
        (np.array([0, 1j]), "Labels of the kind complex cannot be compiled; use "),
        (np.array([0, 2**63], np.uint64), "A label is beyond 64 bits with a sign; "),
        (np.array([0.0, np.nan]), "A label is not a finite number; "),
        (np.array([0.0, np.inf]), "A label is not a finite number; "),
        (np.array(["a", "a\0"], dtype=object), "A label ends in the character \\0, which cannot be kept; "),
    ],
)
def test_other_labels_are_refused_with_the_way_out(forest, kind, labels, sentence):
    with_labels = copy.copy(forest)
    with_labels.classes_ = labels
    with pytest.raises(NotCompilable) as refusal:
        compiled(with_labels, kind)
    assert str(refusal.value).startswith(sentence)
    assert str(refusal.value).endswith(" again.")
