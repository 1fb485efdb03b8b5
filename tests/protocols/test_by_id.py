"""Rows by id: {"ids": [...]} is answered as the rows that are stored under the ids would be."""

import asyncio
import json

import msgspec
import numpy as np
import pytest

from tests.support.cards import CHURN, CLASSES, NAMES, card, feature
from tests.support.in_process import Recorder, answer_of, gateway_of

IRIS = {"a17": [5.1, 3.5, 1.4, 0.2], "b3": [-6.7, 3.0, 5.2, 2.3], "ü/ß": [1.0, 2.0, 3.0, 4.0]}


class Stored(dict):
    """Records that are found at once, or after a while."""

    def __init__(self, records, waits):
        super().__init__(records)
        self.waits = waits

    def find(self, ids):
        found = [self.get(id) for id in ids]
        return self._later(found) if self.waits else found

    async def _later(self, found):
        return found


def stored(rows, waits=False, names=NAMES):
    return Stored({id: msgspec.json.encode(dict(zip(names, row, strict=True))) for id, row in rows.items()}, waits)


@pytest.fixture(params=[False, True], ids=["at once", "after a while"])
def features(request):
    return stored(IRIS, request.param)


async def ask(features, body, path="/predict", model=None, **variables):
    gateway = gateway_of(model or Recorder(card()), features, **variables)
    status, _, reply = await answer_of(gateway, "POST", path, body=msgspec.json.encode(body))
    return status, json.loads(reply)


def asked(*args, **options):
    return asyncio.run(ask(*args, **options))


def test_ids_are_answered_in_their_order(features):
    assert asked(features, {"ids": ["a17", "b3", "a17"]}) == (200, {"predictions": [1, 0, 1]})


def test_probabilities_are_given_by_id_too(features):
    status, reply = asked(features, {"ids": ["b3"]}, "/predict_proba")
    assert (status, reply["labels"], reply["probabilities"]) == (200, ["setosa"], [[1.0, 0.0, 0.0]])


@pytest.mark.parametrize("n_ids", [2, 11, 2_500])
def test_the_model_gets_the_stored_numbers(features, n_ids):
    model = Recorder(card())
    asked(features, {"ids": ["a17", "ü/ß"] * (n_ids // 2) + ["b3"] * (n_ids % 2)}, model=model)
    assert model.rows[:2].tolist() == [IRIS["a17"], IRIS["ü/ß"]]
    assert len(model.rows) == n_ids


def test_open_inference_takes_an_input_called_id(features):
    body = {"inputs": [{"name": "id", "datatype": "BYTES", "shape": [2], "data": ["b3", "a17"]}]}
    status, reply = asked(features, body, "/v2/models/iris/infer")
    assert (status, reply["outputs"][0]["data"]) == (200, [0, 1])


def test_open_inference_takes_ids_as_bytes(features):
    head = msgspec.json.encode(
        {"inputs": [{"name": "id", "datatype": "BYTES", "shape": [1, 1], "parameters": {"binary_data_size": 7}}]}
    )
    gateway = gateway_of(Recorder(card()), features)
    headers = [(b"inference-header-content-length", b"%d" % len(head))]
    body = head + b"\x03\0\0\0a17"
    status, _, reply = asyncio.run(answer_of(gateway, "POST", "/v2/models/iris/infer", headers, body))
    assert (status, json.loads(reply)["outputs"][0]["data"]) == (200, [1])


def test_unknown_ids_are_named_up_to_ten_and_nothing_is_predicted(features):
    model = Recorder(card())
    status, reply = asked(features, {"ids": ["a17", *(f"x{n}" for n in range(12))]}, model=model)
    assert status == 404
    assert '"x9" and 2 more' in reply["error"]
    assert reply["detail"][0]["loc"] == ["ids", 1]
    assert model.rows.tolist() == [list(model.card.example)]  # which OpenAPI's example asked


def test_unknown_ids_are_named_whole_and_once(features):
    """Many ids begin alike, and a client that repeats one must still learn of the others."""
    begin = "urn:example:customers:region-eu-west-1:2026:"
    _, reply = asked(features, {"ids": [f"{begin}1"] * 10 + ["a17", f"{begin}2"]})
    assert reply["error"].startswith(f'Nothing is stored under "{begin}1", "{begin}2", and so')


def test_the_id_of_an_unfit_row_is_named_whole():
    id = "urn:example:customers:region-eu-west-1:2026:17"
    _, reply = asked(stored({id: ["text", 3.5, 1.4, 0.2]}), {"ids": [id]})
    assert f'"{id}"' in reply["error"]


def test_unknown_ids_get_null_where_that_is_asked_for(features):
    reply = asked(features, {"ids": ["x", "b3", "y", "a17"]}, "/predict?missing=null")
    assert reply == (200, {"predictions": [None, 0, None, 1]})


def test_all_fields_have_null_where_that_is_asked_for(features):
    status, reply = asked(features, {"ids": ["x", "b3"]}, "/predict_proba?missing=null")
    assert (status, reply) == (
        200,
        {"predictions": [None, 0], "labels": [None, "setosa"], "probabilities": [None, [1.0, 0.0, 0.0]]},
    )


def test_null_is_given_where_no_id_is_known(features):
    assert asked(features, {"ids": ["x"]}, "/predict?missing=null") == (200, {"predictions": [None]})


def test_a_query_that_means_nothing_is_refused(features):
    status, reply = asked(features, {"ids": ["x"]}, "/predict?missing=nul")
    assert (status, "?missing=null" in reply["error"]) == (400, True)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (b'{"sepal_length": 1, "sepal_width": 2, "petal_length": 3}', '"petal_width"'),
        (b'{"sepal_length": 1, "sepal_width": "2", "petal_length": 3, "petal_width": 4}', '"sepal_width"'),
        (b'{"sepal_length": 1, "sepal_width": null, "petal_length": 3, "petal_width": 4}', '"sepal_width"'),
        (b"[1, 2, 3, 4]", "JSON object"),
        (b"\xff", "JSON object"),
        (b"", "JSON object"),
    ],
)
def test_a_stored_row_that_does_not_fit_is_named(features, record, words):
    features["bad"] = record
    status, reply = asked(features, {"ids": ["a17", "bad"]})
    assert status == 422
    assert '"bad"' in reply["error"]
    assert words in reply["error"]


def test_names_of_the_training_data_will_do(features):
    features["old"] = msgspec.json.encode(
        {"sepal length (cm)": 1, "sepal width (cm)": 2, "petal length (cm)": 3, "petal width (cm)": 4, "more": "x"}
    )
    assert asked(features, {"ids": ["old", "a17"]}) == (200, {"predictions": [1, 1]})


@pytest.mark.parametrize("ids", [["odd"], ["odd", "own"], ["odd", "raw"], ["odd"] * 20])
def test_what_is_read_does_not_depend_on_the_rows_beside_it(ids):
    raw = dict(
        zip(["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"], [1] * 4, strict=True)
    )
    records = {"raw": raw, "odd": raw | {"sepal_length": 9}, "own": dict(zip(NAMES, IRIS["b3"], strict=True))}
    model = Recorder(card())
    asked(Stored({id: msgspec.json.encode(each) for id, each in records.items()}, False), {"ids": ids}, model=model)
    assert np.asarray(model.rows)[0].tolist() == [9, 1, 1, 1]


def test_categories_and_gaps_are_stored_as_they_are_sent():
    names = [feature.name for feature in CHURN.features]
    features = stored({"c": [12.0, None, "premium", 8, True]}, names=names)
    model = Recorder(CHURN)
    assert asked(features, {"ids": ["c"]}, model=model) == (200, {"predictions": ["yes, soon"]})
    assert str(model.rows.tolist()) == "[[12.0, nan, 1.0, -1.0, 1.0]]"


def test_a_category_that_nobody_knows_is_named():
    names = [feature.name for feature in CHURN.features]
    status, reply = asked(
        stored({"c": [12.0, 1.0, "gold", 7, True]}, names=names), {"ids": ["c"]}, model=Recorder(CHURN)
    )
    assert (status, '"plan"' in reply["error"], '"c"' in reply["error"]) == (422, True, True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"ids": []}, "at least one"),
        ({"ids": "a17"}, "list of ids"),
        ({"ids": [17]}, "a number; send it as text"),
        ({"ids": ["a17", ""]}, "Id 1 is empty"),
        ({"ids": ["ü" * 129]}, "258 bytes"),
        ({"ids": ["a17"], "instances": [[1, 2, 3, 4]]}, "either"),
        ({"ids": ["a17"], "more": 1}, "more"),
    ],
)
def test_ids_that_cannot_be_looked_up_are_refused(features, body, words):
    status, reply = asked(features, body)
    assert (status, words in reply["error"]) == (400, True)


def test_half_a_character_is_refused(features):
    body = rb'{"ids": ["\ud800"]}'
    status, _, _ = asyncio.run(answer_of(gateway_of(Recorder(card()), features), "POST", "/predict", body=body))
    assert status == 400


def test_there_may_be_as_many_ids_as_rows(features):
    assert asked(features, {"ids": ["a17"] * 3}, FOREST_MAX_ROWS="3")[0] == 200
    assert asked(features, {"ids": ["a17"] * 4}, FOREST_MAX_ROWS="3")[0] == 413


@pytest.mark.parametrize("query", ["%C3%BE=1", "x=%FF", "%FF", "&&=&"])
def test_a_query_that_asks_for_nothing_else_does_no_harm(features, query):
    assert asked(features, {"ids": ["a17"]}, f"/predict?{query}") == (200, {"predictions": [1]})


def test_without_a_store_the_error_names_the_variable():
    status, reply = asked(None, {"ids": ["a17"]})
    assert (status, "FOREST_FEATURES" in reply["error"]) == (400, True)


def test_a_category_called_ids_is_no_id():
    features = stored({}, names=[])
    model = Recorder(CHURN)
    status, reply = asked(features, {"instances": [[1.0, 2.0, "ids", 7, True]]}, model=model)
    assert (status, "plan" in reply["error"]) == (400, True)


def test_names_of_any_characters_can_be_stored():
    odd = card(features=(feature('net, "dry"'), feature("a\\b")), classes=CLASSES)
    features = stored({"x": [1.0, 2.0]}, names=['net, "dry"', "a\\b"])
    assert asked(features, {"ids": ["x"] * 20}, model=Recorder(odd)) == (200, {"predictions": [1] * 20})
