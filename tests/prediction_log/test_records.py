"""A record has what the client sent and what it got, in the client's own words."""

import msgspec
import numpy as np
import pytest

from forest_serving.card import UNKNOWN
from forest_serving.prediction_log.records import parts_of
from tests.prediction_log.logs import recorder
from tests.support.cards import CHURN, card
from tests.support.regression import regression_card

NAN = float("nan")
MOMENT = 1_700_000_000.25
ROW = [12.0, 70.5, 1.0, 1.0, 1.0]


def noted(rows, results, as_array=False, request_id=b"id", duration_s=0.0012345678):
    kind = np.array if as_array else list
    return (MOMENT, request_id, "/predict", duration_s, (kind(rows), kind(results)))


def made(model, *requests, without=(), most_rows=1_000):
    """Return the records of some requests, as a reader of the file gets them."""
    made = recorder(model, without)
    found = [record for parts in parts_of(requests, most_rows) for record in made.records(parts)]
    return [msgspec.json.decode(msgspec.json.encode(record)) for record in found]


@pytest.mark.parametrize("as_array", [False, True])
def test_a_row_is_told_as_it_was_sent(as_array):
    (record,) = made(CHURN, noted([ROW], [1], as_array))
    assert record == {
        "time": "2023-11-14T22:13:20.250000Z",
        "request_id": "id",
        "row": 0,
        "model": "churn",
        "version": "v1",
        "endpoint": "/predict",
        "duration_s": 0.0012346,
        "features": {"tenure": 12.0, "charges": 70.5, "plan": "premium", "region": 7, "paperless": True},
        "prediction": "yes, soon",
        "probabilities": [0.0, 1.0],
    }


def test_a_missing_value_is_null_be_it_a_number_or_a_category():
    (record,) = made(CHURN, noted([[12.0, NAN, 0.0, NAN, 0.0]], [0]))
    assert record["features"] == {"tenure": 12.0, "charges": None, "plan": "basic", "region": None, "paperless": False}
    assert "unknown" not in record


def test_a_category_that_the_model_does_not_know_is_told_apart_from_a_missing_one():
    first, second = made(CHURN, noted([[12.0, 1.0, 0.0, UNKNOWN, 0.0], ROW], [0, 0]))
    assert (first["features"]["region"], first["unknown"]) == (None, ["region"])
    assert "unknown" not in second


def test_a_regressor_s_number_has_no_probabilities():
    (record,) = made(regression_card(), noted([[0.5] * 10], [151.25]))
    assert record["prediction"] == 151.25
    assert "probabilities" not in record


@pytest.mark.parametrize("name", ["charges", "Plan type"])
def test_a_column_is_left_out_by_any_of_its_names(name):
    (record,) = made(CHURN, noted([ROW], [0]), without=[name])
    assert len(record["features"]) == 4
    assert not {"charges", "plan"} <= set(record["features"])


def test_all_columns_may_be_left_out():
    (record,) = made(CHURN, noted([ROW], [0]), without=[feature.name for feature in CHURN.features])
    assert record["features"] == {}


@pytest.mark.parametrize("most_rows", [1, 3, 7, 1_000])
def test_rows_are_numbered_within_their_request_however_they_are_divided(most_rows):
    requests = [
        noted([[float(n), 0.0, 0.0, 0.0, 0.0] for n in range(length)], [0] * length, as_array, b"%d" % number)
        for number, (length, as_array) in enumerate([(1, False), (9, True), (2, False), (5, True)])
    ]
    records = made(CHURN, *requests, most_rows=most_rows)
    assert [(each["request_id"], each["row"]) for each in records] == [
        (str(number), row) for number, length in enumerate([1, 9, 2, 5]) for row in range(length)
    ]
    assert [each["features"]["tenure"] for each in records] == [each["row"] for each in records]


def test_a_column_may_be_called_as_a_word_of_python_is():
    pairs = zip(CHURN.features, NAMES, strict=True)
    odd = [msgspec.structs.replace(feature, name=name, spellings=()) for feature, name in pairs]
    (record,) = made(card("odd", tuple(odd), CHURN.classes), noted([ROW], [0]))
    assert list(record["features"]) == NAMES


NAMES = ["class", "1st", "for", "None", "self"]
