"""What is answered wherever two features go: the model's own answers, cell by cell, whatever the model."""

import asyncio
import gzip
import json

import numpy as np
import pandas as pd
import pytest

from forest_serving.web.easel import MOST_WAITING
from tests.support import regression
from tests.support.cards import CHURN, card, categories, feature
from tests.support.churn import customers
from tests.support.in_process import Recorder, answer_of, gateway_of, scope_of, sent_by
from tests.web.models import churn, large, many_classes

X = {"feature": "petal_length", "from": 1, "to": 6.9}
Y = {"feature": "petal_width", "from": 0.1, "to": 2.5}
IRIS = {"instance": [5.1, 3.5, 1.4, 0.2], "x": X, "y": Y, "columns": 40, "rows": 30}
WIDE = {"from": -3, "to": 3}
LARGE = json.dumps({"instance": [0] * 8, "x": WIDE | {"feature": "x0"}, "y": WIDE | {"feature": "x1"}}).encode()


def drawn(model, body, headers=(), **variables):
    """Return status, headers and body of a reply."""
    sent = json.dumps(body).encode()
    return asyncio.run(answer_of(gateway_of(model, **variables), "POST", "/ui/regions", headers, sent))


def cells(model, body, kind="u1"):
    """Return the cells that are drawn."""
    status, headers, content = drawn(model, body)
    assert (status, headers[b"content-type"]) == (200, b"application/octet-stream"), content
    return np.frombuffer(content, kind).reshape(int(headers[b"x-rows"]), int(headers[b"x-columns"]))


def centres(axis, n):
    """Return the centres of equal cells."""
    return axis["from"] + (np.arange(n) + 0.5) * (axis["to"] - axis["from"]) / n


def points(row, x, xs, y, ys):
    """Return the cells as rows, from the lowest y on."""
    rows = np.tile(np.array(row, object), (len(xs) * len(ys), 1))
    rows[:, x], rows[:, y] = np.tile(xs, len(ys)), np.repeat(ys, len(xs))
    return rows


async def turns_until(task):
    """Return how many turns others had until a task is done."""
    n_turns = 0
    while not task.done():
        await asyncio.sleep(0)
        n_turns += 1
    return n_turns


def test_each_cell_is_the_class_at_its_centre_row_by_row_from_the_lowest_y(model):
    rows = points(IRIS["instance"], 2, centres(X, 40), 3, centres(Y, 30)).astype(float)
    assert np.array_equal(cells(model, IRIS).ravel(), model.answer(rows).classes)


def test_who_takes_gzip_gets_the_same_cells_in_a_fraction_of_the_bytes(model):
    body = IRIS | {"columns": 400, "rows": 400}
    (_, _, plain), (_, headers, packed) = drawn(model, body), drawn(model, body, [(b"accept-encoding", b"br, gzip")])
    assert (headers[b"content-encoding"], gzip.decompress(packed)) == (b"gzip", plain)
    assert len(packed) < len(plain) / 20


def test_a_regressors_cells_are_its_numbers():
    names, row = regression.NAMES, regression.ROWS[0].tolist()
    x, y = ({"feature": names[n], "from": -0.1, "to": 0.1} for n in (2, 8))
    found = cells(regression.regressor(), {"instance": row, "x": x, "y": y, "columns": 50, "rows": 20}, "<f4")
    due = regression.forest().predict(points(row, 2, centres(x, 50), 8, centres(y, 20)).astype(float))
    assert np.array_equal(found.ravel(), due.astype("<f4"))


def test_more_than_256_classes_take_two_bytes_a_cell():
    fitted, model = many_classes()
    x, y = ({"feature": name, "from": -2, "to": 2} for name in "ab")
    found = cells(model, {"instance": [0, 0], "x": x, "y": y}, "<u2")
    assert found.shape == (400, 400)
    assert np.array_equal(
        found.ravel(), fitted.predict(points([0, 0], 0, centres(x, 400), 1, centres(y, 400)).astype(float))
    )
    assert found.max() > 256


def test_a_feature_with_categories_has_a_column_for_each_and_other_features_may_be_missing():
    fitted, model = churn()
    contract, charge = model.card.features[1], {"feature": "charge (EUR)", "from": 0, "to": 100}
    body = {"instance": [None, "year", 1, True, 2], "x": {"feature": "contract"}, "y": charge, "rows": 25}
    rows = points([np.nan, "", 0, True, 2], 1, contract.categories, 2, centres(charge, 25))
    table = pd.DataFrame(rows, columns=list(customers().columns.drop("customer"))).infer_objects()
    due = [model.card.labels.index(label) for label in fitted.predict(table)]
    assert np.array_equal(cells(model, body).ravel(), due)


def test_the_row_may_be_a_record_and_features_go_by_any_of_their_names(model):
    record = dict(zip([f.column for f in model.card.features], IRIS["instance"], strict=True))
    named = IRIS | {"instance": record, "x": X | {"feature": "petal length (cm)"}}
    assert np.array_equal(cells(model, named), cells(model, IRIS))


def test_an_axis_may_run_backwards(model):
    mirrored = cells(model, IRIS | {"x": X | {"from": X["to"], "to": X["from"]}})
    assert np.array_equal(mirrored[:, ::-1], cells(model, IRIS))


def test_others_have_their_turn_while_a_large_forest_is_drawn():
    """Each turn is about a millisecond; here it is enough that there are many."""

    async def turns_of_others():
        drawing = asyncio.ensure_future(answer_of(gateway_of(large()[1]), "POST", "/ui/regions", body=LARGE))
        n_turns = await turns_until(drawing)
        assert drawing.result()[0] == 200
        return n_turns

    assert asyncio.run(turns_of_others()) > 10


def test_a_picture_is_drawn_no_further_once_its_client_has_left_and_the_next_has_its_turn():
    gateway, leaving = gateway_of(large()[1]), asyncio.Event()

    async def sent_and_turns():
        drawing = asyncio.ensure_future(sent_by(gateway, scope_of("POST", "/ui/regions"), LARGE, leaving))
        for _ in range(5):
            await asyncio.sleep(0)
        leaving.set()
        n_turns = await turns_until(drawing)
        for _ in range(5):
            await asyncio.sleep(0)
        n_left = len(asyncio.all_tasks() - {asyncio.current_task()})
        status, _, _ = await answer_of(gateway, "POST", "/ui/regions", body=LARGE)
        return drawing.result(), n_turns < 10, n_left, status

    assert asyncio.run(sent_and_turns()) == ([], True, 0, 200)


def test_made_up_rows_are_not_counted(model):
    gateway = gateway_of(model)
    asyncio.run(answer_of(gateway, "POST", "/ui/regions", body=json.dumps(IRIS).encode()))
    asyncio.run(answer_of(gateway, "POST", "/predict", body=b'{"instances": [[1, 2, 3, 4]]}'))
    assert sum(gateway.monitor.read().predictions) == 1


@pytest.mark.parametrize(
    ("changes", "error", "loc"),
    [
        ({"instance": [1, 2, "3", 4]}, "row 0, number 2 (petal_length) is a string", ["instance", 2]),
        ({"instance": [1, 2]}, "row 0 has 2", ["instance"]),
        ({"x": None}, '"x" must be an object with a feature; send, for example, {"feature":"sepal_length"', ["x"]),
        ({"x": {"feature": ["a"]}}, '"x" must be an object with a feature', ["x"]),
        ({"y": {"feature": "weight"}}, '"y" names no feature; send one of sepal_length, sepal', ["y", "feature"]),
        ({"y": X}, '"x" and "y" must be different features.', ["y", "feature"]),
        ({"x": {"feature": "sepal_width"}}, '"x" needs "from", which must be a number from -3.4', ["x", "from"]),
        ({"x": X | {"to": True}}, '"x" needs "to", which must be a number', ["x", "to"]),
        ({"x": X | {"to": 10**400}}, '"x" needs "to", which must be a number', ["x", "to"]),
        ({"x": X | {"steps": 3}}, "The field 'steps' is unknown; send only", ["steps"]),
        ({"columns": 401}, '"columns" must be a whole number from 1 to 400.', ["columns"]),
        ({"rows": 0.5}, '"rows" must be a whole number from 1 to 400.', ["rows"]),
        ({"rows": True}, '"rows" must be a whole number from 1 to 400.', ["rows"]),
        ({"size": 1}, "The field 'size' is unknown", ["size"]),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_its_place(changes, error, loc):
    status, _, content = drawn(Recorder(card()), IRIS | changes)
    told = json.loads(content)
    assert status == 400
    assert error in told["error"]
    assert told["detail"][0]["loc"] == loc


@pytest.mark.parametrize("field", ["instance", "x", "y"])
def test_a_missing_field_is_named(field):
    body = {name: value for name, value in IRIS.items() if name != field}
    assert f'The field \\"{field}\\" is missing; send, for example,'.encode() in drawn(Recorder(card()), body)[2]


def test_categories_have_no_numbers_and_there_are_not_too_many_of_them():
    body = {"instance": [12, 70, "basic", 7, True], "x": {"feature": "plan", "from": 0, "to": 1}, "y": {"feature": "x"}}
    assert b"The field 'from' is unknown" in drawn(Recorder(CHURN), body)[2]
    many = card("many", (categories("town", *map(str, range(401))), feature("size")))
    body = {"instance": ["1", 2], "x": {"feature": "town"}, "y": {"feature": "size", "from": 0, "to": 1}}
    assert b'\\"town\\" has 401 categories, and a picture at most 400' in drawn(Recorder(many), body)[2]


def test_a_name_that_comes_twice_is_refused():
    body = json.dumps(IRIS).replace('"rows"', '"columns"').encode()
    reply = asyncio.run(answer_of(gateway_of(Recorder(card())), "POST", "/ui/regions", body=body))
    assert reply[0] == 400
    assert b"comes twice" in reply[2]


def test_a_model_of_one_feature_has_no_regions():
    assert drawn(Recorder(card("one", (feature("a"),))), IRIS)[0] == 404


def test_a_key_is_needed_where_keys_are_set():
    assert drawn(Recorder(card()), IRIS, FOREST_API_KEYS="secret")[0] == 401


TWO = {"instance": [1, 2], "x": {"feature": "a", "from": 0, "to": 1}, "y": {"feature": "b", "from": 0, "to": 1}}


class Counting(Recorder):
    """Counts the pictures that are drawn at the same time."""

    n_now = n_most = 0

    async def answer_plane(self, row, x, y):
        self.n_now += 1
        self.n_most = max(self.n_most, self.n_now)
        await asyncio.sleep(0)
        self.n_now -= 1
        return await super().answer_plane(row, x, y)


def drawn_together(n_pictures):
    """Ask for pictures at the same time; return the replies, and how many were drawn at the same time at most."""
    model = Counting(card("two", (feature("a"), feature("b"))))
    gateway, body = gateway_of(model), json.dumps(TWO).encode()

    async def ask():
        return await asyncio.gather(*(answer_of(gateway, "POST", "/ui/regions", body=body) for _ in range(n_pictures)))

    return asyncio.run(ask()), model.n_most


def test_one_picture_is_drawn_at_a_time():
    """Else a row would wait for a turn of each of the pictures, however many are asked for."""
    replies, n_most = drawn_together(5)
    assert ([reply[0] for reply in replies], n_most) == ([200] * 5, 1)


def test_only_a_few_pictures_wait_and_others_are_told_to_come_back():
    replies, _ = drawn_together(MOST_WAITING + 2)
    assert sorted(reply[0] for reply in replies) == [200] * MOST_WAITING + [429] * 2
    assert {reply[1].get(b"retry-after") for reply in replies} == {None, b"1"}
