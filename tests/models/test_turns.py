"""Many rows are answered in turns, so that small requests need not wait until all of them are done."""

import asyncio
import json

import numpy as np
import pytest

from forest_serving.engines.columns import LEAF, Column, Columns
from forest_serving.engines.forest import TURN_WORK, Forest
from forest_serving.engines.trees import Trees
from forest_serving.models import answers, table_answers
from forest_serving.models.loaded_model import LoadedModel
from forest_serving.protocols.endpoint import Reply
from tests.models.test_loaded_model import LABELS, labelled
from tests.support.in_process import answer_of, gateway_of, routes

N_TURNS = 10
ROWS = np.random.default_rng(0).uniform(0, 8, (N_TURNS * TURN_WORK - 1, 4))


@pytest.fixture
def turns():
    """Return a function that awaits something, and returns its result and how many turns others had meanwhile."""

    async def count(awaited):
        others, n_turns = asyncio.ensure_future(awaited), 0
        while not others.done():
            n_turns += 1
            await asyncio.sleep(0)
        return await others, n_turns

    return lambda awaited: asyncio.run(count(awaited))


async def reply_to(model, path, request):
    """Return an endpoint's reply, whether or not it takes turns."""
    reply = routes(model)[path]["POST"].respond({}, json.dumps(request).encode())
    return (reply if isinstance(reply, Reply) else await reply).body


def ask_probabilities(model):
    return reply_to(model, "/predict_proba", {"instances": ROWS[:1_000].tolist()})


def ask_tensors(model):
    tensor = {"name": "x", "shape": [1_000, 4], "datatype": "FP64", "data": ROWS[:1_000].tolist()}
    return reply_to(model, "/v2/models/iris/infer", {"inputs": [tensor]})


@pytest.mark.parametrize("with_probabilities", [False, True])
def test_others_have_a_turn_after_each_part_and_the_answer_is_that_to_all_rows(model, turns, with_probabilities):
    found, n_turns = turns(model.answer_in_turns(ROWS, with_probabilities))
    at_once = model.answer(ROWS, with_probabilities)
    assert (found.classes == at_once.classes).all()
    assert not with_probabilities or (found.probability_array() == at_once.probability_array()).all()
    assert n_turns >= N_TURNS


def test_turns_go_by_work_done_not_by_rows(turns):
    """A row of a forest of many trees takes as long as many rows of a table."""
    _, model = labelled(LABELS["text"], n_trees=1000)
    rows = np.random.default_rng(0).uniform(0, 8, (N_TURNS * TURN_WORK // 1000, 13))
    found, n_turns = turns(model.answer_in_turns(rows))
    assert not model.is_quick(rows)
    assert n_turns >= N_TURNS
    assert (found.classes == model.answer(rows).classes).all()


@pytest.mark.parametrize("path", ["/predict", "/predict_proba", "/invocations", "/v1/models/iris:predict"])
def test_every_path_takes_turns_for_json_once_the_limit_on_rows_is_raised(model, turns, path):
    """One function answers for all: a raised limit must not let JSON block what others ask."""
    gateway = gateway_of(model, FOREST_MAX_ROWS="200000", FOREST_MAX_BODY_BYTES="100000000")
    field = "inputs" if path == "/invocations" else "instances"
    body = json.dumps({field: np.round(ROWS[: 3 * TURN_WORK], 1).tolist()}).encode()
    (status, *_), n_turns = turns(answer_of(gateway, "POST", path, body=body))
    assert (status, n_turns > 5) == (200, True)


@pytest.mark.parametrize("path", ["/predict", "/predict_proba", "/invocations", "/v1/models/iris:predict"])
def test_small_requests_are_answered_before_a_large_one_that_came_with_them(model, path):
    """The large one takes milliseconds, each small one a fraction of one."""
    gateway, ended = gateway_of(model), []

    async def ask(name, n_rows):
        body = json.dumps({"instances": ROWS[:n_rows].tolist()}).encode()
        status, *_ = await answer_of(gateway, "POST", path, [(b"content-type", b"application/json")], body)
        ended.append((name, status))

    async def all_at_once():
        await asyncio.gather(ask("large", 5000), ask("small", 1), ask("small", 1))

    asyncio.run(all_at_once())
    assert ended == [("small", 200), ("small", 200), ("large", 200)]


@pytest.mark.parametrize("most_texts", [table_answers.MOST_VALUES, 1], ids=["put together", "written"])
@pytest.mark.parametrize("ask", [ask_probabilities, ask_tensors])
def test_long_lists_of_probabilities_are_written_in_turns_and_are_the_same(model, turns, monkeypatch, ask, most_texts):
    monkeypatch.setattr(table_answers, "MOST_VALUES", most_texts)
    at_once = turns(ask(LoadedModel(model.tag, model.card, model.engine)))[0]
    monkeypatch.setattr(answers, "_TURN_VALUES", 30)
    in_turns, n_turns = turns(ask(LoadedModel(model.tag, model.card, model.engine)))
    assert in_turns == at_once
    assert n_turns >= N_TURNS


def test_rows_of_many_columns_are_ranked_in_turns():
    """Of few trees that ask of many columns, ranking takes longer than walking."""
    n_features = 2_000
    trees = made_trees(n_features)
    assert trees.turn_rows == 20
    rows = np.zeros((100, n_features))
    assert len(list(trees.find_in_turns(rows))) >= len(rows) / trees.turn_rows


def made_trees(n_features):
    """Return a tree of one leaf that has a column for each feature."""
    columns = Columns.of([Column(feature, np.array([-np.inf, 0.0])) for feature in range(n_features)])
    one = np.zeros(1, np.uint32)
    trees = Trees.of(np.array([LEAF], np.uint16), np.zeros(1, np.uint16), one, one, one, np.ones((1, 1)), np.zeros(1))
    return Forest(n_features, columns, trees, "value", np.empty(0, np.int64))
