"""Rows of a table: each is answered, or refused, by itself."""

import asyncio
import json

import numpy as np
import pandas as pd
import pytest

from forest_serving.rows.reader import RowReader
from forest_serving.rows.rows_apart import RowsApart
from forest_serving.settings import read_settings
from tests.support import regression
from tests.support.cards import CHURN, card, categories, feature
from tests.support.churn import customers
from tests.support.in_process import Recorder, answer_of, gateway_of
from tests.support.turns import turns_s
from tests.web.models import churn, large

GOOD = [5.1, 3.5, 1.4, 0.2]


def told(gateway, instances):
    """Return what is told of each row."""
    body = json.dumps({"instances": instances}).encode()
    status, _, content = asyncio.run(answer_of(gateway, "POST", "/ui/rows", body=body))
    assert status == 200, content
    return json.loads(content)["rows"]


def faults(gateway, instances):
    """Return what is wrong with each row, or None."""
    return [row.get("error") for row in told(gateway, instances)]


@pytest.mark.parametrize("n_rows", [1, 30, 3_000])
@pytest.mark.parametrize("bad", [[], [[1, 2, 3]]], ids=["all good", "one bad"])
def test_good_rows_are_answered_as_the_forest_does(n_rows, bad):
    fitted, model = large()
    rows = np.random.default_rng(0).normal(size=(n_rows, 8))
    found = told(gateway_of(model), [*rows.tolist(), *bad])[:n_rows]
    assert [row["prediction"] for row in found] == fitted.predict(rows).tolist()
    assert [row["probabilities"] for row in found] == fitted.predict_proba(rows).tolist()


def test_a_bad_row_costs_only_itself(model):
    found = told(gateway_of(model), [GOOD, [5.1, "3.5", 1.4, 0.2], GOOD])
    assert found[1] == {"error": '"sepal_width" is a string.'}
    assert found[0] == found[2] == {"prediction": 0, "probabilities": [1.0, 0.0, 0.0]}


def test_a_regressors_rows_have_no_probabilities():
    rows = regression.ROWS[:5].tolist()
    found = told(gateway_of(regression.regressor()), [*rows, [None] * 10])
    assert found[:5] == [{"prediction": number} for number in regression.forest().predict(regression.ROWS[:5])]
    assert list(found[5]) == ["error"]


def test_rows_with_categories_and_gaps_are_answered_as_the_pipeline_does():
    fitted, model = churn()
    table = customers().drop(columns="customer")
    rows = json.loads(table.to_json(orient="values"))
    found = told(gateway_of(model), [*rows, [40, "weekly", 50, True, 3], [40, "year", None, True, 3]])
    assert [row["prediction"] for row in found[:-2]] == fitted.predict(pd.DataFrame(table)).tolist()
    assert found[-2] == told(gateway_of(model), [[40, "weekly", 50, True, 3]])[0]
    assert found[-1] == {"error": '"charge (EUR)" is missing, and this column takes no gaps; fill it in.'}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            [1, 2, "basik", 3, True],
            '"plan": "basik" is not one of the categories ("basic", "premium", "pro, yearly"); did',
        ),
        ([1, 2, "premium", 3, None], '"paperless" is missing, and this column takes no gaps; fill it in.'),
        ([-2, 2, "premium", 3, True], '"tenure" is -2, below -1, the lowest value that the model answers.'),
        ([1, 2, "premium", 3], "The row has 4; it needs 5 values."),
        (7, "The row is a number; write it as a list."),
        ({"tenure": 1}, "Columns are missing: charges, plan, region, paperless."),
        ({"tenor": 1}, 'The column "tenor" is unknown; send tenure, charges, plan, region, paperless.'),
    ],
)
def test_each_fault_is_told_without_the_place_of_the_row(row, fault):
    """Whoever sent it in parts knows its place better."""
    found = faults(gateway_of(Recorder(CHURN)), [[1, None, "basic", 99, False], row])
    assert found[0] is None
    assert found[1].startswith(fault)


def test_rows_may_be_records(model):
    record = dict(zip([f.column for f in model.card.features], GOOD, strict=True))
    assert told(gateway_of(model), [record, [1], record])[::2] == told(gateway_of(model), [GOOD, GOOD])


@pytest.mark.parametrize("kind", ["table", "forest", "regressor"])
def test_a_list_of_only_bad_rows_is_answered(kind, model, regressor):
    gateway = gateway_of({"table": model, "forest": large()[1], "regressor": regressor}[kind])
    n = len(gateway.monitor.counts.out_of_range)
    assert faults(gateway, [[], None]) == [
        f"The row has 0; it needs {n} numbers.",
        "The row is null; write it as a list.",
    ]
    assert sum(gateway.monitor.read().predictions) == 0


def test_only_the_good_rows_are_counted(model):
    gateway = gateway_of(model)
    told(gateway, [GOOD, [1], GOOD])
    assert sum(gateway.monitor.read().predictions) == 2


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b'{"instances": {"a": [1]}}', 400, '"instances" must be a list of rows, not an object.'),
        (b'{"instances": []}', 400, '"instances" is empty; send at least one row.'),
        (b'{"rows": [[1]]}', 400, 'The field "instances" is missing'),
        (b'{"instances": [[1]], "more": 1}', 400, "The field 'more' is unknown; send only"),
        (b'{"instances": [[1', 400, "The body cannot be read as JSON"),
        (b'{"instances": [[1],[2],[3],[4]]}', 413, "A request may hold 3 rows (FOREST_MAX_ROWS)"),
        (b'{"instances": [{"sepal_length": 1, "sepal_length": 1}]}', 400, 'The column "sepal_length" comes twice'),
    ],
)
def test_what_holds_no_rows_is_refused_as_a_whole(body, status, error):
    gateway = gateway_of(Recorder(card()), FOREST_MAX_ROWS="3")
    found = asyncio.run(answer_of(gateway, "POST", "/ui/rows", body=body))
    assert found[0] == status
    assert error in json.loads(found[2])["error"]


def test_only_the_first_faults_come_with_a_guess():
    """A guess among many categories that are alike takes milliseconds."""
    towns = [f"a town with a long name, number {n}" for n in range(50)]
    gateway = gateway_of(Recorder(card("towns", (categories("town", *towns), feature("size")))))
    found = faults(gateway, [[f"a town with a long name, numer {n}", 1] for n in range(200)])
    assert sum("did you mean" in fault for fault in found) == 20
    assert all("is not one of the categories" in fault for fault in found)


@pytest.mark.parametrize("row", [[1, "2", 3, 4], GOOD, {"sepal": 1}], ids=["bad", "good", "record"])
def test_others_have_their_turn_while_many_rows_are_read(row):
    """In the middle of them, a turn takes about a millisecond; on a busy machine it may take a while longer."""
    columns = RowReader(card(), read_settings({})).columns
    turns = turns_s(RowsApart(columns, "an example").read([json.dumps(row).encode()] * 10_000))
    assert len(turns) > 50
    assert sorted(turns)[len(turns) // 2] < 0.01
