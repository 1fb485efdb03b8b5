"""A regressor's answers are the numbers that scikit-learn predicts, and JSON of them loses nothing."""

import asyncio
import sys

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forest_serving.models.answers import Numbers
from tests.support import regression


@pytest.mark.parametrize("n_rows", [1, 10, len(regression.ROWS)])
def test_predictions_are_what_model_predict_returns(regressor, n_rows):
    rows = regression.ROWS[:n_rows]
    expected = regression.forest().predict(rows).tolist()
    for form in (rows, rows.tolist()):
        found = list(regressor.answer(form).predictions())
        assert found == expected
        assert set(map(type, found)) == {float}


def test_rows_that_take_several_turns_are_answered_alike(regressor):
    rows = np.resize(regression.ROWS, (5 * regressor.engine.turn_rows, 10))
    assert not regressor.is_quick(rows)
    found = asyncio.run(regressor.answer_in_turns(rows)).prediction_array()
    assert (found == regression.forest().predict(rows)).all()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_json_holds_every_finite_number_in_its_shortest_form(values):
    for form in (values, np.array(values)):
        text = msgspec.json.encode(Numbers(form).predictions())
        assert msgspec.json.decode(text, type=list[float]) == values
        assert len(text) <= len(repr(values).replace(" ", ""))


@pytest.mark.parametrize("form", [list, np.array])
def test_arrays_of_predictions_are_doubles(form):
    found = Numbers(form([3.25, -sys.float_info.max])).prediction_array()
    assert (found.dtype.str, found.tolist()) == ("<f8", [3.25, -sys.float_info.max])
