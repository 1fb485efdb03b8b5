"""A large array is answered in turns, so that small requests need not wait until all of it is done."""

import asyncio
import contextlib
import json
import socket

import numpy as np
import pytest
import uvloop

from forest_serving.errors import BuffersFull
from forest_serving.http.bodies import LARGE_BYTES, Bodies
from forest_serving.models.loaded_model import TURN_ROWS
from forest_serving.protocols.endpoint import Answer
from forest_serving.settings import read_settings
from tests.support.in_process import answer_of, gateway_of

N_TURNS = 10
ROWS = np.random.default_rng(0).uniform(0, 8, (N_TURNS * TURN_ROWS - 1, 4))
ANSWER = Answer(b"text/plain", b"yes")


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


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_others_have_a_turn_after_each_part_and_the_answer_is_that_to_all_rows(model, turns, method):
    answer, n_turns = turns(getattr(model, f"{method}_array")(ROWS))
    assert (answer == getattr(model.engine, method)(ROWS)).all()
    assert n_turns >= N_TURNS


def test_a_large_array_is_observed_as_one_request(model, turns, monkeypatch):
    seen = []
    monkeypatch.setattr(model, "observe", lambda rows, labels: seen.append(len(rows)))
    turns(model.predict_array(ROWS))
    assert seen == [len(ROWS)]


def test_a_large_body_counts_as_buffered_until_it_is_answered():
    """Else clients could send faster than the server answers, and fill its memory."""
    bodies = Bodies(read_settings({"FOREST_MAX_BUFFERED_BYTES": str(1 << 20)}))
    body = b" " * (600 << 10)

    async def answer():
        await asyncio.sleep(0)
        return ANSWER

    async def both():
        return await asyncio.gather(*(bodies.hold(body, answer()) for _ in range(2)), return_exceptions=True)

    first, second = asyncio.run(both())
    assert first == ANSWER
    assert isinstance(second, BuffersFull)
    assert bodies.n_buffered_bytes == 0


def test_large_bodies_are_answered_one_after_the_other_and_small_ones_at_once():
    """A small request then waits for one turn, not for one of each of the large ones."""
    bodies, ended = Bodies(read_settings({})), []

    async def answer(name, n_turns):
        for _ in range(n_turns):
            await asyncio.sleep(0)
        ended.append(name)
        return ANSWER

    async def all_at_once():
        large, small = b" " * (LARGE_BYTES + 1), b" "
        await asyncio.gather(
            bodies.hold(large, answer("first", 5)),
            bodies.hold(large, answer("second", 1)),
            bodies.hold(small, answer("small", 1)),
        )

    asyncio.run(all_at_once())
    assert ended == ["small", "first", "second"]


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


def test_many_clients_that_connect_are_accepted_before_the_next_large_body():
    """uvloop accepts one in a turn of its loop. Were there a large body in each, the last of them would wait long."""
    bodies, accepted = Bodies(read_settings({})), []

    class Accepting(asyncio.Protocol):
        def connection_made(self, transport):
            accepted.append(transport)

    async def accepted_before_a_large_body():
        return len(accepted)

    async def serve(listening):
        server = await asyncio.get_running_loop().create_server(Accepting, sock=listening)
        n_accepted = await bodies.hold(b" " * (LARGE_BYTES + 1), accepted_before_a_large_body())
        for transport in accepted:
            transport.abort()
        server.close()
        return n_accepted

    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=32))
        for _ in range(32):
            stack.enter_context(socket.create_connection(listening.getsockname(), timeout=10))
        assert uvloop.run(serve(listening)) >= 10
